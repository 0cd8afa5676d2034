import type { AddedBy, HostPart, Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, isAcceptable, requirePage } from '@muntin/core/internal';
import { WorkerContainer } from './container/worker.ts';
import { mountIn } from './mount-in.ts';
import type { AnyContract, CommonOptions, Mounted } from './mounted.ts';
import { workerKinds } from './option-kinds.ts';

/** Options of {@link mountWorker}. */
export type WorkerOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> &
  HostPart<C, AddedBy<List>> & {
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
export function mountWorker<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: WorkerOptions<C, List>,
): WorkerMount<C> {
  requirePage('mountWorker()');
  checkOptions('mountWorker', options, workerKinds);
  const { worker } = options;
  if (typeof worker !== 'function')
    throw invalidOption(`worker is ${inspect(worker)}: give a function that makes one, as in () => new Worker(url)`);
  const origin = isAcceptable(self.origin, { allowInsecure: true }) ? self.origin : 'null';
  return mountIn(
    contract,
    options,
    origin,
    (events) => new WorkerContainer(origin, worker, events),
    (container) => ({
      get worker() {
        return container.worker;
      },
    }),
  );
}
