import { contract, observable, query, type Remote } from '@muntin/core';
import { padding, type StreamRequest, type Sum, type Tick } from '../../page/job.ts';

/** Values of 20 MB have more parts than the default of 500,000 allows. */
export const limits = { valueNodes: 2_000_000 };

/** What host and guest of the benchmark share. */
export const bench = contract({
  name: 'muntin/bench',
  version: '1.0.0',
  guest: {
    add: query<Sum, number>(),
    echo: query<unknown, unknown>(),
    give: query<ArrayBuffer, ArrayBuffer>(),
    visit: query<{ ticks: readonly Tick[]; onDone: Remote<(count: number) => void> }, number>(),
    values: observable<StreamRequest, unknown>(),
    produced: query<void, number>(),
    stop: query(),
    padding: padding(() => query()),
  },
});
