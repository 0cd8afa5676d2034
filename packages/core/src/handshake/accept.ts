import { nanoid } from 'nanoid';
import { MuntinError } from '../errors.ts';
import { type Clock, pageClock } from './clock.ts';
import { ConnectTimer, type HandshakeTimes } from './connect-timer.ts';
import { LoopCounter } from './loops.ts';
import { type HostEffect, type HostSignalName, type HostState, hostTable, next } from './machine.ts';
import type { Hello, Here, Trouble, Welcome } from './messages.ts';
import type { OriginMark } from './origin-mark.ts';
import { Proof } from './proof.ts';
import { type Offer, receive } from './reception.ts';
import { notAllowedError } from './refusals.ts';
import { type VisitorOptions, Visitors } from './visitors.ts';

/** What the driver of the host's side needs to know. */
export interface AcceptOptions extends VisitorOptions {
  readonly times: HandshakeTimes;
  /** Runs one step of the table, all effects of it, when no other is running: at once, or after that one. */
  readonly step: (run: () => void) => void;
  /** @defaultValue the clock of this page */
  readonly clock?: Clock;
  /** Makes unguessable ids. @defaultValue nanoid */
  readonly newId?: () => string;
  /** The table to go by; tests give others. @defaultValue {@link hostTable} */
  readonly table?: typeof hostTable;
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

/**
 * The host's side of the handshake: takes hellos from exactly one window on exactly one origin, welcomes the newest, and asks the
 * window whether the session's document is still there: after every load, and now and then while messages come on the port. It owns the
 * window listener and its timers.
 */
export class Acceptor {
  readonly #options: AcceptOptions;
  readonly #events: AcceptEvents;
  readonly #visitors: Visitors;
  readonly #loops: LoopCounter;
  readonly #proof: Proof;
  readonly #timer: ConnectTimer;
  readonly #stopListening: () => void;
  #state: HostState = 'waiting';
  readonly seen: Observed = { loads: 0, hellos: 0, malformed: 0, hasThrown: false };

  constructor(options: AcceptOptions, events: AcceptEvents) {
    const { endpoint, times, clock = pageClock, newId = nanoid } = options;
    this.#options = options;
    this.#events = events;
    this.#proof = new Proof(clock, newId, (nonce) => endpoint.post({ muntin: 'check', nonce }));
    this.#loops = new LoopCounter(clock, () => endpoint.isPersonThere?.() === true);
    this.#visitors = new Visitors(options, this.#loops, newId);
    this.#stopListening = receive(endpoint, {
      hello: (offer) => this.#receiveHello(offer),
      here: (data, mark) => this.#receiveHere(data, mark),
      trouble: (data) => this.#receiveTrouble(data),
      stranger: (origin) => this.#signal('stranger', this.#visitors.strangerError(origin)),
      malformed: () => this.seen.malformed++,
    });
    this.#timer = new ConnectTimer(clock, times, {
      mayWait: () => events.mayWait?.() === true,
      over: () => this.#signal('timeout'),
    });
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
    this.#visitors.forgetSession();
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
    const gone = endpoint.whyGone?.(this.#visitors.place);
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
    const isReady = this.#visitors.isReady(data);
    if (isReady) this.#signal('ready');
    return isReady;
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
    const [signal, cause] = this.#visitors.judge(offer, this.#state);
    if (signal === 'spent') this.#events.spent();
    else this.#signal(signal, cause);
  }

  #receiveHere(data: Here, mark: OriginMark | undefined): void {
    const signal = this.#proof.isAsked(data.nonce) ? this.#visitors.recognise(data, mark) : undefined;
    if (signal === undefined) return;
    if (signal === 'here') this.#proof.given();
    this.#signal(signal);
    if (signal === 'here') this.#events.alive();
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
    this.#timer.moved(from, state, signal);
  }

  #run(effect: HostEffect, cause: MuntinError | undefined): void {
    switch (effect) {
      case 'welcome':
        return this.#welcome();
      case 'refuse':
        return this.#visitors.refuse();
      case 'dismiss':
        return this.#visitors.dismiss();
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

  #welcome(): void {
    const welcomed = this.#visitors.welcome();
    if (welcomed === undefined) return;
    this.seen.hellos++;
    this.#proof.given();
    this.#events.welcome(welcomed.port, welcomed.welcome, welcomed.hello);
  }
}

function signalOf({ code }: MuntinError): HostSignalName {
  if (code === 'PEER_RELOADED') return 'left';
  return code === 'PROTOCOL_VIOLATION' || code === 'LIMIT_EXCEEDED' ? 'broken' : 'gone';
}

function navigated(): MuntinError {
  return new MuntinError('PEER_NAVIGATED', 'The document of the session is no longer in the frame');
}
