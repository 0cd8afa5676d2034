import { describe, expect, it } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';

const rows = (): unknown[] => Array.from({ length: 20 }, (_, n) => ({ n }));
const bigint = (): unknown[] => [{}, 'bigint', '', '1'];

/** Encoded values that share a part: structured clone writes it once, and each would have it decoded again. */
const pairs: readonly (readonly [string, () => readonly [unknown, unknown]])[] = [
  [
    'the value',
    () => {
      const root = rows();
      return [
        [root, [bigint()]],
        [root, [bigint()]],
      ];
    },
  ],
  [
    'what stands for all of the value',
    () => {
      const standIn = {};
      return [
        [standIn, [[standIn, 'bigint', '', '1']]],
        [standIn, [[standIn, 'bigint', '', '1']]],
      ];
    },
  ],
  [
    'something deep in the value',
    () => {
      const inner = new Map([['rows', rows()]]);
      return [
        [{ inner }, [bigint()]],
        [[inner], [bigint()]],
      ];
    },
  ],
  [
    'all of it',
    () => {
      const whole = [rows(), [bigint()]];
      return [whole, whole];
    },
  ],
  [
    'a mark',
    () => {
      const mark = bigint();
      return [
        [rows(), [mark]],
        [rows(), [mark]],
      ];
    },
  ],
  [
    'what an error is made of',
    () => {
      const standIn = { name: 'Error', message: 'x', cause: rows() };
      return [
        [[standIn], [[standIn, 'class', 'Error']]],
        [[standIn], [[standIn, 'class', 'Error']]],
      ];
    },
  ],
];

describe('two encoded values', () => {
  it.each(pairs)('do not share %s: no peer of ours encodes them so', (_what, make) => {
    const codec = superjsonCodec();
    // As they come: in one batch.
    const [first, second] = structuredClone(make());
    codec.decode(first);
    expect(() => codec.decode(second)).toThrow(/one part in two encoded values|malformed marks?/u);
  });

  it('are decoded where they are alike', () => {
    const codec = superjsonCodec();
    for (const [, make] of pairs) for (const one of make()) codec.decode(structuredClone(one));
    const given = { at: new URL('https://a.example/'), big: 5n, bad: new TypeError('x') };
    for (let count = 0; count < 2; count++) expect(codec.decode(structuredClone(codec.encode(given)))).toEqual(given);
  });
});
