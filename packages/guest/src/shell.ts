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
  Connection,
  Connector,
  checkIsContract,
  createClient,
  Deferred,
  dispose,
  type HostEndpoint,
  type LaneHolder,
  Latest,
  type Listened,
  pairHandlers,
  ping,
  pingMark,
  READY,
  readLimits,
  type Served,
  type SessionOptions,
  serveBeforeClose,
  wrongTimeout,
} from '@muntin/core/internal';
import { takeContext } from './context/context.ts';
import { booted, refused } from './trouble.ts';

export type AnyContract = Contract<Procedures, Procedures, unknown>;

/** Where a guest is: `failed` has a cause, and may become `handshaking` again when the host knocks. */
export interface GuestState {
  /** Where it is. */
  readonly name: 'handshaking' | 'ready' | 'failed' | 'closed';
  /** Why, where it has failed or is closed. */
  readonly cause?: MuntinError;
}

/** Options that guests of every shape have. */
export interface CommonOptions<List extends readonly Use[] = readonly Use[]> {
  /**
   * Extensions, and hooks around calls, the outermost first. What the hooks add to the context of handlers, the handlers have in their
   * types. @defaultValue none
   */
  readonly use?: List;
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
  /**
   * Tells a page that embeds this one, and is not in `hosts`, that it is refused, so that the mount there can say so: one word, without data.
   * In development builds only; `<meta name="muntin-debug">` and `localStorage['muntin.debug']` do it, too, and tell of a script
   * that throws before `expose`. @defaultValue false
   */
  readonly debug?: boolean;
  /** Told what a handler of this side threw that its contract does not declare; the host gets the message only. */
  readonly onHandlerError?: (error: unknown, procedure: string) => void;
}

/** The host, as its guest sees it. It is usable at once: calls wait until the host has welcomed the guest, within their timeouts. */
export interface Shell<C extends AnyContract> extends DisposableIfKnown, LaneHolder, Extensible {
  /** The procedures of the host. */
  readonly host: Client<C['host']>;
  /**
   * Fulfilled when the host has welcomed the guest; rejected when there is none or it is not allowed. When a host knocks after that, it is a
   * new promise.
   */
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
 * there is none; `standalone` stands in for it, where it is given; `page` is where the guest runs, if not in this global object. It is a plain object of getters and functions, without private fields,
 * so that it works behind a Proxy.
 */
export function openShell<C extends AnyContract>(
  contract: C,
  options: CommonOptions & { readonly handlers?: object },
  find: () => HostEndpoint,
  standalone?: StandIn,
  page?: Listened,
): Shell<C> {
  const guest = new Guest<C>(contract, options, find, standalone, page);
  booted();
  const { connection, state, context } = guest;
  const close = (): void => guest.close();
  const shell: Omit<Shell<C>, typeof dispose> = {
    host: createClient<C['host']>(contract.host, connection.caller),
    get ready() {
      return guest.ready.promise;
    },
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
  readonly ready = new Deferred();
  readonly #page: Listened;
  readonly #onPageHide: (event: PageTransitionEvent) => void;
  #connector: Connector | undefined;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object },
    find: () => HostEndpoint,
    standalone?: StandIn,
    page: Listened = self,
  ) {
    checkIsContract(contract);
    const { handshakeTimeoutMs = 10_000, onHandlerError, codec, beforeClose } = options;
    const wrong = wrongTimeout(handshakeTimeoutMs, 'handshakeTimeoutMs');
    if (wrong !== undefined) throw wrong;
    const limits = readLimits(options.limits);
    const report = (error: unknown, path: string): void => onHandlerError?.(error, path);
    const served = [
      pingMark,
      ...pairHandlers(contract.guest, options.handlers),
      takeContext(contract.context, this.context, report),
    ];
    if (beforeClose !== undefined) served.push(serveBeforeClose(beforeClose));
    this.connection = new Connection({
      side: 'guest',
      contract: { name: contract.name, version: contract.version },
      served,
      calls: contract.host,
      use: options.use,
      limits,
      codec,
      onHandlerError: report,
    });
    this.state.set({ name: 'handshaking' });
    this.#onPageHide = ({ persisted }) => {
      // Kept in the back/forward cache, the page comes back with its session.
      if (persisted) return;
      this.#connector?.leave();
      this.connection.session?.close(new MuntinError('PEER_CLOSED', 'This page goes away'), 'pagehide');
    };
    page.addEventListener('pagehide', this.#onPageHide);
    this.#page = page;
    if (standalone !== undefined) {
      const session = standalone(this.connection.endpoint.served, limits, (cause) => this.#fail(cause));
      this.connection.open({ ...session, codec: '' });
      this.#opened();
    } else this.#connect(find, handshakeTimeoutMs, options.debug);
  }

  close(): void {
    if (this.state.value.name === 'closed') return;
    const cause = new MuntinError('PEER_CLOSED', 'This guest was closed');
    this.ready.reject(cause);
    this.state.set({ name: 'closed', cause });
    this.state.end();
    this.#connector?.close(cause);
    this.connection.fail(cause, 'closed');
    this.context.end();
    this.#page.removeEventListener('pagehide', this.#onPageHide);
  }

  #connect(find: () => HostEndpoint, timeoutMs: number, debug: boolean | undefined): void {
    const { connection } = this;
    let embedder: HostEndpoint;
    try {
      embedder = find();
    } catch (error) {
      const cause = error as MuntinError; // it throws nothing else
      refused(cause, debug);
      return this.#fail(cause);
    }
    const connector = new Connector(
      { embedder, introduction: connection.introduction, timeoutMs },
      {
        begin: () => {
          connection.revive();
          this.ready.renew();
          this.state.set({ name: 'handshaking' });
        },
        open: (port, welcome, host, rest) => {
          let isOver = false;
          const session = connection.open({
            port,
            peer: { origin: host, session: welcome.session },
            peerServes: welcome.serves,
            peerCalls: welcome.calls,
            codec: welcome.codec,
            greeting: [READY, { session: welcome.session, heard: welcome.versions }],
            onNudge: () => connector.listenAgain(),
            onEnd: (cause) => {
              isOver = true;
              connector.ended(cause);
            },
          });
          session.receive(welcome.notes, () => this.#opened());
          if (!isOver) session.receive(rest);
        },
        fail: (cause) => this.#fail(cause),
        end: (cause) => connection.session?.close(cause, 'closed'),
      },
    );
    this.#connector = connector;
  }

  #opened(): void {
    this.ready.resolve();
    this.state.set({ name: 'ready' });
  }

  #fail(cause: MuntinError): void {
    this.connection.fail(cause);
    this.ready.reject(cause);
    this.state.set({ name: 'failed', cause });
  }
}
