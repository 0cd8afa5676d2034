import { expect, it } from 'vitest';
import { isSame } from '../src/same.ts';

it('what a template makes anew each time is the same, and what is another is another', () => {
  const shared = { of: () => 1 };
  expect(isSame([{ retries: 3, nested: [1, NaN] }, shared], [{ retries: 3, nested: [1, NaN] }, shared])).toBe(true);
  expect(isSame({ a: 1 }, { a: 1, b: undefined })).toBe(false);
  expect(isSame({ a: undefined }, { b: undefined })).toBe(false);
  expect(isSame([], {})).toBe(false);
  expect(isSame({ of: () => 1 }, { of: () => 1 })).toBe(false);
  expect(isSame(new Date(0), new Date(0))).toBe(false);
  expect(isSame(null, undefined)).toBe(false);
});
