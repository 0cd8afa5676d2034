import { readLimits } from '@muntin/core/internal';
import { describe, expect, it } from 'vitest';
import { GuestContext } from '../src/context/context.ts';

const limits = readLimits({ valueChars: 1000, valueBytes: 1000, valueNodes: 500, valueDepth: 100 });
const unsafe = (): object => JSON.parse('{"__proto__":1}') as object;
const nested = (levels: number, leaf: unknown): unknown => {
  let value = leaf;
  for (let level = 0; level < levels; level++) value = { value };
  return value;
};

// Beside what cannot be counted quickly, too.
const places: Readonly<Record<string, (part: unknown) => object>> = {
  'plain data': (part) => ({ part }),
  'a set beside it': (part) => ({ set: new Set([1]), part }),
  'a map around it': (part) => ({ map: new Map([['key', part]]) }),
  'a view beside it': (part) => ({ view: new DataView(new ArrayBuffer(1)), part }),
  'an error around it': (part) => ({ error: new Error('x', { cause: part }) }),
};

describe.each(Object.entries(places))('a context, with %s', (_, make) => {
  it.each([
    ['long texts', () => 'x'.repeat(1001), 'VALUE_TOO_LARGE'],
    ['long keys', () => ({ ['x'.repeat(1001)]: 1 }), 'VALUE_TOO_LARGE'],
    ['many bytes', () => new ArrayBuffer(1001), 'VALUE_TOO_LARGE'],
    ['many parts', () => Array.from({ length: 501 }, () => 0), 'VALUE_TOO_LARGE'],
    ['many levels', () => nested(101, 1), 'VALUE_TOO_LARGE'],
    ['an unsafe key', unsafe, 'VALUE_UNSAFE'],
  ])('that the guest would refuse is refused here: %s', (_what, part, code) => {
    const refused = expect.objectContaining({ code });
    expect(() => new GuestContext(make(part()), limits)).toThrow(refused);
    const context = new GuestContext({ first: 1 }, limits);
    expect(() => context.change(make(part()), undefined)).toThrow(refused);
    expect(context.first(['+muntin/context'])).toEqual([[expect.any(Number), 0, { first: 1 }]]);
  });

  it('that the guest takes is taken', () => {
    for (const part of ['x'.repeat(500), new ArrayBuffer(900), Array.from({ length: 400 }, () => 0), nested(50, 1)])
      expect(new GuestContext(make(part), limits)).toBeInstanceOf(GuestContext);
  });
});
