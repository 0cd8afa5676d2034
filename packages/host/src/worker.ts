import { type HostPart, MuntinError } from '@muntin/core';
import {
  checkOptions,
  type Gate,
  invalidOption,
  isAcceptable,
  messageOf,
  requirePage,
  type Seen,
  show,
  WorkerGate,
} from '@muntin/core/internal';
import { type AnyContract, type CommonOptions, GuestMount, type Mounted } from './guest-mount.ts';
import { workerKinds } from './option-kinds.ts';

/** Options of {@link mountWorker}. */
export type WorkerOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> & {
    /**
     * Makes the worker, in words that bundlers know:
     * `() => new Worker(new URL('./ticker-worker.ts', import.meta.url), { type: 'module' })`. Called again by `reload`.
     */
    readonly worker: () => Worker;
  };

/** One guest in a dedicated worker. `unmount` terminates it. */
export interface WorkerMount<C extends AnyContract> extends Mounted<C> {
  /** The worker; `undefined` where it could not be made. */
  readonly worker: Worker | undefined;
}

/**
 * Starts a guest in a dedicated worker, and connects with it as `mount` does with one in a frame; its script calls `expose` of
 * `@muntin/guest/worker`. A worker runs on the host's own origin, so that it is no sandbox: its script can fetch and store what the page
 * can. Throws `INVALID_OPTION`.
 */
export function mountWorker<C extends AnyContract>(contract: C, options: WorkerOptions<C>): WorkerMount<C> {
  requirePage('mountWorker()');
  checkOptions('mountWorker', options, workerKinds);
  const { worker } = options;
  if (typeof worker !== 'function')
    throw invalidOption(`worker is ${show(worker)}: give a function that makes one, as in () => new Worker(url)`);
  const mounted = new DedicatedMount(contract, options, worker);
  mounted.begin();
  return mounted;
}

// A script that has thrown may have said hello before, which is on its way then.
const graceMs = 500;

class DedicatedMount<C extends AnyContract> extends GuestMount<C> implements WorkerMount<C> {
  readonly #make: () => Worker;
  readonly #gate: WorkerGate;
  #worker: Worker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
    make: () => Worker,
  ) {
    super(contract, options, isAcceptable(location.origin, { allowInsecure: true }) ? location.origin : 'null');
    this.#make = make;
    this.#gate = new WorkerGate(this.origin);
  }

  get worker(): Worker | undefined {
    return this.#worker;
  }

  protected gate(): Gate {
    return this.#gate;
  }

  protected load(): void {
    this.stop();
    let worker: Worker;
    try {
      worker = this.#make();
    } catch (cause) {
      const text = `The worker could not be made: ${messageOf(cause)}`;
      return this.giveUp(new MuntinError('GUEST_NOT_LOADED', text, { cause }));
    }
    this.#worker = worker;
    this.#gate.use(worker);
    worker.addEventListener('error', (event) => this.#failed(worker, event));
  }

  /** An error in a worker that has connected is its own, as in a frame: it goes on. */
  #failed(worker: Worker, { message }: ErrorEvent): void {
    if (worker !== this.#worker || !this.isWaiting) return;
    // Browsers give no message where the script could not be loaded.
    const text = message
      ? `The script of the worker has thrown before it said hello: ${message}`
      : 'The script of the worker could not be loaded: is its address right, and does worker-src of this page allow it?';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (worker === this.#worker && this.isWaiting) this.giveUp(new MuntinError('GUEST_NOT_LOADED', text));
    }, graceMs);
  }

  protected stop(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  protected diagnose(_: Seen, timeoutMs: number, wasReady: boolean): MuntinError {
    return wasReady
      ? new MuntinError('PEER_CLOSED', `The worker left, and has not said hello again within ${timeoutMs} ms`)
      : new MuntinError(
          'GUEST_SILENT',
          `The worker has not said hello within ${timeoutMs} ms: its script does not call expose() of "@muntin/guest/worker"`,
        );
  }

  /** A worker tells nobody that it has been terminated. */
  protected checkPlace(): void {}
}
