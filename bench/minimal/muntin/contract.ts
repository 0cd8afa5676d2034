import { contract, query } from '@muntin/core';

export const sums = contract({
  name: 'bench/minimal',
  version: '1.0.0',
  guest: { add: query<{ a: number; b: number }, number>() },
});
