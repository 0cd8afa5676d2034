import { describe, expect, it } from 'vitest';
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

describe('what contains itself', () => {
  interface Loop {
    readonly name: string;
    next?: Loop | undefined;
  }
  /** So many objects in a circle. */
  const circle = (size: number, lastName = 'a'): Loop => {
    const first: Loop = { name: 'a' };
    let last = first;
    for (let at = 1; at < size; at++) last = last.next = { name: at === size - 1 ? lastName : 'a' };
    last.next = first;
    return first;
  };

  it('is the same as what contains itself alike, and ends', () => {
    expect(isSame(circle(1), circle(1))).toBe(true);
    expect(isSame(circle(2), circle(3))).toBe(true);
    expect(isSame(circle(4), circle(4, 'b'))).toBe(false);
    expect(isSame(circle(1), { name: 'a', next: undefined })).toBe(false);
  });
});
