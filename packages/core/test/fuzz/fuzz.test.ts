import { describe, expect, it } from 'vitest';
import { fuzz, show } from './fuzz.ts';

describe('a session that is attacked at random', () => {
  it.each(['host', 'guest'] as const)(
    'of the %s runs nothing invalid, throws nothing and keeps nothing',
    async (side) => {
      const { failure, batches, ended } = await fuzz({ side, seed: 20_261_122, batches: 2000 });
      expect(failure === undefined ? '' : show(failure)).toBe('');
      expect(batches).toBeGreaterThanOrEqual(2000);
      expect(ended).toBeGreaterThan(0);
    },
    60_000,
  );
});
