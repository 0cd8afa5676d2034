import { nanoid } from 'nanoid';
import { MuntinError, show } from '../errors.ts';
import { REFUSE } from '../link/messages.ts';
import type { Gate } from './gate.ts';
import { type HostSignalName, type HostState, hostTable, next } from './machine.ts';
import {
  commonVersion,
  type Hello,
  type HostSignal,
  type Introduction,
  isEqualList,
  isHello,
  isHere,
  isReady,
  type Refusal,
  type Welcome,
} from './messages.ts';

/** What the driver of the host's side needs to know. */
export interface AcceptOptions {
  readonly gate: Gate;
  readonly introduction: Introduction;
  readonly context: () => unknown;
  /** Why a well-formed hello does not fit; `undefined` when it does. */
  readonly judge: (hello: Hello) => Refusal | undefined;
  readonly times: HandshakeTimes;
}

/** Times of the host's side, all in milliseconds. */
interface HandshakeTimes {
  /** From the start to an open session, and from the end of one session to the next. */
  readonly connectMs: number;
  /** From a welcome to its ready. */
  readonly readyMs: number;
  /** From a check to its answer. */
  readonly checkMs: number;
}

/** What the driver tells its owner, who owns the session. */
export interface AcceptEvents {
  /** Open a session on this port; `welcome` is its first message. */
  welcome(port: MessagePort, welcome: Welcome, hello: Hello): void;
  /** The session that was welcomed is open. `isHeld`: nothing is to be dispatched until {@link AcceptEvents.release}. */
  opened(): void;
  hold(): void;
  release(): void;
  /** End the session. `neverRan`: its peer has dropped it without reading it. */
  end(cause: MuntinError, neverRan: boolean): void;
  /** Connecting has failed. Without an error it timed out, and the owner knows best what was seen. */
  fail(error: MuntinError | undefined): void;
  /** The document of the session has shown that it is still there. */
  alive(): void;
  /** The document that had the secret is not the one that is there, or has given it away: load another, with another secret. */
  spent(): void;
}

/** What was seen of the guest, for whoever has to say why it did not connect. */
export interface Seen {
  /** `load` events of the frame since the last start. */
  loads: number;
  /** Hellos that were welcomed, since the start or the last session. */
  hellos: number;
  /** Messages from the frame that looked like a hello and were not one. */
  malformed: number;
}

// A document that says hello more often than this in ten seconds is a reload loop.
const maxDocuments = 5;
const documentsWithinMs = 10_000;

/**
 * The host's side of the handshake: takes hellos from exactly one window on exactly one origin, welcomes the newest, and asks the
 * window after every load whether the session's document is still there. It owns the window listener and its timers.
 */
export class Acceptor {
  readonly #options: AcceptOptions;
  readonly #events: AcceptEvents;
  readonly #stopListening: () => void;
  #state: HostState = 'waiting';
  #hello: { readonly data: Hello; readonly port: MessagePort } | undefined;
  #refusal: Refusal | undefined;
  #nonce = '';
  #spent: string | undefined;
  #session = '';
  #asked = '';
  #documents: number[] = [];
  #connectTimer: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  readonly seen: Seen = { loads: 0, hellos: 0, malformed: 0 };

  constructor(options: AcceptOptions, events: AcceptEvents) {
    this.#options = options;
    this.#events = events;
    this.#stopListening = options.gate.listen((event) => this.#receive(event));
    this.#expectConnection();
  }

  get state(): HostState {
    return this.#state;
  }

  /** The frame has loaded a document; perhaps another one. */
  loaded(): void {
    this.seen.loads++;
    this.#signal('load');
  }

  /** The host loads the frame anew. */
  restart(): void {
    Object.assign(this.seen, { loads: 0, hellos: 0, malformed: 0 });
    this.#documents = [];
    this.#session = '';
    this.#signal('restart', new MuntinError('PEER_RELOADED', 'The host loaded the frame anew'));
  }

