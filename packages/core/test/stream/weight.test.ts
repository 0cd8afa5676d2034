import { describe, expect, it } from 'vitest';
import { copyPlain } from '../../src/link/copy.ts';
import { weigh } from '../../src/stream/weight.ts';
import { isSame } from '../codec/same.ts';

describe('the weight of a value', () => {
  it('grows with what it holds, and is never nothing', () => {
    expect([undefined, null, 0, true, 1n].map((value) => weigh(value, 1e9))).toEqual([64, 64, 64, 64, 64]);
    expect(weigh('x'.repeat(1000), 1e9)).toBe(2064);
    expect(weigh({ a: 1, b: 'xx' }, 1e9)).toBe(64 + 16 + 16 + 4);
    expect(weigh([new Uint8Array(5000)], 1e9)).toBeGreaterThan(5000);
    expect(weigh(new Map([['k', new Set(['x'.repeat(1000)])]]), 1e9)).toBeGreaterThan(2000);
  });

  it('ends for cycles, and counts a shared part once', () => {
    const part = { text: 'x'.repeat(1000) };
    const cycle: { self?: unknown; a: unknown; b: unknown } = { a: part, b: part };
    cycle.self = cycle;
    expect(weigh(cycle, 1e9)).toBeLessThan(2500);
  });

  it('is not counted to its end when it is too much already', () => {
    let read = 0;
    const parts = Array.from({ length: 1000 }, () => ({
      get text() {
        read++;
        return 'x'.repeat(1000);
      },
    }));
    expect(weigh(parts, 20_000)).toBeGreaterThan(20_000);
    expect(read).toBeLessThan(20);
  });
});

describe('a copy of a small value', () => {
  const shared = { x: 1 };
  const cycle: unknown[] = [];
  cycle.push(cycle, { cycle });

  it.each<[string, object]>([
    ['an object', { a: 1, b: 'x', c: null, d: undefined, e: -0, f: Number.NaN, g: 1n }],
    ['an array', [1, [2, [3]], { a: [] }]],
    ['shared parts', { a: shared, b: [shared] }],
    ['a cycle', cycle],
    ['keys of all kinds', { '': 1, 'a.b': 2, 7: 3, constructor: 4 }],
  ])('is the same as it: %s', (_, value) => {
    const copy = copyPlain(value);
    expect(copy).not.toBe(value);
    expect(isSame(value, copy)).toBe(true);
  });

  it.each<[string, object]>([
    [
      'an instance',
      new (class Own {
        readonly a = 1;
      })(),
    ],
    ['a map', { at: new Map() }],
    ['a view of many bytes', [new Uint8Array(5000)]],
    ['a view of a class of its own', [new (class extends Uint8Array {})(1)]],
    ['a hole', Array(2)],
    ['an array with a key', Object.assign([1], { key: 1 })],
    ['a function', { f: () => 1 }],
    ['a symbol', { s: Symbol('s') }],
    ['an own __proto__', JSON.parse('{"__proto__":{}}') as object],
    ['more than 256 parts', Array(300).fill(0)],
    ['more than 32 objects', Array.from({ length: 40 }, () => ({}))],
    [
      'a getter that throws',
      {
        get bad(): never {
          throw new Error('no');
        },
      },
    ],
  ])('is left to the browser: %s', (_, value) => {
    expect(copyPlain(value)).toBeUndefined();
  });
});
