import { expect, it } from 'vitest';
import { fuzz, show } from './fuzz.ts';

it.each(['host', 'guest'] as const)('nothing that a peer can post hurts a %s', { timeout: 120_000 }, async (side) => {
  const { failure, ...count } = await fuzz({ side, seed: 20_261_122, batches: 1500 });
  expect(failure === undefined ? undefined : show(failure)).toBeUndefined();
  expect(count.batches).toBeGreaterThanOrEqual(1500);
  expect(count.ended).toBeGreaterThan(0);
});
