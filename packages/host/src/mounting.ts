import type { ContextOf, Origin } from '@muntin/core';
import { MuntinError } from '@muntin/core';
import {
  Acceptor,
  asyncDispose,
  beforeClose,
  Connection,
  checkOptions,
  cloneOf,
  compareContracts,
  createClient,
  type Hello,
  Latest,
  listProcedures,
  notCloneable,
  onThaw,
  pageClock,
  pairHandlers,
  ping,
  readLimits,
  Steps,
  WELCOME,
  type Welcome,
} from '@muntin/core/internal';
import type { Container, ContainerEvents, OpenContainer } from './container/container.ts';
import { Deferred } from './deferred.ts';
import { Heartbeat } from './heartbeat.ts';
import { lifecycle, type MountSignal, type MountState } from './lifecycle.ts';
import type { AnyContract, CommonOptions, Mounted, UnmountOptions } from './mounted.ts';
import { unmountKinds } from './option-kinds.ts';
import { checkMs, readSettings, type Settings } from './options.ts';
import { Retries } from './retries.ts';

/** Options as every mount has them, whatever its container. */
type AnyOptions = CommonOptions & { readonly handlers?: object; readonly context?: unknown };

/** One mount: joins the container, the handshake, the connection and the signs of life, and says where they are together. */
class Mounting<C extends AnyContract, T extends Container> {
  readonly container: T;
  readonly connection: Connection;
  readonly state = new Latest<MountState>({ name: 'idle' });
  readonly ready = new Deferred();
  readonly #contract: C;
  readonly #settings: Settings;
  readonly #origin: Origin | 'null';
  readonly #steps = new Steps();
  readonly #acceptor: Acceptor;
  readonly #heartbeat: Heartbeat;
  readonly #retries: Retries;
  readonly #stopThaw: () => void;
  #current: MountState = { name: 'idle' };
  #context: unknown;
  #codec: string | undefined;
  #stopGiveUp: () => void = () => undefined;
  #reloads = 0;
  #openedAt = Infinity;
  // Whether the guest has been there since the host last loaded it.
  #wasReady = false;

