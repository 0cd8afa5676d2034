import { contract, observable, query } from '@muntin/core';
import { padding, type StreamRequest, type Sum } from '../../page/job.ts';

/** What host and guest of the benchmark share. */
export const bench = contract({
  name: 'muntin/bench',
  version: '1.0.0',
  guest: {
    add: query<Sum, number>(),
    echo: query<unknown, unknown>(),
    give: query<ArrayBuffer, ArrayBuffer>(),
    values: observable<StreamRequest, unknown>(),
    produced: query<void, number>(),
    stop: query(),
    padding: padding(() => query()),
  },
});
