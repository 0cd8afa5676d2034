import { MuntinError, type Origin } from '@muntin/core';
import {
  Acceptor,
  Connection,
  checkIsContract,
  checkOptions,
  compareContracts,
  contextPath,
  type Hello,
  listProcedures,
  markOf,
  onFreeze,
  pairHandlers,
  pingMark,
  readLimits,
  replayAfter,
  Steps,
  WELCOME,
  type Welcome,
} from '@muntin/core/internal';
import { traceState } from './console.ts';
import type { Container, ContainerEvents, OpenContainer } from './container/container.ts';
import { GuestContext } from './context/context.ts';
import { Farewell } from './farewell.ts';
import { Lifecycle } from './lifecycle.ts';
import { Liveness } from './liveness.ts';
import type { AnyContract, CommonOptions, UnmountOptions } from './mounted.ts';
import { unmountKinds } from './option-kinds.ts';
import { checkMs, readSettings, type Settings } from './options.ts';
import { Recovery } from './recovery.ts';
import { Traffic } from './traffic.ts';

/** Options as every mount has them, whatever its container. */
export type AnyOptions = CommonOptions & { readonly handlers?: object; readonly context?: unknown };

/** One mount: joins the container, the handshake, the connection and the signs of life, and says where they are together. */
export class Mounting<C extends AnyContract, T extends Container> {
  readonly container: T;
  readonly connection: Connection;
  readonly lifecycle: Lifecycle;
  readonly traffic: Traffic = new Traffic();
  codec: string | undefined;
  readonly context: GuestContext;
  readonly #origin: Origin | 'null';
  readonly #steps = new Steps();
  readonly #acceptor: Acceptor;
  readonly #liveness: Liveness;
  readonly #recovery: Recovery;
  readonly #farewell = new Farewell();
  readonly #stopFreeze: () => void;

