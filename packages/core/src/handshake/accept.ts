import { MuntinError } from '../errors.ts';
import { newId } from '../id.ts';
import { REFUSE } from '../link/messages.ts';
import { type Clock, pageClock } from './clock.ts';
import type { GuestEndpoint } from './endpoints.ts';
import { LoopCounter } from './loops.ts';
import { type HostEffect, type HostSignalName, type HostState, hostTable, next } from './machine.ts';
import {
  commonVersion,
  type Hello,
  type Here,
  type Introduction,
  isEqualList,
  isReady,
  type Refusal,
  type Trouble,
  type Welcome,
} from './messages.ts';
import { isSameDocument, type OriginMark } from './origin-mark.ts';
import { Proof } from './proof.ts';
import { type Offer, receive } from './reception.ts';
import { loopError, notAllowedError, strangerError, versionError } from './refusals.ts';

/** What the driver of the host's side needs to know. */
export interface AcceptOptions {
  readonly endpoint: GuestEndpoint;
  readonly introduction: Introduction;
  /** What extensions have to say first to a guest that serves so. */
  readonly notes: (serves: readonly string[]) => unknown;
  /** Why a well-formed hello does not fit; `undefined` when it does. */
  readonly judge: (hello: Hello) => Refusal | undefined;
  readonly times: HandshakeTimes;
  /** Runs one step of the table, all effects of it, when no other is running: at once, or after that one. */
  readonly step: (run: () => void) => void;
  /** @defaultValue the clock of this page */
  readonly clock?: Clock;
  /** Makes unguessable ids. @defaultValue newId */
  readonly newId?: () => string;
  /** The table to go by; tests give others. @defaultValue {@link hostTable} */
  readonly table?: typeof hostTable;
}

/** Times of the host's side, all in milliseconds. Each ends a wait; none says what has become of a document. */
interface HandshakeTimes {
  /** How long to wait for a hello, from the start and from the end of a session. */
  readonly connectMs: number;
  /** How long to wait for the ready of a guest that has said hello: it is there, and may be busy. */
  readonly busyMs: number;
}

/** What the driver tells its owner, who owns the session. */
export interface AcceptEvents {
  /** Open a session on this port; `welcome` is its first message. */
  welcome(port: MessagePort, welcome: Welcome, hello: Hello): void;
  /** The session that was welcomed is open. */
  opened(): void;
  /** Dispatch nothing until {@link AcceptEvents.release}. */
  hold(): void;
  release(): void;
  /** End the session; another may come. */
  end(cause: MuntinError): void;
  /** Connecting has failed. Without an error it timed out, and the owner knows best what was seen. */
  fail(error: MuntinError | undefined): void;
  /** Connecting had failed, and a guest comes after all. */
  revive(): void;
  /** The document of the session has shown that it is still there. */
  alive(): void;
  /** The document that had the secret is not the one that is there, or has given it away: load another, with another secret. */
  spent(): void;
  /** The time to connect is over. True: it cannot have begun, as for a frame that is not in a page yet, and is counted anew. */
  mayWait?(): boolean;
}

/** What was seen of the guest, for whoever has to say why it did not connect. */
export interface Observed {
  /** `load` events of the frame since the last start. */
  loads: number;
  /** Hellos that were welcomed, since the start or the last session. */
  hellos: number;
  /** Messages from the frame that looked like a hello and were not one. */
  malformed: number;
  /** Whether the guest's page has said, as it does in development builds, that a script threw before it called `expose`. */
  hasThrown: boolean;
}

/** Who said the hello that was welcomed last. */
interface Guest {
  readonly nonce: string;
  readonly document: string;
  readonly secret: string | undefined;
  readonly mark: OriginMark | undefined;
  /** The window that it came from. */
  readonly place: unknown;
}

/**
 * The host's side of the handshake: takes hellos from exactly one window on exactly one origin, welcomes the newest, and asks the
 * window whether the session's document is still there: after every load, and now and then while messages come on the port. It owns the
 * window listener and its timers.
 */
export class Acceptor {
  readonly #options: AcceptOptions;
  readonly #events: AcceptEvents;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #loops: LoopCounter;
  readonly #proof: Proof;
  readonly #stopListening: () => void;
  #state: HostState = 'waiting';
  #offer: Offer | undefined;
  #guest: Guest | undefined;
  #refusal: Refusal | undefined;
  #session = '';
  #stopTimer: () => void = () => undefined;
  readonly seen: Observed = { loads: 0, hellos: 0, malformed: 0, hasThrown: false };

