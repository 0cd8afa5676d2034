import { contract, query } from '@muntin/core';
import type { Sum } from '../../page/job.ts';

/** What the pages share that send values with a codec. */
export const echoes = contract({
  name: 'muntin/bench-echoes',
  version: '1.0.0',
  guest: {
    add: query<Sum, number>(),
    echo: query<unknown, unknown>(),
    produced: query<void, number>(),
    stop: query(),
  },
});
