import {
  type CallOptions,
  type Client,
  type Codec,
  type ContextOf,
  type Contract,
  type DisposableIfKnown,
  type Extensible,
  type Limits,
  type Live,
  MuntinError,
  type Procedures,
  type Use,
} from '@muntin/core';
import {
  CONTEXT,
  Connection,
  checkSize,
  createClient,
  dispose,
  type Embedder,
  invalidOption,
  isPromiseLike,
  type LaneHolder,
  Latest,
  Offerer,
  onThaw,
  pairHandlers,
  ping,
  READY,
  readLimits,
  type Served,
  type SessionOptions,
  serveBeforeClose,
  show,
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
  /** Extensions, and hooks around calls, the outermost first. @defaultValue none */
  readonly use?: readonly Use[];
  /** Ceilings for the host. @defaultValue see {@link Limits} */
  readonly limits?: Partial<Limits>;
  /** Encodes values, where the host has the same one; see `@muntin/core/superjson`. @defaultValue structured clone alone */
  readonly codec?: Codec;
  /** How long to wait for a welcome, in milliseconds, or `Infinity`. @defaultValue 10_000 */
  readonly handshakeTimeoutMs?: number;
  /**
   * Called when the host takes this guest away and has time to ask first (`unmount({ askMs })`): save, and return when that is done. It
   * is not asked when the whole page goes; listen to `pagehide` for that.
   */
  readonly beforeClose?: () => unknown;
  /** Told what a handler of this side threw that its contract does not declare; the host gets the message only. */
  readonly onHandlerError?: (error: unknown, procedure: string) => void;
}

/** The host, as its guest sees it. It is usable at once: calls wait until the host has welcomed the guest, within their timeouts. */
export interface Shell<C extends AnyContract> extends DisposableIfKnown, LaneHolder, Extensible {
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
 * there is none; `standalone` stands in for it, where it is given. It is a plain object of getters and functions, without private fields,
 * so that it works behind a Proxy.
 */
export function openShell<C extends AnyContract>(
  contract: C,
  options: CommonOptions & { readonly handlers?: object },
  find: () => Embedder,
  standalone?: StandIn,
): Shell<C> {
  const guest = new Guest<C>(contract, options, find, standalone);
  const { connection, state, context } = guest;
  const close = (): void => guest.close();
  const shell: Omit<Shell<C>, typeof dispose> = {
    host: createClient<C['host']>(contract.host, connection.caller),
    ready: guest.ready,
    get state() {
      return state.value;
    },
    state$: state.changes$,
    get context() {
      return context.value;
    },
    context$: context.changes$,
    'muntin.lanes': () => connection.lanes,
    'muntin.endpoint': connection.endpoint,
    supports: (what) => connection.endpoint.supports(what),
    ping: (how) => ping(connection.caller, how),
    close,
  };
  Object.defineProperty(shell, dispose, { value: close });
  connection.endpoint.owner = shell;
  return shell as Shell<C>; // what has just been defined
}

/** Makes the other end of a session in this page; see `standIn`. */
export type StandIn = (
  served: readonly Served[],
  limits: Limits,
  onEnd: (cause: MuntinError) => void,
) => StandInSession;

type StandInSession = Pick<SessionOptions, 'port' | 'peer' | 'peerServes' | 'peerCalls' | 'greeting' | 'onEnd'>;

/** The guest's end: joins the handshake with the connection, and says where they are. */
class Guest<C extends AnyContract> {
  readonly connection: Connection;
  readonly state = new Latest<GuestState>({ name: 'handshaking' });
  readonly context = new Latest<ContextOf<C>, undefined>(undefined);
  readonly ready: Promise<void>;
  readonly #contract: C;
  readonly #limits: Limits;
  readonly #onHandlerError: (error: unknown, path: string) => void;
  readonly #stopThaw: () => void;
  readonly #onPageHide: (event: PageTransitionEvent) => void;
  #offerer: Offerer | undefined;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object },
    find: () => Embedder,
    standalone?: StandIn,
  ) {
    const { handshakeTimeoutMs = 10_000, onHandlerError, codec, beforeClose } = options;
    if (!(handshakeTimeoutMs >= 1 && (handshakeTimeoutMs < 2 ** 31 || handshakeTimeoutMs === Infinity)))
      throw invalidOption(`handshakeTimeoutMs is ${show(handshakeTimeoutMs)}: give milliseconds from 1, or Infinity`);
    if (beforeClose !== undefined && typeof beforeClose !== 'function')
      throw invalidOption(`beforeClose is ${show(beforeClose)}: give a function`);
    const limits = readLimits(options.limits);
    const handlers = pairHandlers(contract.guest, options.handlers);
    const served = beforeClose === undefined ? handlers : [...handlers, serveBeforeClose(beforeClose)];
    this.#contract = contract;
    this.#limits = limits;
    this.#onHandlerError = (error, path) => onHandlerError?.(error, path);
    this.connection = new Connection({
      side: 'guest',
      contract: { name: contract.name, version: contract.version },
      served,
      calls: contract.host,
      use: options.use,
      limits,
      codec,
      onContext: (context, over) => this.#receiveContext(context, over),
      onHandlerError: this.#onHandlerError,
    });
    this.state.set({ name: 'handshaking' });
    this.ready = new Promise((resolve, reject) => {
      this.state.changes$.subscribe(({ name, cause }) => {
        if (name === 'ready') resolve();
        else if (cause !== undefined) reject(cause);
      });
    });
    this.ready.catch(() => undefined); // `state$` and every call tell it, too
    this.#onPageHide = ({ persisted }) => {
      // Kept in the back/forward cache, the page comes back with its session.
      if (!persisted) this.#leave();
    };
    addEventListener('pagehide', this.#onPageHide);
    this.#stopThaw = onThaw(self, (ms) => this.connection.caller.extend(ms));
    if (standalone !== undefined)
      this.#standAlone(standalone(this.connection.endpoint.served, limits, (cause) => this.#fail(cause)));
    else this.#offer(find, handshakeTimeoutMs);
  }