  /** Asks the guest for a hello: it may have stopped saying it. */
  knock(): void {
    this.#post({ muntin: 'knock' });
  }

  /** Asks whether the document of the session is there; {@link AcceptEvents.alive} is the answer. */
  check(): void {
    if (this.#asked === '') this.#asked = nanoid();
    this.#post({ muntin: 'check', nonce: this.#asked });
  }

  /** The page was frozen: what is awaited gets its whole time again. */
  thaw(): void {
    const { readyMs, checkMs } = this.#options.times;
    if (isConnecting(this.#state)) this.#expectConnection();
    if (isAsking(this.#state)) this.#expectAnswer(this.#state === 'held' ? checkMs : readyMs);
  }

  /** Judges the ready that came on the session's port. False when it does not belong to the welcome. */
  ready(data: unknown): boolean {
    if (
      !isReady(data) ||
      data.session !== this.#session ||
      !isEqualList(data.heard, this.#options.introduction.versions)
    )
      return false;
    this.#signal('ready');
    return true;
  }

  /** The session has ended by itself. `left`: the page of the peer goes away, and another may come. */
  ended(cause: MuntinError): void {
    this.#signal(cause.code === 'PEER_RELOADED' ? 'left' : 'broken', cause);
  }

  /** There is evidence that the guest will not connect. */
  giveUp(error: MuntinError): void {
    this.#signal('timeout', error);
  }

  /** Stops for good and removes the listener. */
  close(cause: MuntinError): void {
    this.#signal('close', cause);
    this.#stopListening();
  }

  #receive(event: MessageEvent): void {
    // Synthetic events carry any field that a script of this page likes.
    const sender = event.isTrusted ? this.#options.gate.recognise(event) : undefined;
    if (sender === undefined) return;
    const data: unknown = event.data;
    if (sender === 'stranger') {
      closeAll(event.ports);
      if (looksLikeHello(data)) this.#meetStranger(`A document of ${show(event.origin)}`);
      return;
    }
    const [port] = event.ports;
    if (isHello(data) && port !== undefined && event.ports.length === 1) return this.#receiveHello(data, port);
    closeAll(event.ports);
    if (isHere(data)) this.#receiveHere(data.nonce, data.session);
    else if (looksLikeHello(data)) this.seen.malformed++;
  }

  #receiveHello(data: Hello, port: MessagePort): void {
    const secret = this.#options.gate.secret?.();
    if (secret !== undefined && (data.secret !== secret || (secret === this.#spent && data.nonce !== this.#nonce))) {
      port.close();
      // The goodbye of the document that was welcomed may come later than the hello of the next one.
      if (data.secret === secret || hasSession(this.#state)) this.#events.spent();
      else this.#meetStranger('A document that was not given the secret of this mount');
      return;
    }
    this.#hello = { data, port };
    if (data.nonce === this.#nonce) return this.#signal('again');
    this.#refusal = this.#judge(data);
    if (this.#refusal !== undefined)
      return this.#signal('misfit', new MuntinError(this.#refusal.code, this.#refusal.message));
    const now = performance.now();
    this.#documents = [...this.#documents.filter((at) => at > now - documentsWithinMs), now];
    if (this.#documents.length <= maxDocuments)
      return this.#signal('hello', new MuntinError('PEER_RELOADED', 'The guest has reloaded'));
    const message = `The guest has reloaded ${maxDocuments} times within ${documentsWithinMs / 1000} s; reload() the mount to try again`;
    this.#refusal = { code: 'RELOAD_LOOP', message };
    this.#signal('loop', new MuntinError('RELOAD_LOOP', message));
  }

  #receiveHere(nonce: string, session: string): void {
    if (this.#asked === '' || nonce !== this.#asked || session !== this.#session) return;
    this.#asked = '';
    this.#signal('here');
    this.#events.alive();
  }

  #meetStranger(who: string): void {
    const text = `${who} says hello in the place of the guest of ${show(this.#options.gate.origin)}`;
    const error =
      this.#session !== ''
        ? new MuntinError('PEER_NAVIGATED', `${text}: it has navigated away`)
        : new MuntinError('GUEST_ORIGIN_MISMATCH', `${text}: give the url that it is redirected to, if that is meant`);
    this.#signal('stranger', error);
  }

  #judge(hello: Hello): Refusal | undefined {
    const { introduction, judge } = this.#options;
    if (commonVersion(hello.versions, introduction.versions) !== undefined) return judge(hello);
    const message = `The guest speaks the protocol versions ${hello.versions.join(', ')}, the host ${introduction.versions.join(', ')}; update the older side`;
    return { code: 'VERSION_MISMATCH', message };
  }

  #signal(signal: HostSignalName, cause?: MuntinError): void {
    const step = next(hostTable, this.#state, signal);
    if (step === undefined) return;
    const [state, ...effects] = step;
    const from = this.#state;
    this.#state = state;
    for (const effect of effects) {
      switch (effect) {
        case 'welcome':
          this.#welcome();
          this.#expectAnswer(this.#options.times.readyMs);
          break;
        case 'refuse':
          this.#refuse();
          break;
        case 'dismiss':
          this.#hello?.port.close();
          break;
        case 'replace':
        case 'end':
          this.#events.end(
            cause ?? new MuntinError('PEER_NAVIGATED', 'The document of the session is no longer in the frame'),
            false,
          );
          break;
        case 'retract':
          this.#events.end(new MuntinError('PEER_RELOADED', 'The guest said hello again'), true);
          break;
        case 'opened':
          this.seen.hellos = 0;
          this.#events.opened();
          break;
        case 'check':
          this.#asked = '';
          this.#events.hold();
          this.check();
          this.#expectAnswer(this.#options.times.checkMs);
          break;
        case 'release':
          this.#events.release();
          break;
        case 'fail':
          this.#events.fail(cause);
      }
    }
    this.#setTimers(from, signal);
  }

  /** The time to connect runs while there is no open session; the time to answer from the question until the state asks for none. */
  #setTimers(from: HostState, signal: HostSignalName): void {
    if (!isConnecting(this.#state)) clearTimeout(this.#connectTimer);
    else if (!isConnecting(from) || signal === 'restart') this.#expectConnection();
    if (!isAsking(this.#state)) clearTimeout(this.#answerTimer);
  }

  #expectAnswer(ms: number): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => this.#signal('silent'), ms);
  }

  #expectConnection(): void {
    clearTimeout(this.#connectTimer);
    this.#connectTimer = setTimeout(() => this.#signal('timeout'), this.#options.times.connectMs);
  }

  #welcome(): void {
    if (this.#hello === undefined) return;
    const { data, port } = this.#hello;
    const { introduction, context } = this.#options;
    this.#nonce = data.nonce;
    this.#spent = data.secret;
    this.seen.hellos++;
    this.#session = nanoid();
    this.#asked = '';
    const version = commonVersion(data.versions, introduction.versions) ?? 0;
    const codec = introduction.codecs.find((name) => data.codecs.includes(name)) ?? 'structured-clone';
    const welcome = {
      ...introduction,
      version,
      heard: data.versions,
      codec,
      session: this.#session,
      context: context(),
    };
    this.#events.welcome(port, welcome, data);
  }

  #refuse(): void {
    if (this.#hello === undefined) return;
    this.#hello.port.postMessage([[REFUSE, this.#refusal]]);
    this.#hello.port.close();
  }

  #post(signal: HostSignal): void {
    this.#options.gate.post(signal);
  }
}

function isConnecting(state: HostState): boolean {
  return state === 'waiting' || state === 'opening' || state === 'doubted';
}

function isAsking(state: HostState): boolean {
  return state === 'opening' || state === 'doubted' || state === 'held';
}

function hasSession(state: HostState): boolean {
  return state === 'open' || isAsking(state);
}

function looksLikeHello(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'muntin' in data && data.muntin === 'hello';
}

function closeAll(ports: readonly MessagePort[]): void {
  for (const port of ports) port.close();
}