  constructor(contract: C, options: AnyOptions, origin: Origin | 'null', open: OpenContainer<T>) {
    const settings = readSettings(options);
    const { onHandlerError, codec } = options;
    const limits = readLimits(options.limits);
    const served = pairHandlers(contract.host, options.handlers);
    this.#context = snapshot(options.context);
    this.#contract = contract;
    this.#settings = settings;
    this.#origin = origin;
    this.container = open(this.#containerEvents());
    this.connection = new Connection({
      side: 'host',
      contract: { name: contract.name, version: contract.version },
      served,
      calls: contract.guest,
      use: options.use,
      limits,
      codec,
      onHandlerError: (error, path) => onHandlerError?.(error, path),
    });
    const { caller } = this.connection;
    this.#retries = new Retries(settings.reconnect, () => this.#steps.run(() => this.#load()));
    this.#heartbeat = this.#listenForLife();
    caller.onPending = () => this.#watch();
    this.#stopThaw = onThaw(
      window,
      (ms) => {
        caller.extend(ms);
        this.#acceptor.thaw();
      },
      () => this.#acceptor.freeze(),
    );
    this.#acceptor = this.#accept();
    this.#steps.run(() => {
      this.#move('load');
      this.container.load();
    });
  }

  get current(): MountState {
    return this.#current;
  }

  get codec(): string | undefined {
    return this.#codec;
  }

  setContext(change: object): void {
    const context = snapshot({ ...Object(this.#context), ...change });
    this.#context = context;
    this.#steps.run(() => this.connection.session?.setContext(context));
  }

  reload(): void {
    this.#steps.run(() => {
      if (this.#current.name === 'unmounted') return;
      this.#reloads = 0;
      this.#retries.reset();
      this.#load();
    });
  }

  async unmount(how: UnmountOptions = {}): Promise<void> {
    checkOptions('unmount', how, unmountKinds);
    const { askMs = 0 } = how;
    checkMs('askMs', askMs, 0);
    if (askMs > 0 && this.#current.name === 'ready') await beforeClose(this.connection.caller, askMs);
    await new Promise<void>((resolve) => {
      this.#steps.run(() => {
        this.#end();
        resolve();
      });
    });
  }

  #end(): void {
    if (this.#current.name === 'unmounted') return;
    const cause = new MuntinError('UNMOUNTED', 'The guest was unmounted');
    this.#move('unmount');
    this.#steps.tell(() => this.state.end());
    this.#acceptor.close(cause);
    this.#rest();
    this.#retries.stop();
    this.connection.fail(cause);
    this.ready.reject(cause);
    this.#stopThaw();
    this.container.remove();
  }

  /** Loads the guest anew. */
  #load(): void {
    this.#retries.stop();
    this.#stopGiveUp();
    this.#wasReady = false;
    this.#acceptor.restart();
    // What the acceptor has to do is a step of its own, which comes before this one.
    this.#steps.run(() => {
      this.connection.revive();
      this.#move('load');
      this.container.load();
    });
  }

  #containerEvents(): ContainerEvents {
    return {
      loaded: () =>
        this.#steps.run(() => {
          this.#move('loaded');
          this.#acceptor.loaded();
        }),
      giveUp: (error) => this.#acceptor.giveUp(error),
      hangUp: () => this.#steps.run(() => this.#lose(new MuntinError('PEER_CLOSED', 'This page goes away'))),
      knock: () => this.#acceptor.knock(),
      isWaiting: () => this.#acceptor.state === 'waiting',
      checkPlace: () => this.#checkPlace(),
    };
  }

  #accept(): Acceptor {
    const { connection, container } = this;
    const contract = this.#contract;
    const { handshakeTimeoutMs, giveUpMs } = this.#settings;
    const wanted = [...listProcedures(contract.guest).keys()];
    return new Acceptor(
      {
        gate: container.gate,
        introduction: connection.introduction,
        context: () => this.#context,
        judge: (hello) => {
          const message = compareContracts(contract, hello.contract, wanted, hello.serves);
          return message === undefined ? undefined : { code: 'CONTRACT_MISMATCH', message };
        },
        times: { connectMs: handshakeTimeoutMs, busyMs: giveUpMs },
        step: this.#steps.run,
      },
      {
        welcome: (port, welcome, hello) => this.#open(port, welcome, hello),
        opened: () => this.#opened(),
        hold: () => {
          connection.session?.hold();
          this.#watch();
        },
        release: () => connection.session?.release(),
        end: (cause) => this.#lose(cause),
        fail: (error) =>
          this.#fail(
            error ?? container.diagnose(this.#acceptor.seen, this.#settings.handshakeTimeoutMs, this.#wasReady),
          ),
        revive: () => {
          connection.revive();
          this.#move('late');
        },
        alive: () => this.#heartbeat.alive(),
        spent: () => this.#spent(),
        mayWait: () => container.isDormant(),
      },
    );
  }

  #open(port: MessagePort, welcome: Welcome, hello: Hello): void {
    const acceptor = this.#acceptor;
    this.#codec = welcome.codec;
    this.connection.open({
      codec: welcome.codec,
      port,
      peer: { origin: this.#origin, session: welcome.session },
      peerServes: hello.serves,
      peerCalls: hello.calls,
      greeting: [WELCOME, welcome],
      onBatch: () => {
        this.#checkPlace();
        acceptor.batch();
      },
      onReady: (ready) => acceptor.ready(ready),
      onEnd: (cause) => this.#steps.run(() => this.#ended(cause)),
    });
  }

  #opened(): void {
    this.#wasReady = true;
    this.#openedAt = performance.now();
    this.#retries.stop();
    this.connection.opened();
    this.container.opened();
    this.#move('open');
    this.ready.resolve();
    this.#watch();
  }

  /** The session has ended by itself. */
  #ended(cause: MuntinError): void {
    // First: the goodbye of a guest whose frame was removed says less.
    this.#checkPlace();
    this.#steps.run(() => {
      if (this.connection.session === undefined) return;
      this.#lose(cause);
      this.#acceptor.ended(cause);
      if (cause.code === 'PEER_RELOADED') this.#replacePlace();
    });
  }

  /** Whoever has the secret of an opaque guest is not its document, or not any more. */
  #spent(): void {
    const cause = new MuntinError('PEER_RELOADED', 'The guest has loaded its page anew');
    this.#steps.run(() => {
      this.#lose(cause);
      this.#acceptor.ended(cause);
      this.#replacePlace();
    });
  }

  #replacePlace(): void {
    this.#steps.run(() => {
      if (this.container.left()) this.#acceptor.replacesPlace();
    });
  }

  /** The session is over; whether another comes is the acceptor's to know. */
  #lose(cause: MuntinError): void {
    this.#rest();
    this.connection.lose(cause);
    this.#move('lost', cause);
  }

  #fail(cause: MuntinError): void {
    this.#rest();
    if (this.#retries.isWorth(cause, performance.now() - this.#openedAt)) {
      this.connection.lose(cause);
      this.#move('retry', cause);
      return this.#retries.schedule();
    }
    this.connection.fail(cause);
    this.#move('fail', cause);
    this.ready.reject(cause);
  }

  /** Nobody is watched over any more. */
  #rest(): void {
    this.#heartbeat.stop();
    this.#stopGiveUp();
  }

  #checkPlace(): void {
    if (this.#current.name === 'unmounted') return;
    const missing = this.container.missing();
    if (missing !== undefined) this.#acceptor.giveUp(missing);
  }

  #listenForLife(): Heartbeat {
    return new Heartbeat({
      unresponsiveMs: this.#settings.unresponsiveMs,
      isPending: () => this.#isWatched,
      ask: () => {
        this.#checkPlace();
        if (this.#current.name === 'unresponsive') this.connection.session?.nudge();
        this.#acceptor.check();
      },
      onSilent: () => this.#steps.run(() => this.#silent()),
      onAlive: () => this.#steps.run(() => this.#alive()),
    });
  }

  /** Signs of life are asked for while something is pending, while it is in doubt who is there, and where a container says so. */
  get #isWatched(): boolean {
    if (this.#current.name !== 'ready' && this.#current.name !== 'unresponsive') return false;
    return this.connection.caller.isPending || this.#acceptor.state === 'held' || this.container.isWatched;
  }

  #watch(): void {
    if (this.#isWatched) this.#heartbeat.start();
  }

  #silent(): void {
    this.#move('silent');
    const { onUnresponsive, giveUpMs } = this.#settings;
    if (onUnresponsive === 'wait') return;
    const ms = giveUpMs * 2 ** this.#reloads;
    this.#stopGiveUp = pageClock.after(ms, () => {
      if (onUnresponsive !== 'fail' && this.#reloads < onUnresponsive.reload) {
        this.#reloads++;
        this.#steps.run(() => this.#load());
      } else this.#acceptor.giveUp(new MuntinError('PEER_UNRESPONSIVE', `The guest has not reacted for ${ms} ms`));
    });
  }

  #alive(): void {
    this.#stopGiveUp();
    // One that answers now and then, and falls silent again, has used up what it was given.
    if (performance.now() - this.#openedAt > this.#settings.giveUpMs) this.#reloads = 0;
    this.#move('alive');
  }

  #move(signal: MountSignal, cause?: MuntinError): void {
    const name = lifecycle[this.#current.name][signal];
    if (name === undefined) return;
    if (name === 'loading' || name === 'reconnecting' || signal === 'late') this.ready.renew();
    const state = cause === undefined ? { name } : { name, cause };
    this.#current = state;
    this.#steps.tell(() => this.state.set(state));
  }
}

