import { expect, it } from 'vitest';
import { bytesOf } from '../../src/link/budget.ts';

// What waits is bounded by what it keeps: so nothing that a peer can send may keep much, and count little.
const long = 'x'.repeat(10_000);
const named = (array: unknown[]): unknown[] => Object.assign(array, { [long]: 1 });
const sparse = (length: number): unknown[] => Object.assign([], { length });

it.each<[string, unknown]>([
  ['a text', long],
  ['a key', { [long]: 1 }],
  ['the source of an expression', new RegExp(long)],
  ['a boxed text', Object(long)],
  ['a boxed number', Object(1n << 80_000n)],
  ['the message of an error', new Error(long)],
  ['the name of a DOMException', new DOMException('', long)],
  ['a name of a list', named([1])],
  ['a name in the place of a hole', named(sparse(1))],
  ['a name beside holes', named(sparse(1_000_000))],
  ['a view', new Uint8Array(10_000)],
  ['one byte of a large buffer', new Uint8Array(new ArrayBuffer(10_000), 7, 1)],
  ['a key of a map', new Map([[long, 1]])],
  ['a value of a set', new Set([long])],
])('counts what waits: %s', (_what, value) => {
  for (const batch of [[value], [[5, 1, 1, { deep: [value] }, 0]], [new Set([value])]])
    expect(bytesOf(batch, Infinity)).toBeGreaterThanOrEqual(10_000);
});

it('counts once what is there several times', () => {
  const buffer = new ArrayBuffer(10_000);
  expect(bytesOf([buffer, buffer, new Uint8Array(buffer), new DataView(buffer)], Infinity)).toBeLessThan(10_200);
});
