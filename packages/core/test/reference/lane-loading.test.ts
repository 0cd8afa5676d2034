import * as Comlink from 'comlink';
import { expect, it, vi } from 'vitest';
import { Lanes, readLimits } from '../../src/internal.ts';
import { rejection, turns } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

// As when the server has a new build, and the chunk of the old one is gone.
vi.mock('../../src/reference/lane-hub.ts', () => {
  throw new Error('404');
});

it('a call over a lane rejects when what lanes need cannot be loaded', async () => {
  const uncaught = collectUncaught();
  const api = Comlink.wrap<{ add(n: number): number }>(new Lanes('host', readLimits()).open('db'));
  expect(await rejection(api.add(1))).toMatchObject({ message: expect.stringContaining('could not be loaded') });
  await turns();
  expect(uncaught).toEqual([]);
});