  constructor(contract: C, options: AnyOptions, origin: Origin | 'null', open: OpenContainer<T>) {
    checkIsContract(contract);
    const settings = readSettings(options);
    const { onHandlerError, codec } = options;
    const limits = readLimits(options.limits);
    const handlers = pairHandlers(contract.host, options.handlers);
    this.context = new GuestContext(options.context, limits);
    this.#origin = origin;
    this.lifecycle = new Lifecycle(this.#steps, (state) => {
      if (settings.debug) traceState(origin, state);
    });
    this.container = open(this.#containerEvents());
    try {
      this.connection = new Connection({
        side: 'host',
        contract: { name: contract.name, version: contract.version },
        served: [pingMark, ...handlers, markOf(contextPath)],
        calls: contract.guest,
        use: options.use,
        limits,
        codec,
        onHandlerError: (error, path) => onHandlerError?.(error, path),
      });
    } catch (error) {
      this.container.remove(); // an extension has refused: nothing is left in the page
      throw error;
    }
    // Nobody has asked for it: what somebody has taken away is not brought back.
    const load = (): void =>
      this.#steps.run(() => {
        if (this.container.missing() === undefined) this.#load();
        else this.#checkPlace();
      });
    const { connection, lifecycle } = this;
    this.#recovery = new Recovery({ origin, connection, lifecycle, reconnect: settings.reconnect, load });
    this.#liveness = this.#watch(settings, load);
    this.connection.caller.onPending = () => this.#liveness.watch();
    this.#stopFreeze = onFreeze(this.container.page ?? window, (isFrozen) => this.#acceptor.freeze(isFrozen));
    this.#acceptor = this.#accept(contract, settings);
    this.#steps.run(() => {
      this.lifecycle.move('load');
      this.container.load(false);
    });
  }

  reload(): void {
    // At once also where a listener calls it, and the step comes later.
    if (this.lifecycle.current.name !== 'unmounted') this.lifecycle.ready.renew();
    this.#steps.run(() => {
      if (this.lifecycle.current.name === 'unmounted') return;
      this.#liveness.forget();
      this.#recovery.forget();
      this.#load();
    });
  }

  async unmount(how: UnmountOptions = {}): Promise<void> {
    checkOptions('unmount', how, unmountKinds);
    const { askMs = 0 } = how;
    checkMs('askMs', askMs, 0);
    if (askMs > 0 && this.lifecycle.isConnected) await this.#farewell.ask(this.connection.caller, askMs);
    await new Promise<void>((resolve) => {
      this.#steps.run(() => {
        try {
          this.#end();
        } finally {
          resolve();
        }
      });
    });
  }

  #end(): void {
    if (this.lifecycle.current.name === 'unmounted') return;
    const cause = new MuntinError('UNMOUNTED', 'The guest was unmounted');
    this.lifecycle.move('unmount');
    this.lifecycle.end();
    this.#acceptor.close(cause);
    this.#rest();
    this.connection.fail(cause);
    this.lifecycle.ready.reject(cause);
    this.#stopFreeze();
    this.container.remove();
  }

  /** Loads the guest anew. */
  #load(): void {
    this.#rest();
    const isReady = this.lifecycle.current.name === 'ready';
    this.#acceptor.restart();
    // What the acceptor has to do is a step of its own, which comes before this one.
    this.#steps.run(() => {
      this.connection.revive();
      this.lifecycle.move('load');
      this.container.load(isReady);
    });
  }

  #containerEvents(): ContainerEvents {
    return {
      loaded: () =>
        this.#steps.run(() => {
          this.lifecycle.move('loaded');
          this.#acceptor.loaded();
        }),
      giveUp: (error) => this.#acceptor.giveUp(error),
      hangUp: () => this.#steps.run(() => this.#lose(new MuntinError('PEER_CLOSED', 'This page goes away'))),
      knock: () => this.#acceptor.knock(),
      isWaiting: () => this.#acceptor.state === 'waiting',
      checkPlace: () => this.#checkPlace(),
    };
  }

  #accept(contract: C, { handshakeTimeoutMs, giveUpMs, askServer }: Settings): Acceptor {
    const { connection, container } = this;
    const wanted = [...listProcedures(contract.guest).keys()];
    return new Acceptor(
      {
        endpoint: container.endpoint,
        introduction: connection.introduction,
        notes: (serves) => this.context.first(serves),
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
          this.#liveness.watch();
        },
        release: () => connection.session?.release(),
        end: (cause) => this.#lose(cause),
        fail: (error) => {
          if (error !== undefined) return this.#fail(error);
          const seen = { ...this.#acceptor.seen };
          const { wasReady } = this.lifecycle;
          const facts = { seen, timeoutMs: handshakeTimeoutMs, wasReady, probes: askServer };
          this.#recovery.explain(container.diagnose(facts), (cause) => this.#steps.run(() => this.#fail(cause)));
        },
        revive: () => {
          this.#rest();
          connection.revive();
          this.lifecycle.move('late');
        },
        alive: () => this.#liveness.alive(),
        spent: () =>
          this.#steps.run(() => this.#leave(new MuntinError('PEER_RELOADED', 'The guest has loaded its page anew'))),
        mayWait: () => container.isDormant(),
      },
    );
  }

  #open(port: MessagePort, welcome: Welcome, hello: Hello): void {
    const acceptor = this.#acceptor;
    this.codec = welcome.codec;
    const { stats } = this.connection.open({
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
    this.traffic.follow(stats);
  }

  #opened(): void {
    this.#liveness.opened();
    this.#rest();
    this.connection.opened();
    this.container.opened();
    this.lifecycle.move('open');
    this.lifecycle.ready.resolve();
    this.#liveness.watch();
  }

  /** The session has ended by itself. */
  #ended(cause: MuntinError): void {
    // First: the goodbye of a guest whose frame was removed says less.
    this.#checkPlace();
    this.#steps.run(() => {
      if (this.connection.session !== undefined) this.#leave(cause);
    });
  }

  /** The document has gone, or whoever has the secret of an opaque guest is not its document. */
  #leave(cause: MuntinError): void {
    this.#lose(cause);
    this.#acceptor.ended(cause);
    // What the acceptor has to do is a step of its own, which comes before this one.
    if (cause.code === 'PEER_RELOADED')
      this.#steps.run(() => {
        if (this.container.left()) this.#acceptor.replacesPlace();
      });
  }

  /** The session is over; whether another comes is the acceptor's to know. */
  #lose(cause: MuntinError): void {
    this.#rest();
    this.#recovery.forget(this.#liveness.lost());
    this.connection.lose(cause, replayAfter);
    this.lifecycle.move('lost', cause);
  }

  #fail(cause: MuntinError): void {
    this.#rest();
    this.#recovery.fail(cause);
  }

  /** Nobody is watched over, or waited for, any more. */
  #rest(): void {
    this.#liveness.stop();
    this.#recovery.stop();
  }

  #checkPlace(): void {
    if (this.lifecycle.current.name === 'unmounted') return;
    const missing = this.container.missing();
    if (missing === undefined) return;
    if (!this.#isFailing) return this.#acceptor.giveUp(missing);
    this.#steps.run(() => {
      if (this.#isFailing) this.#fail(missing);
    });
  }

  /** The handshake has failed, and the mount has not yet: it is being found out why, or a retry is due. */
  get #isFailing(): boolean {
    const { name } = this.lifecycle.current;
    return this.#acceptor.state === 'failed' && name !== 'failed' && name !== 'unmounted';
  }

  #watch(settings: Settings, reload: () => void): Liveness {
    return new Liveness(settings, {
      isPending: () => this.#isWatched,
      ask: () => {
        this.#checkPlace();
        if (this.lifecycle.current.name === 'unresponsive') this.connection.session?.nudge();
        this.#acceptor.check();
      },
      silent: () => this.#steps.run(() => this.lifecycle.move('silent')),
      alive: () => this.#steps.run(() => this.lifecycle.move('alive')),
      reload,
      over: (ms) =>
        this.#acceptor.giveUp(new MuntinError('PEER_UNRESPONSIVE', `The guest has not reacted for ${ms} ms`)),
    });
  }

  /** Signs of life are asked for while something is pending, while it is in doubt who is there, and where a container says so. */
  get #isWatched(): boolean {
    if (!this.lifecycle.isConnected) return false;
    return this.connection.caller.isPending || this.#acceptor.state === 'held' || this.container.isWatched;
  }
}
