import type {
  AsyncDisposableIfKnown,
  CallOptions,
  Client,
  Codec,
  ContextOf,
  Contract,
  Limits,
  Live,
  Origin,
  Procedures,
} from '@muntin/core';
import { MuntinError } from '@muntin/core';
import {
  Acceptor,
  Admission,
  asyncDispose,
  Caller,
  compareContracts,
  createClient,
  type Gate,
  type Hello,
  invalidOption,
  type LaneHolder,
  Lanes,
  Latest,
  listProcedures,
  notCloneable,
  onThaw,
  pairHandlers,
  ping,
  protocolVersions,
  readLimits,
  type Seen,
  type Served,
  Session,
  show,
  structuredCloneName,
  survival,
  WELCOME,
  type Welcome,
  wrongWord,
} from '@muntin/core/internal';
import { Heartbeat } from './heartbeat.ts';
import { lifecycle, type MountSignal, type MountState } from './lifecycle.ts';

export type AnyContract = Contract<Procedures, Procedures, unknown>;

/** Options that guests of every shape have. */
export interface CommonOptions {
  /** Ceilings for this guest. @defaultValue see {@link Limits} */
  readonly limits?: Partial<Limits>;
  /** Encodes values, where the guest has the same one; see `@muntin/core/superjson`. @defaultValue structured clone alone */
  readonly codec?: Codec;
  /** How long connecting may take, first and after every reload, in milliseconds. @defaultValue 10_000 */
  readonly handshakeTimeoutMs?: number;
  /** Within which time a guest that does not react counts as unresponsive, while something is pending, in milliseconds. @defaultValue 5_000 */
  readonly unresponsiveMs?: number;
  /**
   * What to do when the guest has been unresponsive for `giveUpMs`: wait on, fail the mount with `PEER_UNRESPONSIVE`, or reload the
   * frame so many times (each time waiting twice as long) and then fail. @defaultValue 'wait'
   */
  readonly onUnresponsive?: 'wait' | 'fail' | { readonly reload: number };
  /** How long a guest may be unresponsive before `onUnresponsive` acts, in milliseconds. @defaultValue 30_000 */
  readonly giveUpMs?: number;
  /** Accepts a guest over plain `http:` that is not on loopback. Anyone on the network can then be that guest. @defaultValue false */
  readonly allowInsecure?: boolean;
  /** Told what a handler of this side threw that its contract does not declare; the guest gets the message only. */
  readonly onHandlerError?: (error: unknown, procedure: string) => void;
}

/** One mounted guest, whatever its shape. It is usable at once: calls wait until the guest has connected, within their timeouts. */
export interface Mounted<C extends AnyContract> extends AsyncDisposableIfKnown, LaneHolder {
  /** The procedures of the guest. */
  readonly guest: Client<C['guest']>;
  /** Fulfilled when the guest is connected; rejected when the mount fails or is unmounted first. After a reload it is a new promise. */
  readonly ready: Promise<void>;
  /** Where the mount is. */
  readonly state: MountState;
  /** The present state at once, then every change; completes when unmounted. */
  readonly state$: Live<MountState>;
  /** The pinned origin; `null` as text for an opaque guest, whose origin pins nothing. */
  readonly origin: Origin | 'null';
  /** How values cross in the latest session: the name of `codec`, or `structured-clone` where the guest does not have that. */
  readonly codec: string | undefined;
  /** Messages and batches to and from this guest since it was mounted. */
  readonly stats: MountStats;
  /** Changes some values of the context; the guest gets them with its next batch. Throws `VALUE_NOT_CLONEABLE`. */
  setContext(change: Partial<ContextOf<C>>): void;
  /** How long a message to the guest and back takes, in milliseconds. Rejects as calls do. */
  ping(options?: CallOptions): Promise<number>;
  /** Loads the guest anew. Also brings a failed mount back. */
  reload(): void;
  /** Ends everything of this mount and takes the guest away: its frame, its window or its worker. Does nothing the second time. */
  unmount(): Promise<void>;
}

/** Counts since the mount was made. A message is a call, an answer, a group of stream values …; a batch is one `postMessage`. */
export interface MountStats {
  readonly sent: number;
  readonly received: number;
  readonly batchesSent: number;
  readonly batchesReceived: number;
}