/**
 * Mounts a guest in a container. What the application gets is a plain object of getters and functions, without private fields: it works
 * behind a Proxy, as frameworks put one around what they keep.
 */
export function mountIn<C extends AnyContract, T extends Container, E extends object>(
  contract: C,
  options: AnyOptions,
  origin: Origin | 'null',
  open: OpenContainer<T>,
  extend: (container: T) => E,
): Mounted<C> & E {
  const mounting = new Mounting<C, T>(contract, options, origin, open);
  const { connection, state } = mounting;
  const { caller } = connection;
  const unmount = (how?: UnmountOptions): Promise<void> => mounting.unmount(how);
  const mounted: Omit<Mounted<C>, typeof asyncDispose> = {
    guest: createClient<C['guest']>(contract.guest, caller),
    origin,
    get ready() {
      return mounting.ready.promise;
    },
    get state() {
      return mounting.current;
    },
    state$: state.changes$,
    get codec() {
      return mounting.codec;
    },
    get stats() {
      return connection.stats;
    },
    setContext: (change: Partial<ContextOf<C>>) => mounting.setContext(change),
    'muntin.lanes': () => connection.lanes,
    'muntin.endpoint': connection.endpoint,
    supports: (what) => connection.endpoint.supports(what),
    ping: (how) => ping(caller, how),
    reload: () => mounting.reload(),
    unmount,
  };
  const all = Object.defineProperties(mounted, Object.getOwnPropertyDescriptors(extend(mounting.container)));
  Object.defineProperty(all, asyncDispose, { value: () => unmount() });
  connection.endpoint.owner = all;
  return all as Mounted<C> & E; // what has just been defined
}

/** A copy that the application cannot change behind our back, and the proof that the value can cross. */
function snapshot(context: unknown): unknown {
  try {
    return cloneOf(context);
  } catch (cause) {
    throw notCloneable(context, 'context', cause);
  }
}
