import {
  type CallOptions,
  type Client,
  type Codec,
  type ContextOf,
  type Contract,
  type DisposableIfKnown,
  type Limits,
  type Live,
  MuntinError,
  type Procedures,
} from '@muntin/core';
import {
  Admission,
  Caller,
  CONTEXT,
  checkSize,
  createClient,
  dispose,
  type Embedder,
  invalidOption,
  isPromiseLike,
  type LaneHolder,
  Lanes,
  Latest,
  Offerer,
  onThaw,
  pairHandlers,
  ping,
  protocolVersions,
  READY,
  readLimits,
  type Served,
  Session,
  type SessionOptions,
  show,
  structuredCloneName,
  validate,
} from '@muntin/core/internal';

export type AnyContract = Contract<Procedures, Procedures, unknown>;

/** Where a guest is: `failed` has a cause, and may become `handshaking` again when the host knocks. */
export interface GuestState {
  readonly name: 'handshaking' | 'ready' | 'failed' | 'closed';
  readonly cause?: MuntinError;
}

/** Options that guests of every shape have. */
export interface CommonOptions {
  /** Ceilings for the host. @defaultValue see {@link Limits} */
  readonly limits?: Partial<Limits>;
  /** Encodes values, where the host has the same one; see `@muntin/core/superjson`. @defaultValue structured clone alone */
  readonly codec?: Codec;
  /** How long to wait for a welcome, in milliseconds, or `Infinity`. @defaultValue 10_000 */
  readonly handshakeTimeoutMs?: number;
  /** Told what a handler of this side threw that its contract does not declare; the host gets the message only. */
  readonly onHandlerError?: (error: unknown, procedure: string) => void;
}

/** The host, as its guest sees it. It is usable at once: calls wait until the host has welcomed the guest, within their timeouts. */
export interface Shell<C extends AnyContract> extends DisposableIfKnown, LaneHolder {
  /** The procedures of the host. */
  readonly host: Client<C['host']>;
  /** Fulfilled when the host has welcomed the guest; rejected when there is none or it is not allowed. */
  readonly ready: Promise<void>;
  /** Where the guest is. */
  readonly state: GuestState;
  /** The present state at once, then every change; completes when closed. */
  readonly state$: Live<GuestState>;
  /** The latest context of the host; `undefined` before the first. */
  readonly context: ContextOf<C> | undefined;
  /** The latest context at once, if there is one, then every change. */
  readonly context$: Live<ContextOf<C>, undefined>;
  /** How long a message to the host and back takes, in milliseconds. Rejects as calls do. */
  ping(options?: CallOptions): Promise<number>;
  /** Ends the session and says no more hello. */
  close(): void;
}

/**
 * What every `expose` makes, whatever the shape of the guest. `find` says how the host is reached, or throws the MuntinError that says why
 * there is none; `standalone` stands in for it, where it is given.
 */
export function openShell<C extends AnyContract>(
  contract: C,
  options: CommonOptions & { readonly handlers?: object },
  find: () => Embedder,
  standalone?: StandIn,
): Shell<C> {
  return new GuestShell(contract, options, find, standalone);
}

/** Makes the other end of a session in this page; see `standIn`. */
export type StandIn = (
  served: readonly Served[],
  limits: Limits,
  onEnd: (cause: MuntinError) => void,
) => Omit<SessionOptions, CommonToSessions>;

type CommonToSessions =
  | 'side'
  | 'caller'
  | 'lanes'
  | 'served'
  | 'limits'
  | 'admission'
  | 'onContext'
  | 'onHandlerError';

