import { nanoid } from 'nanoid';
import { MuntinError, show } from '../errors.ts';
import { REFUSE, WELCOME } from '../link/messages.ts';
import type { Embedder } from './gate.ts';
import { type GuestSignalName, type GuestState, guestTable, next } from './machine.ts';
import {
  commonVersion,
  type Hello,
  type Introduction,
  isEqualList,
  isHostSignal,
  isRefusal,
  isWelcome,
  type Refusal,
  type Welcome,
} from './messages.ts';

/** What the driver of the guest's side needs to know. */
export interface OfferOptions {
  readonly embedder: Embedder;
  readonly introduction: Introduction;
  /** How long to say hello, in milliseconds. */
  readonly timeoutMs: number;
}

/** What the driver tells its owner, who owns the session. */
export interface OfferEvents {
  /** A host has knocked after connecting had failed: it begins again. */
  begin(): void;
  /** Open a session on this port with this host. `rest` is what came in the same batch as the welcome. */
  open(port: MessagePort, welcome: Welcome, host: string, rest: readonly unknown[]): void;
  fail(error: MuntinError): void;
  /** End the session, telling the peer. */
  end(cause: MuntinError): void;
}

// Pauses between hellos: at once, then growing, so that it does not matter who loads first and nobody is flooded.
const firstPauseMs = 250;
const pauseGrowth = 1.5;
const maxPauseMs = 2000;

/**
 * The guest's side of the handshake: says hello, each time with a fresh port, to exact origins only, until it is welcomed. A port that
 * is posted to another origin than the one given is consumed and delivered to nobody. It owns the window listener and its timers.
 */
export class Offerer {
  readonly #options: OfferOptions;
  readonly #events: OfferEvents;
  readonly #onMessage: (event: MessageEvent) => void;
  readonly #nonce: string = nanoid();
  readonly #ports = new Map<string, MessagePort>();
  #state: GuestState = 'calling';
  #host = '';
  #session = '';
  #pauseMs = firstPauseMs;
  #lastHello = -Infinity;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #giveUpTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OfferOptions, events: OfferEvents) {
    this.#options = options;
    this.#events = events;
    this.#onMessage = (event) => this.#receive(event);
    this.#begin();
  }

  /** The session has ended by itself. */
  ended(cause: MuntinError): void {
    this.#signal('ended', cause);
    // The host took this document for gone because it was busy. Who reads that is still here: as good as a knock.
    if (cause.code === 'PEER_NAVIGATED') this.#signal('knock');
  }

  /** Stops for good and removes the listener. */
  close(cause: MuntinError): void {
    this.#signal('close', cause);
    removeEventListener('message', this.#onMessage);
  }

  #begin(): void {
    const { timeoutMs, embedder } = this.#options;
    this.#pauseMs = firstPauseMs;
    addEventListener('message', this.#onMessage); // again after `document.open`, which takes all listeners away
    if (timeoutMs !== Infinity) {
      const text = `No host has welcomed this guest within ${timeoutMs} ms; it said hello to ${embedder.hosts.map(show).join(', ')}`;
      this.#giveUpTimer = setTimeout(
        () => this.#signal('timeout', new MuntinError('HANDSHAKE_TIMED_OUT', text)),
        timeoutMs,
      );
    }
    this.#sayHello();
  }

  #sayHello(): void {
    clearTimeout(this.#helloTimer);
    this.#lastHello = performance.now();
    const { embedder, introduction } = this.#options;
    const { secret } = embedder;
    const hello: Hello = { muntin: 'hello', ...introduction, nonce: this.#nonce, ...(secret && { secret }) };
    for (const host of embedder.hosts) {
      const { port1, port2 } = new MessageChannel();
      closePort(this.#ports.get(host)); // the host takes the newest; what it sent to an older one is not read
      this.#ports.set(host, port1);
      port1.onmessage = (event) => this.#receiveAnswer(host, port1, event);
      embedder.post(hello, host, [port2]);
    }
    this.#helloTimer = setTimeout(() => this.#sayHello(), this.#pauseMs);
    this.#pauseMs = Math.min(maxPauseMs, this.#pauseMs * pauseGrowth);
  }

  #receiveAnswer(host: string, port: MessagePort, { data: batch, ports }: MessageEvent<unknown>): void {
    if (this.#ports.get(host) !== port) return;
    // A welcome brings no ports, and what comes with it is not asked for any.
    if (ports.length > 0) {
      for (const given of ports) given.close();
      return this.#wrong(host, port);
    }
    const [first, ...rest]: readonly unknown[] = Array.isArray(batch) ? batch : [];
    const [kind, body]: readonly unknown[] = Array.isArray(first) ? first : [];
    if (kind === REFUSE && isRefusal(body)) return this.#refused(body);
    if (kind !== WELCOME || !isWelcome(body) || !this.#isOurs(body)) return this.#wrong(host, port);
    this.#ports.delete(host); // it is the session's now
    this.#host = host;
    this.#session = body.session;
    this.#signal('welcome', undefined, () => this.#events.open(port, body, host, rest));
  }

  /** A welcome that answers what this guest said: stripping a version or choosing one that was not offered is noticed. */
  #isOurs({ heard, version, versions, codec }: Welcome): boolean {
    const own = this.#options.introduction;
    return (
      isEqualList(heard, own.versions) &&
      version === commonVersion(own.versions, versions) &&
      own.codecs.includes(codec)
    );
  }

  #wrong(host: string, port: MessagePort): void {
    this.#ports.delete(host);
    closePort(port);
  }

  #refused({ code, message }: Refusal): void {
    this.#signal('refuse', new MuntinError(code, `The host refuses this guest: ${message}`));
  }

  #receive(event: MessageEvent): void {
    const { embedder } = this.#options;
    const host = event.isTrusted ? embedder.hostOf(event) : undefined;
    if (host === undefined || !isHostSignal(event.data)) return;
    if (event.data.muntin === 'knock') {
      // While we call, a knock that comes soon after a hello asks for nothing new. After that, a dropped one would be the last.
      if (this.#state === 'failed' || performance.now() - this.#lastHello >= firstPauseMs) this.#signal('knock');
    } else if (this.#state === 'open' && host === this.#host) {
      embedder.post({ muntin: 'here', nonce: event.data.nonce, session: this.#session }, host, []);
    }
  }

  #signal(signal: GuestSignalName, cause?: MuntinError, open?: () => void): void {
    const step = next(guestTable, this.#state, signal);
    if (step === undefined) return;
    const [state, ...effects] = step;
    this.#state = state;
    for (const effect of effects) {
      switch (effect) {
        case 'hello':
          this.#events.begin();
          this.#begin();
          break;
        case 'quiet':
          this.#quiet();
          break;
        case 'open':
          open?.();
          break;
        case 'fail':
          if (cause !== undefined) this.#events.fail(cause);
          break;
        case 'end':
          if (cause !== undefined) this.#events.end(cause);
      }
    }
  }

  /** Says no more hello; answers to earlier ones are not read. */
  #quiet(): void {
    clearTimeout(this.#helloTimer);
    clearTimeout(this.#giveUpTimer);
    for (const port of this.#ports.values()) closePort(port);
    this.#ports.clear();
  }
}

/** Firefox still delivers what was queued for a port before it was closed. */
function closePort(port: MessagePort | undefined): void {
  if (port === undefined) return;
  port.onmessage = null;
  port.close();
}