/** Defined below: not every browser has `Symbol.asyncDispose`, nor every compiler. */
export interface GuestMount<C extends AnyContract> extends AsyncDisposableIfKnown, Mounted<C> {}

/** What a mount is, whatever the shape of its guest. What differs between frames, popups and workers is in its subclasses. */
export abstract class GuestMount<C extends AnyContract> implements Mounted<C> {
  readonly guest: Client<C['guest']>;
  readonly origin: Origin | 'null';
  readonly #contract: C;
  readonly #options: CommonOptions;
  readonly #limits: Limits;
  readonly #served: readonly Served[];
  readonly #caller: Caller;
  readonly #lanes: Lanes;
  readonly #admission: Admission;
  readonly #heartbeat: Heartbeat;
  readonly #state = new Latest<MountState>({ name: 'idle' });
  readonly #past = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };
  #ready = new Deferred();
  #giveUpTimer: ReturnType<typeof setTimeout> | undefined;
  #reloads = 0;
  // Whether the guest has been there since the host last loaded it.
  #wasReady = false;
  #stopThaw: () => void = () => undefined;
  #context: unknown;
  #codec: string | undefined;
  #acceptor: Acceptor | undefined;
  #session: Session | undefined;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
    origin: Origin | 'null',
  ) {
    const { unresponsiveMs = 5000, handshakeTimeoutMs = 10_000, giveUpMs = 30_000, onUnresponsive = 'wait' } = options;
    const reloads = typeof onUnresponsive === 'object' && onUnresponsive !== null ? onUnresponsive.reload : undefined;
    if (
      onUnresponsive !== 'wait' &&
      onUnresponsive !== 'fail' &&
      !(Number.isSafeInteger(reloads) && Number(reloads) > 0)
    )
      throw wrongWord('onUnresponsive', onUnresponsive, ['wait', 'fail'], ' or { reload: 1 }');
    for (const [name, ms] of Object.entries({ unresponsiveMs, handshakeTimeoutMs, giveUpMs }))
      if (!(ms >= 1 && ms < 2 ** 31))
        throw invalidOption(`${name} is ${show(ms)}: give milliseconds from 1 to 2147483647`);
    this.#contract = contract;
    this.#options = options;
    this.origin = origin;
    this.#limits = readLimits(options.limits);
    this.#served = pairHandlers(contract.host, options.handlers);
    this.#context = snapshot(options.context);
    this.#caller = new Caller('host', this.#limits);
    this.#lanes = new Lanes('host', this.#limits);
    this.#admission = new Admission(this.#limits);
    this.guest = createClient<C['guest']>(contract.guest, this.#caller);
    this.#heartbeat = new Heartbeat({
      unresponsiveMs,
      isPending: () => this.isWatched(this.#caller.isPending),
      ask: () => {
        this.checkPlace();
        this.#acceptor?.check();
      },
      onSilent: () => this.#silent(),
      onAlive: () => {
        clearTimeout(this.#giveUpTimer);
        this.#reloads = 0;
        this.#session?.release();
        this.#move('alive');
      },
    });
    this.#caller.onPending = () => this.#heartbeat.start();
  }

  /** Puts the guest in place, and starts to listen: nothing can come before this turn of the event loop is over. */
  begin(): void {
    this.place();
    this.#stopThaw = onThaw(window, (ms) => {
      this.#caller.extend(ms);
      this.#acceptor?.thaw();
    });
    this.#acceptor = this.#accept();
    this.#move('load');
    this.load();
  }

  /** How the guest is heard and reached. Asked for once. */
  protected abstract gate(): Gate;
  /** Puts the guest in place, or loads it anew, unless {@link place} just has. */
  protected abstract load(): void;
  /** Takes the guest away and stops to watch. */
  protected abstract stop(): void;
  /** Why the guest did not connect in time. */
  protected abstract diagnose(seen: Seen, timeoutMs: number, wasReady: boolean): MuntinError;
  /** Gives up where the guest has no place any more. */
  protected abstract checkPlace(): void;

  /** The very first thing, where the browser can begin with the guest while all else is made. It may not fail. */
  protected place(): void {}

  /** The guest's page goes away, and another may come. */
  protected left(): void {}

  /** The session is open. */
  protected opened(): void {}

  /** The guest leaves signs of life unanswered. */
  protected fellSilent(): void {}

  /** Whether signs of life are asked for, given whether something is pending. */
  protected isWatched(isPending: boolean): boolean {
    return isPending;
  }

  /** Nothing but what the handshake says moves a mount, and this: there is evidence that the guest will not connect. */
  protected giveUp(error: MuntinError): void {
    this.#acceptor?.giveUp(error);
  }

  /** A document, perhaps another one, has been loaded. */
  protected loaded(): void {
    this.#move('loaded');
    this.#acceptor?.loaded();
  }

  /** Begins to ask for signs of life. */
  protected watch(): void {
    this.#heartbeat.start();
  }

  /** Dispatches nothing of the guest until it is there again. */
  protected hold(): void {
    this.#session?.hold();
  }

  /** Ends the session from this side, so that the guest knows. */
  protected hangUp(cause: MuntinError): void {
    this.#lose(cause, false);
  }

  /** Whether a hello is awaited. */
  protected get isWaiting(): boolean {
    return this.#acceptor?.state === 'waiting';
  }

  /** Asks for a hello. */
  protected knock(): void {
    this.#acceptor?.knock();
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get state(): MountState {
    return this.#state.value;
  }

  get state$(): Live<MountState> {
    return this.#state.changes$;
  }

  get codec(): string | undefined {
    return this.#codec;
  }

  get stats(): MountStats {
    const now = this.#session?.stats;
    const { sent, received, batchesSent, batchesReceived } = this.#past;
    return {
      sent: sent + (now?.sent ?? 0),
      received: received + (now?.received ?? 0),
      batchesSent: batchesSent + (now?.batchesSent ?? 0),
      batchesReceived: batchesReceived + (now?.batchesReceived ?? 0),
    };
  }

  setContext(change: Partial<ContextOf<C>>): void {
    this.#context = snapshot({ ...Object(this.#context), ...change });
    this.#session?.setContext(this.#context);
  }

  readonly 'muntin.lanes' = (): Lanes => this.#lanes;

  ping(options?: CallOptions): Promise<number> {
    return ping(this.#caller, options);
  }

  reload(): void {
    this.#reloads = 0;
    this.#reload();
  }

  #reload(): void {
    if (this.state.name === 'unmounted') return;
    this.#caller.revive();
    this.#wasReady = false;
    this.#acceptor?.restart();
    this.#move('load');
    this.load();
  }

  async unmount(): Promise<void> {
    if (this.state.name === 'unmounted') return;
    const cause = new MuntinError('UNMOUNTED', 'The guest was unmounted');
    this.#move('unmount');
    this.#state.end();
    this.#acceptor?.close(cause);
    this.#close(cause);
    this.#caller.end(cause);
    this.#lanes.detach(cause, true);
    this.#ready.reject(cause);
    this.#stopThaw();
    this.stop();
  }

  #accept(): Acceptor {
    const { handshakeTimeoutMs = 10_000, codec } = this.#options;
    const contract = this.#contract;
    const wanted = [...listProcedures(contract.guest).keys()];
    const acceptor: Acceptor = new Acceptor(
      {
        gate: this.gate(),
        introduction: {
          versions: protocolVersions,
          contract: { name: contract.name, version: contract.version },
          serves: this.#served.map(({ path }) => path),
          calls: this.#limits.calls,
          codecs: codec === undefined ? [structuredCloneName] : [codec.name, structuredCloneName],
        },
        context: () => this.#context,
        judge: (hello) => {
          const message = compareContracts(contract, hello.contract, wanted, hello.serves);
          return message === undefined ? undefined : { code: 'CONTRACT_MISMATCH', message };
        },
        times: { connectMs: handshakeTimeoutMs, readyMs: 3000, checkMs: 5000 },
      },
      {
        welcome: (port, welcome, hello) => this.#open(acceptor, port, welcome, hello),
        opened: () => {
          this.#wasReady = true;
          this.#move('open');
          this.#ready.resolve();
          this.opened();
        },
        hold: () => this.#session?.hold(),
        release: () => this.#session?.release(),
        end: (cause, neverRan) => this.#lose(cause, neverRan),
        fail: (error) => this.#fail(error ?? this.diagnose(acceptor.seen, handshakeTimeoutMs, this.#wasReady)),
        alive: () => this.#heartbeat.alive(),
        spent: () => {
          const cause = new MuntinError('PEER_RELOADED', 'The guest has loaded its page anew');
          this.#lose(cause, false);
          acceptor.ended(cause);
          this.left();
        },
      },
    );
    return acceptor;
  }

  #open(acceptor: Acceptor, port: MessagePort, welcome: Welcome, hello: Hello): void {
    const { codec } = this.#options;
    this.#codec = welcome.codec;
    this.#session = new Session({
      codec: welcome.codec === codec?.name ? codec : undefined,
      side: 'host',
      port,
      peer: { origin: this.origin, session: welcome.session },
      caller: this.#caller,
      lanes: this.#lanes,
      served: this.#served,
      limits: this.#limits,
      admission: this.#admission,
      peerServes: hello.serves,
      peerCalls: hello.calls,
      greeting: [WELCOME, welcome],
      // A port can be given away, and outlive a frame that some script has removed.
      onBatch: () => this.checkPlace(),
      onReady: (ready) => acceptor.ready(ready),
      onHandlerError: (error, path) => this.#options.onHandlerError?.(error, path),
      onEnd: (cause) => {
        this.checkPlace(); // first: the goodbye of a guest whose frame was removed says less
        if (this.state.name === 'failed') return;
        this.#lose(cause, false);
        acceptor.ended(cause);
        if (cause.code === 'PEER_RELOADED') this.left();
      },
    });
  }

  /** The session is over; whether another comes is the acceptor's to know. */
  #lose(cause: MuntinError, neverRan: boolean): void {
    this.#close(cause);
    this.#move('lost', cause);
    this.#caller.end(cause, survival(neverRan));
    this.#lanes.detach(cause, false);
  }

  #fail(cause: MuntinError): void {
    this.#close(cause);
    this.#move('fail', cause);
    this.#caller.end(cause);
    this.#lanes.detach(cause, true);
    this.#ready.reject(cause);
  }

  #silent(): void {
    this.#move('silent');
    this.fellSilent();
    const { onUnresponsive = 'wait', giveUpMs = 30_000 } = this.#options;
    if (onUnresponsive === 'wait') return;
    const again = onUnresponsive !== 'fail' && this.#reloads < onUnresponsive.reload;
    const ms = giveUpMs * 2 ** this.#reloads;
    this.#giveUpTimer = setTimeout(() => {
      if (again) {
        this.#reloads++;
        this.#reload();
      } else this.#acceptor?.giveUp(new MuntinError('PEER_UNRESPONSIVE', `The guest has not reacted for ${ms} ms`));
    }, ms);
  }

  #close(cause: MuntinError): void {
    this.#heartbeat.stop();
    clearTimeout(this.#giveUpTimer);
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    session.close(cause, cause.code);
    for (const name of ['sent', 'received', 'batchesSent', 'batchesReceived'] as const)
      this.#past[name] += session.stats[name];
  }

  #move(signal: MountSignal, cause?: MuntinError): void {
    const name = lifecycle[this.state.name][signal];
    if (name === undefined) return;
    if (name === 'loading' || name === 'reconnecting') this.#ready.renew();
    this.#state.set(cause === undefined ? { name } : { name, cause });
  }
}

Object.defineProperty(GuestMount.prototype, asyncDispose, {
  value(this: GuestMount<AnyContract>) {
    return this.unmount();
  },
});

/** A promise with its ends in hand. A rejection that nobody waits for is not an unhandled one: `state$` tells it, too. */
class Deferred {
  promise: Promise<void> = Promise.resolve();
  resolve: () => void = () => undefined;
  reject: (error: MuntinError) => void = () => undefined;
  #isSettled = true;

  constructor() {
    this.renew();
  }

  /** A new promise where the old one has been settled. */
  renew(): void {
    if (!this.#isSettled) return;
    this.#isSettled = false;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = () => {
        this.#isSettled = true;
        resolve();
      };
      this.reject = (error) => {
        this.#isSettled = true;
        reject(error);
      };
    });
    this.promise.catch(() => undefined);
  }
}

/** A copy that the application cannot change behind our back, and the proof that the value can cross. */
function snapshot(context: unknown): unknown {
  try {
    return structuredClone(context);
  } catch (cause) {
    throw notCloneable(context, 'context', cause);
  }
}
