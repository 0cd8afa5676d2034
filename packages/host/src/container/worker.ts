import { MuntinError, type Origin } from '@muntin/core';
import { inspect, messageOf, WorkerEndpoint } from '@muntin/core/internal';
import type { Container, ContainerEvents } from './container.ts';
import type { Case } from './diagnosis/evidence.ts';

// A script that has thrown may have said hello before, which is on its way then.
const graceMs = 500;

/** A guest in a dedicated worker. */
export class WorkerContainer implements Container {
  readonly endpoint: WorkerEndpoint;
  readonly isWatched = false;
  readonly #make: () => Worker;
  readonly #events: ContainerEvents;
  #worker: Worker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(origin: Origin | 'null', make: () => Worker, events: ContainerEvents) {
    this.endpoint = new WorkerEndpoint(origin);
    this.#make = make;
    this.#events = events;
  }

  get worker(): Worker | undefined {
    return this.#worker;
  }

  load(): void {
    this.remove();
    let worker: unknown;
    try {
      worker = this.#make();
    } catch (cause) {
      const text = `The worker could not be made: ${messageOf(cause)}`;
      return this.#events.giveUp(new MuntinError('GUEST_NOT_LOADED', text, { cause }));
    }
    if (!isWorker(worker)) {
      const what = worker instanceof Promise ? 'a promise' : inspect(worker);
      const text = `worker() returned ${what}: return the Worker itself`;
      return this.#events.giveUp(new MuntinError('GUEST_NOT_LOADED', text));
    }
    this.#worker = worker;
    this.endpoint.use(worker);
    worker.addEventListener('error', (event) => this.#failed(worker, event));
  }

  remove(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  diagnose({ timeoutMs, wasReady }: Case): MuntinError {
    return wasReady
      ? new MuntinError(
          'PEER_CLOSED',
          `The worker left, and has not said hello again within ${timeoutMs} ms: reload() the mount`,
        )
      : new MuntinError(
          'GUEST_SILENT',
          `The worker has not said hello within ${timeoutMs} ms: its script does not call expose() of "@muntin/guest/worker"; call it there`,
        );
  }

  /** A worker tells nobody that it has been terminated. */
  missing(): undefined {}

  isDormant(): boolean {
    return false;
  }

  opened(): void {}

  left(): boolean {
    return false;
  }

  /** An error in a worker that has connected is its own, as in a frame: it goes on. */
  #failed(worker: Worker, { message }: ErrorEvent): void {
    const isAwaited = (): boolean => worker === this.#worker && this.#events.isWaiting();
    if (!isAwaited()) return;
    // Browsers give no message where the script could not be loaded.
    const text = message
      ? `The script of the worker has thrown before it said hello: ${message}`
      : 'The script of the worker could not be loaded: is its address right, and does worker-src of this page allow it?';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (isAwaited()) this.#events.giveUp(new MuntinError('GUEST_NOT_LOADED', text));
    }, graceMs);
  }
}

function isWorker(made: unknown): made is Worker {
  if (typeof made !== 'object' || made === null) return false;
  return ['postMessage', 'terminate', 'addEventListener'].every(
    (name) => typeof Reflect.get(made, name) === 'function',
  );
}
