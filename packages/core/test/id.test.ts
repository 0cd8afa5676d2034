import { expect, it } from 'vitest';
import { newId } from '../src/id.ts';

it('makes ids of 128 random bits, each its own, that need no escaping in an address or an attribute', () => {
  const ids = Array.from({ length: 10_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^\d+(?:-\d+){3}$/);
  // Each of the four has all of its bits: one of ten thousand is in every sixteenth of its range.
  for (let part = 0; part < 4; part++)
    expect(new Set(ids.map((id) => Math.floor(Number(id.split('-')[part]) / 2 ** 28))).size).toBe(16);
});