  constructor(options: AcceptOptions, events: AcceptEvents) {
    this.#options = options;
    this.#events = events;
    this.#clock = options.clock ?? pageClock;
    this.#newId = options.newId ?? newId;
    const { endpoint } = options;
    this.#proof = new Proof(this.#clock, this.#newId, (nonce) => endpoint.post({ muntin: 'check', nonce }));
    this.#loops = new LoopCounter(this.#clock, () => endpoint.isPersonThere?.() === true);
    this.#stopListening = receive(endpoint, {
      hello: (offer) => this.#receiveHello(offer),
      here: (data, mark) => this.#receiveHere(data, mark),
      trouble: (data) => this.#receiveTrouble(data),
      stranger: (origin) => this.#meetStranger(origin),
      malformed: () => this.seen.malformed++,
    });
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
    Object.assign(this.seen, { loads: 0, hellos: 0, malformed: 0, hasThrown: false });
    this.#loops.reset();
    this.#session = '';
    this.#signal('restart', new MuntinError('PEER_RELOADED', 'The host loaded the frame anew'));
  }

  /** The host makes a new place for the guest because of what the guest did: its next document counts as the guest's doing. */
  replacesPlace(): void {
    this.#loops.replacesPlace();
  }

  /** Asks the guest for a hello: it may have stopped saying it. */
  knock(): void {
    this.#options.endpoint.post({ muntin: 'knock' });
  }

  /** Asks whether the document of the session is there; {@link AcceptEvents.alive} is the answer. */
  check(): void {
    this.#proof.ask();
  }

  /** A batch has come on the session's port. What comes is heard for as long as its document goes on showing that it is there. */
  batch(): void {
    const { endpoint } = this.#options;
    const gone = endpoint.whyGone?.(this.#guest?.place);
    if (gone !== undefined) return this.#signal('elsewhere', gone);
    if (endpoint.canNavigate && this.#state === 'open' && !this.#proof.heard()) this.#signal('stale');
  }

  /**
   * The page goes into the back/forward cache, or comes back. Meanwhile nothing is asked: an answer that comes when the page has been frozen
   * makes the browser throw it out of the cache.
   */
  freeze(isFrozen: boolean): void {
    this.#proof.freeze(isFrozen);
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

  /** The session has ended by itself. */
  ended(cause: MuntinError): void {
    this.#loops.ended();
    this.#signal(signalOf(cause), cause);
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

  /** What a guest in development says about itself. A script that threw need not be the one that calls `expose`: that is waited for. */
  #receiveTrouble({ why }: Trouble): void {
    if (why === 'threw') this.seen.hasThrown = true;
    else if (this.#state === 'waiting') this.#signal('timeout', notAllowedError(this.#options.endpoint));
  }

  #receiveHello(offer: Offer): void {
    const { data, port, mark, place } = offer;
    const secret = this.#options.endpoint.secret?.();
    if (secret !== undefined && !this.#isKnown(data, mark, secret)) {
      port.close();
      // The goodbye of the document that was welcomed may come later than the hello of the next one.
      if (data.secret === secret || hasSession(this.#state)) this.#events.spent();
      else this.#meetStranger();
      return;
    }
    this.#offer = offer;
    const isAgain = data.nonce === this.#guest?.nonce;
    if (isAgain && hasSession(this.#state)) return this.#signal('again');
    this.#refusal = this.#judge(data);
    if (this.#refusal !== undefined) {
      const isSecond =
        hasSession(this.#state) && data.document !== undefined && data.document === this.#guest?.document;
      return this.#turnAway(this.#refusal, isSecond ? 'second' : 'misfit');
    }
    // In `barred` nothing is welcomed, and so nothing counted.
    const isCounted = this.#state !== 'barred' && this.#state !== 'closed';
    if (isCounted && this.#loops.isLoop(place)) return this.#turnAway(loopError(), 'loop');
    this.#signal(isAgain ? 'again' : 'hello', new MuntinError('PEER_RELOADED', 'The guest has reloaded'));
  }

  /** Whether a document may use the secret: the first that comes with it, and where the browser shows it, nobody who was given it. */
  #isKnown({ secret: given, nonce, document = nonce }: Hello, mark: OriginMark | undefined, secret: string): boolean {
    if (given !== secret) return false;
    const guest = this.#guest;
    return guest?.secret !== secret || (document === guest.document && isSameDocument(mark, guest.mark));
  }

  #turnAway({ code, message }: Refusal, signal: HostSignalName): void {
    this.#refusal = { code, message };
    this.#signal(signal, new MuntinError(code, message));
  }

  #receiveHere({ nonce, session }: Here, mark: OriginMark | undefined): void {
    if (!this.#proof.isAsked(nonce) || session !== this.#session) return;
    // An opaque origin belongs to one document: another has been told the session's name.
    if (!isSameDocument(mark, this.#guest?.mark)) return this.#signal('elsewhere');
    this.#proof.given();
    this.#signal('here');
    this.#events.alive();
  }

  #meetStranger(origin?: string): void {
    this.#signal('stranger', strangerError(this.#options.endpoint, origin, this.#session !== ''));
  }

  #judge(hello: Hello): Refusal | undefined {
    const { introduction, judge } = this.#options;
    if (commonVersion(hello.versions, introduction.versions) !== undefined) return judge(hello);
    return versionError(hello.versions, introduction.versions);
  }

  #signal(signal: HostSignalName, cause?: MuntinError): void {
    this.#options.step(() => this.#go(signal, cause));
  }

  #go(signal: HostSignalName, cause: MuntinError | undefined): void {
    const step = next(this.#options.table ?? hostTable, this.#state, signal);
    if (step === undefined) return;
    const [state, ...effects] = step;
    const from = this.#state;
    this.#state = state;
    for (const effect of effects) this.#run(effect, cause);
    this.#setTimer(from, signal);
  }

  #run(effect: HostEffect, cause: MuntinError | undefined): void {
    switch (effect) {
      case 'welcome':
        return this.#welcome();
      case 'refuse':
        return this.#refuse();
      case 'dismiss':
        return this.#offer?.port.close();
      case 'replace':
      case 'end':
        return this.#events.end(cause ?? navigated());
      case 'opened':
        this.seen.hellos = 0;
        this.#loops.ready();
        return this.#events.opened();
      case 'check':
        this.#proof.forget();
        this.#events.hold();
        return this.check();
      case 'hold':
        return this.#events.hold();
      case 'release':
        return this.#events.release();
      case 'knock':
        return this.knock();
      case 'revive':
        return this.#events.revive();
      case 'fail':
        this.#events.fail(cause);
    }
  }

  /** The time to connect runs while there is no open session: until the hello, and longer from the hello to the ready. */
  #setTimer(from: HostState, signal: HostSignalName): void {
    if (!isConnecting(this.#state)) return this.#stopTimer();
    const isOther = !isConnecting(from) || (from === 'waiting') !== (this.#state === 'waiting');
    if (isOther || signal === 'restart') this.#expectConnection();
  }

  #expectConnection(): void {
    const { connectMs, busyMs } = this.#options.times;
    this.#stopTimer();
    this.#stopTimer = this.#clock.after(this.#state === 'waiting' ? connectMs : Math.max(connectMs, busyMs), () => {
      if (this.#state === 'waiting' && this.#events.mayWait?.() === true) this.#expectConnection();
      else this.#signal('timeout');
    });
  }

  #welcome(): void {
    if (this.#offer === undefined) return;
    const { data, port, mark, place } = this.#offer;
    const { introduction, notes } = this.#options;
    this.#guest = { nonce: data.nonce, document: data.document ?? data.nonce, secret: data.secret, mark, place };
    this.seen.hellos++;
    this.#session = this.#newId();
    this.#proof.given();
    const version = commonVersion(data.versions, introduction.versions) ?? 0;
    const codec = introduction.codecs.find((name) => data.codecs.includes(name)) ?? 'structured-clone';
    const welcome = {
      ...introduction,
      version,
      heard: data.versions,
      codec,
      session: this.#session,
      notes: notes(data.serves),
    };
    this.#events.welcome(port, welcome, data);
  }

  #refuse(): void {
    if (this.#offer === undefined) return;
    this.#offer.port.postMessage([[REFUSE, this.#refusal]]);
    this.#offer.port.close();
  }
}

function signalOf({ code }: MuntinError): HostSignalName {
  if (code === 'PEER_RELOADED') return 'left';
  return code === 'PROTOCOL_VIOLATION' || code === 'LIMIT_EXCEEDED' ? 'broken' : 'gone';
}

function navigated(): MuntinError {
  return new MuntinError('PEER_NAVIGATED', 'The document of the session is no longer in the frame');
}

function isConnecting(state: HostState): boolean {
  return state === 'waiting' || state === 'opening' || state === 'doubted';
}

function hasSession(state: HostState): boolean {
  return state === 'open' || state === 'opening' || state === 'doubted' || state === 'held';
}