  close(): void {
    if (this.state.value.name === 'closed') return;
    const cause = new MuntinError('PEER_CLOSED', 'This guest was closed');
    this.state.set({ name: 'closed', cause });
    this.state.end();
    this.#offerer?.close(cause);
    this.connection.fail(cause, 'closed');
    this.context.end();
    removeEventListener('pagehide', this.#onPageHide);
    this.#stopThaw();
  }

  #leave(): void {
    this.#offerer?.leave();
    this.connection.session?.close(new MuntinError('PEER_CLOSED', 'This page goes away'), 'pagehide');
  }

  #standAlone(session: StandInSession): void {
    this.connection.open({ ...session, codec: '' });
    this.state.set({ name: 'ready' });
  }

  #offer(find: () => Embedder, timeoutMs: number): void {
    const { connection } = this;
    let embedder: Embedder;
    try {
      embedder = find();
    } catch (error) {
      return this.#fail(error as MuntinError); // it throws nothing else
    }
    const offerer = new Offerer(
      { embedder, introduction: connection.introduction, timeoutMs },
      {
        begin: () => {
          connection.revive();
          this.state.set({ name: 'handshaking' });
        },
        open: (port, welcome, host, rest) => {
          const session = connection.open({
            port,
            peer: { origin: host, session: welcome.session },
            peerServes: welcome.serves,
            peerCalls: welcome.calls,
            codec: welcome.codec,
            greeting: [READY, { session: welcome.session, heard: welcome.versions }],
            onNudge: () => offerer.listenAgain(),
            onEnd: (cause) => offerer.ended(cause),
          });
          session.receive([[CONTEXT, welcome.context]]);
          this.state.set({ name: 'ready' });
          session.receive(rest);
        },
        fail: (cause) => this.#fail(cause),
        end: (cause) => connection.session?.close(cause, 'closed'),
      },
    );
    this.#offerer = offerer;
  }

  /** Checked like everything that comes from the other side; what does not fit changes nothing and is reported like a handler's error. */
  #receiveContext(context: unknown, over: Parameters<typeof checkSize>[0]): void {
    const set = (checked: unknown): void => this.context.set(checked as ContextOf<C>); // as the contract's schema has it
    const refuse = (error: unknown): void => this.#onHandlerError(error, 'context');
    try {
      checkSize(over, 'context', 'context', this.#limits);
      const checked = validate(this.#contract.context, context, 'INPUT_INVALID', 'context');
      if (isPromiseLike(checked)) checked.then(set, refuse);
      else set(checked);
    } catch (error) {
      refuse(error);
    }
  }

  #fail(cause: MuntinError): void {
    this.connection.fail(cause);
    this.state.set({ name: 'failed', cause });
  }
}
