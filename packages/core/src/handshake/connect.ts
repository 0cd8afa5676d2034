import { inspect, MuntinError } from '../errors.ts';
import { newId } from '../id.ts';
import { GOODBYE, REFUSE, WELCOME } from '../link/messages.ts';
import { type Clock, pageClock } from './clock.ts';
import type { HostEndpoint } from './endpoints.ts';
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
export interface ConnectorOptions {
  readonly embedder: HostEndpoint;
  readonly introduction: Introduction;
  /** How long to say hello, in milliseconds. */
  readonly timeoutMs: number;
  /** @defaultValue the clock of this page */
  readonly clock?: Clock;
  /** Makes unguessable ids. @defaultValue {@link newId} */
  readonly newId?: () => string;
  /** Makes what a hello offers one end of. @defaultValue a MessageChannel */
  readonly newChannel?: () => Pick<MessageChannel, 'port1' | 'port2'>;
  /** The table to go by; tests give others. @defaultValue {@link guestTable} */
  readonly table?: typeof guestTable;
}

/** What the driver tells its owner, who owns the session. */
export interface ConnectorEvents {
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
// Ports that wait for an answer, per host: a host that was busy for longer than all of them took is asked by the newest.
const maxPorts = 32;

// What a host reads on a port on which it will not be heard: this document is still there, and asks again.
const later = 'later';

/**
 * The guest's side of the handshake: says hello, each time with a fresh port, to exact origins only, until it is welcomed. A port that
 * is posted to another origin than the one given is consumed and delivered to nobody. The ports of earlier hellos stay until then: the
 * answer to one of them may be on its way. It owns its listener and its timers.
 */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #events: ConnectorEvents;
  readonly #clock: Clock;
  readonly #nonce: string;
  // The oldest first.
  readonly #ports = new Map<MessagePort, string>();
  #state: GuestState = 'calling';
  #host = '';
  #session = '';
  #pauseMs = firstPauseMs;
  #lastHello = -Infinity;
  #stopListening: () => void = () => undefined;
  #stopHello: () => void = () => undefined;
  #stopGiveUp: () => void = () => undefined;

  constructor(options: ConnectorOptions, events: ConnectorEvents) {
    this.#options = options;
    this.#events = events;
    this.#clock = options.clock ?? pageClock;
    this.#nonce = (options.newId ?? newId)();
    this.#begin();
  }

  get state(): GuestState {
    return this.#state;
  }

  /** The session has ended by itself. */
  ended(cause: MuntinError): void {
    this.#signal('ended', cause);
    // The host took this document for gone because it was busy. Who reads that is still here: as good as a knock.
    if (cause.code === 'PEER_NAVIGATED' || cause.code === 'PEER_UNRESPONSIVE') this.#signal('knock');
  }

  /** `document.open` takes all listeners of a window away. */
  listenAgain(): void {
    if (this.#state === 'closed') return;
    this.#stopListening();
    this.#stopListening = this.#options.embedder.listen((event) => this.#receive(event));
  }

  /** This page goes away while it says hello: a host that has welcomed it need not wait. */
  leave(): void {
    if (this.#state === 'calling') this.#abandon('pagehide');
  }

  /** Stops for good and removes the listener. */
  close(cause: MuntinError): void {
    this.#signal('close', cause);
    this.#stopListening();
  }

  #begin(): void {
    const { timeoutMs, embedder } = this.#options;
    this.#pauseMs = firstPauseMs;
    this.listenAgain();
    if (timeoutMs !== Infinity) {
      const text = `No host has welcomed this guest within ${timeoutMs} ms; it said hello to ${embedder.hosts.map(inspect).join(', ')}`;
      this.#stopGiveUp = this.#clock.after(timeoutMs, () =>
        this.#signal('timeout', new MuntinError('HANDSHAKE_TIMED_OUT', text)),
      );
    }
    this.#sayHello();
  }

  #sayHello(): void {
    this.#stopHello();
    this.#lastHello = this.#clock.now();
    const { embedder, introduction } = this.#options;
    const { secret, document } = embedder;
    const hello: Hello = { muntin: 'hello', ...introduction, nonce: this.#nonce, document, ...(secret && { secret }) };
    for (const host of embedder.hosts) {
      const { port1, port2 } = this.#options.newChannel?.() ?? new MessageChannel();
      this.#ports.set(port1, host);
      port1.onmessage = (event) => this.#receiveAnswer(host, port1, event);
      embedder.post(hello, host, [port2]);
    }
    for (const port of this.#ports.keys()) {
      if (this.#ports.size <= maxPorts * embedder.hosts.length) break;
      this.#giveUpPort(port, later);
    }
    this.#stopHello = this.#clock.after(this.#pauseMs, () => this.#sayHello());
    this.#pauseMs = Math.min(maxPauseMs, this.#pauseMs * pauseGrowth);
  }

  #receiveAnswer(host: string, port: MessagePort, { data: batch, ports }: MessageEvent<unknown>): void {
    if (!this.#ports.has(port)) return;
    // A welcome brings no ports, and what comes with it is not asked for any.
    if (ports.length > 0) {
      for (const given of ports) given.close();
      return this.#giveUpPort(port, later);
    }
    const [first, ...rest]: readonly unknown[] = Array.isArray(batch) ? batch : [];
    const [kind, body]: readonly unknown[] = Array.isArray(first) ? first : [];
    if (kind === REFUSE && isRefusal(body)) return this.#refused(body);
    if (kind !== WELCOME || !isWelcome(body) || !this.#isOurs(body)) return this.#giveUpPort(port, later);
    this.#ports.delete(port); // it is the session's now
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

  #refused({ code, message }: Refusal): void {
    this.#signal('refuse', new MuntinError(code, `The host refuses this guest: ${message}`));
  }

  #receive(event: MessageEvent): void {
    const { embedder } = this.#options;
    const host = event.isTrusted ? embedder.hostOf(event) : undefined;
    if (host === undefined || !isHostSignal(event.data)) return;
    if (event.data.muntin === 'knock') {
      // While we call, a knock that comes soon after a hello asks for nothing new. After that, a dropped one would be the last.
      if (this.#state === 'failed' || this.#clock.now() - this.#lastHello >= firstPauseMs) this.#signal('knock');
    } else if (this.#state === 'open' && host === this.#host) {
      embedder.post({ muntin: 'here', nonce: event.data.nonce, session: this.#session }, host, []);
    }
  }

  #signal(signal: GuestSignalName, cause?: MuntinError, open?: () => void): void {
    const step = next(this.#options.table ?? guestTable, this.#state, signal);
    if (step === undefined) return;
    const [state, ...effects] = step;
    this.#state = state;
    for (const effect of effects) {
      switch (effect) {
        case 'hello':
          this.#events.begin();
          this.#begin();
          break;
        case 'again':
          this.#sayHello();
          break;
        case 'quiet':
          this.#quiet(signal === 'close' ? 'closed' : later);
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
  #quiet(reason: string): void {
    this.#stopHello();
    this.#stopGiveUp();
    this.#abandon(reason);
  }

  #abandon(reason: string): void {
    for (const port of this.#ports.keys()) this.#giveUpPort(port, reason);
  }

  /** Says goodbye on a port: a host that takes it later, or has taken it, knows at once that nobody is there. */
  #giveUpPort(port: MessagePort, reason: string): void {
    this.#ports.delete(port);
    port.onmessage = null; // Firefox still delivers what was queued for a port before it was closed
    port.postMessage([[GOODBYE, reason]]);
    port.close();
  }
}