class GuestShell<C extends AnyContract> implements Shell<C> {
  declare readonly [Symbol.dispose]: () => void;
  readonly host: Client<C['host']>;
  readonly ready: Promise<void>;
  readonly #contract: C;
  readonly #codec: Codec | undefined;
  readonly #caller: Caller;
  readonly #sessionOptions: Pick<SessionOptions, CommonToSessions>;
  readonly #state = new Latest<GuestState>({ name: 'handshaking' });
  readonly #context = new Latest<ContextOf<C>, undefined>(undefined);
  readonly #stopThaw: () => void;
  readonly #onPageHide: (event: PageTransitionEvent) => void;
  #offerer: Offerer | undefined;
  #session: Session | undefined;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object },
    find: () => Embedder,
    standalone?: StandIn,
  ) {
    const { handshakeTimeoutMs = 10_000, onHandlerError, codec } = options;
    if (!(handshakeTimeoutMs >= 1 && (handshakeTimeoutMs < 2 ** 31 || handshakeTimeoutMs === Infinity)))
      throw invalidOption(`handshakeTimeoutMs is ${show(handshakeTimeoutMs)}: give milliseconds from 1, or Infinity`);
    const limits = readLimits(options.limits);
    this.#contract = contract;
    this.#codec = codec;
    this.#caller = new Caller('guest', limits);
    this.host = createClient<C['host']>(contract.host, this.#caller);
    this.#sessionOptions = {
      side: 'guest',
      caller: this.#caller,
      lanes: new Lanes('guest', limits),
      served: pairHandlers(contract.guest, options.handlers),
      limits,
      admission: new Admission(limits),
      onContext: (context, over) => this.#receiveContext(context, over, limits),
      onHandlerError: (error, path) => onHandlerError?.(error, path),
    };
    this.#state.set({ name: 'handshaking' });
    this.ready = new Promise((resolve, reject) => {
      this.#state.changes$.subscribe(({ name, cause }) => {
        if (name === 'ready') resolve();
        else if (cause !== undefined) reject(cause);
      });
    });
    this.ready.catch(() => undefined); // `state$` and every call tell it, too
    this.#onPageHide = ({ persisted }) => {
      // Kept in the back/forward cache, the page comes back with its session.
      if (!persisted) this.#session?.close(new MuntinError('PEER_CLOSED', 'This page goes away'), 'pagehide');
    };
    addEventListener('pagehide', this.#onPageHide);
    this.#stopThaw = onThaw(self, (ms) => this.#caller.extend(ms));
    if (standalone !== undefined) {
      this.#open(standalone(this.#sessionOptions.served, limits, (cause) => this.#fail(cause)));
      this.#state.set({ name: 'ready' });
    } else this.#offer(find, handshakeTimeoutMs);
  }

  get state(): GuestState {
    return this.#state.value;
  }

  get state$(): Live<GuestState> {
    return this.#state.changes$;
  }

  get context(): ContextOf<C> | undefined {
    return this.#context.value;
  }

  get context$(): Live<ContextOf<C>, undefined> {
    return this.#context.changes$;
  }

  readonly 'muntin.lanes' = (): Lanes => this.#sessionOptions.lanes;

  ping(options?: CallOptions): Promise<number> {
    return ping(this.#caller, options);
  }

  close(): void {
    if (this.state.name === 'closed') return;
    const cause = new MuntinError('PEER_CLOSED', 'This guest was closed');
    this.#state.set({ name: 'closed', cause });
    this.#state.end();
    this.#offerer?.close(cause);
    this.#session?.close(cause, 'closed');
    this.#caller.end(cause);
    this.#sessionOptions.lanes.detach(cause, true);
    this.#context.end();
    removeEventListener('pagehide', this.#onPageHide);
    this.#stopThaw();
  }

  #offer(find: () => Embedder, timeoutMs: number): void {
    const { name, version } = this.#contract;
    const { served, limits } = this.#sessionOptions;
    let embedder: Embedder;
    try {
      embedder = find();
    } catch (error) {
      return this.#fail(error as MuntinError); // it throws nothing else
    }
    const serves = served.map(({ path }) => path);
    const introduction = {
      versions: protocolVersions,
      contract: { name, version },
      serves,
      calls: limits.calls,
      codecs: this.#codec === undefined ? [structuredCloneName] : [this.#codec.name, structuredCloneName],
    };
    const offerer = new Offerer(
      { embedder, introduction, timeoutMs },
      {
        begin: () => {
          this.#caller.revive();
          this.#state.set({ name: 'handshaking' });
        },
        open: (port, welcome, host, rest) => {
          const session = this.#open({
            port,
            peer: { origin: host, session: welcome.session },
            peerServes: welcome.serves,
            peerCalls: welcome.calls,
            codec: welcome.codec === this.#codec?.name ? this.#codec : undefined,
            greeting: [READY, { session: welcome.session, heard: welcome.versions }],
            onEnd: (cause) => offerer.ended(cause),
          });
          session.receive([[CONTEXT, welcome.context]]);
          this.#state.set({ name: 'ready' });
          session.receive(rest);
        },
        fail: (cause) => this.#fail(cause),
        end: (cause) => this.#session?.close(cause, 'closed'),
      },
    );
    this.#offerer = offerer;
  }

  /** Checked like everything that comes from the other side; what does not fit changes nothing and is reported like a handler's error. */
  #receiveContext(context: unknown, over: Parameters<typeof checkSize>[0], limits: Limits): void {
    const set = (checked: unknown): void => this.#context.set(checked as ContextOf<C>); // as the contract's schema has it
    const refuse = (error: unknown): void => this.#sessionOptions.onHandlerError(error, 'context');
    try {
      checkSize(over, 'context', 'context', limits);
      const checked = validate(this.#contract.context, context, 'INPUT_INVALID', 'context');
      if (isPromiseLike(checked)) checked.then(set, refuse);
      else set(checked);
    } catch (error) {
      refuse(error);
    }
  }

  #open(options: Omit<SessionOptions, CommonToSessions>): Session {
    this.#session = new Session({ ...this.#sessionOptions, ...options });
    return this.#session;
  }

  #fail(cause: MuntinError): void {
    this.#session = undefined;
    this.#caller.end(cause);
    this.#sessionOptions.lanes.detach(cause, true);
    this.#state.set({ name: 'failed', cause });
  }
}

Object.defineProperty(GuestShell.prototype, dispose, {
  value(this: GuestShell<AnyContract>) {
    this.close();
  },
});
