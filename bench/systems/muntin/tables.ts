import { contract, query } from '@muntin/core';
import type { Sum } from '../../page/job.ts';
import { tableSchema } from '../../page/schema.ts';

/** What the pages share that check values by a schema. */
export const tables = contract({
  name: 'muntin/bench-tables',
  version: '1.0.0',
  guest: {
    add: query<Sum, number>(),
    echo: query({ input: tableSchema, output: tableSchema }),
    produced: query<void, number>(),
    stop: query(),
  },
});
