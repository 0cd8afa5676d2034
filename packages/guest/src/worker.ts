import { type AddedBy, type GuestPart, MuntinError, type Use } from '@muntin/core';
import { checkOptions, requireWorker, workerHost } from '@muntin/core/internal';
import { workerKinds } from './option-kinds.ts';
import { type AnyContract, type CommonOptions, openShell, type Shell } from './shell.ts';

/** Options of {@link expose} in a worker. There are no `hosts`: nobody but the page that made it can talk to a dedicated worker. */
export type WorkerExposeOptions<
  C extends AnyContract,
  List extends readonly Use[] = readonly Use[],
> = CommonOptions<List> & GuestPart<C, AddedBy<List>>;

/**
 * Serves the guest's part of a contract from a dedicated worker to the page that made it with `mountWorker`. Otherwise as `expose` of
 * `@muntin/guest`.
 */
export function expose<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: WorkerExposeOptions<C, List>,
): Shell<C> {
  requireWorker('expose() of "@muntin/guest/worker"');
  checkOptions('expose', options, workerKinds);
  return openShell(contract, options, () => {
    if (typeof document === 'object' || typeof postMessage !== 'function')
      throw new MuntinError(
        'NOT_EMBEDDED',
        'This is no dedicated worker: import expose from "@muntin/guest" in a page',
      );
    return workerHost(self, self.origin);
  });
}
