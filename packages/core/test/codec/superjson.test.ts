import { describe, expect, it } from 'vitest';
import { customType, superjsonCodec } from '../../src/codec/superjson.ts';

class Money {
  readonly amount: number;
  constructor(amount: number) {
    this.amount = amount;
  }
  get doubled(): number {
    return this.amount * 2;
  }
}
class Decimal {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}
const flag = Symbol('flag');
const codec = superjsonCodec({
  classes: { Money },
  symbols: { flag },
  custom: {
    decimal: customType<Decimal>({
      isApplicable: (value) => value instanceof Decimal,
      serialize: ({ digits }) => digits,
      deserialize: (data) => new Decimal(String(data)),
    }),
  },
  errorProperties: ['code'],
});
const roundTrip = (value: unknown): unknown => codec.decode(structuredClone(codec.encode(value)));

describe('the superjson codec', () => {
  it('brings what structured clone loses, beside what it carries', () => {
    const shared = { url: new URL('https://a.example/?q=1') };
    const bytes = new Uint8Array([1, 2, 3]);
    const value = {
      money: new Money(4),
      decimal: new Decimal('1.50'),
      flag,
      a: shared,
      b: shared,
      bytes,
      blob: new Blob(['x']),
      'key.with\\dots': new Map([[new Date(5), new Set([new Map([['x', undefined]])])]]),
      nothing: undefined,
      big: 2n ** 70n,
      error: Object.assign(new TypeError('bad'), { code: 'E1' }),
      nan: [Number.NaN, -0, Infinity],
    };
    const got = roundTrip(value) as typeof value;
    expect(got.money).toBeInstanceOf(Money);
    expect(got.money.doubled).toBe(8);
    expect(got.decimal).toEqual(new Decimal('1.50'));
    expect(got.flag).toBe(flag);
    expect(got.a).toBe(got.b);
    expect(got.a.url.href).toBe('https://a.example/?q=1');
    expect(got.bytes).toEqual(bytes);
    expect(got.blob).toBeInstanceOf(Blob);
    expect(got['key.with\\dots']).toEqual(value['key.with\\dots']);
    expect('nothing' in got).toBe(true);
    expect(got.big).toBe(2n ** 70n);
    expect(got.error).toMatchObject({ name: 'TypeError', message: 'bad', code: 'E1' });
    expect(got.nan).toEqual(value.nan);
  });

  it('keeps cycles', () => {
    const value: { self?: unknown; url: URL } = { url: new URL('https://a.example') };
    value.self = value;
    const got = roundTrip(value) as typeof value;
    expect(got.self).toBe(got);
  });

  it.each<[string, unknown]>([
    ['no list', { json: 1 }],
    ['two entries', [1, {}]],
    ['an inherited path', [{}, { toString: ['Date'] }, {}]],
    ['an equality with an inherited path', [{ a: null }, {}, { toString: ['a'] }]],
    ['a path to valueOf', [{ a: null }, {}, { valueOf: ['a'] }]],
    ['a path through __proto__', [{ a: 1 }, { '__proto__.x': ['Date'] }, {}]],
    ['a path through constructor', [{ a: 1 }, {}, { 'constructor.prototype': ['a'] }]],
    ['an own __proto__ key', [JSON.parse('{"__proto__":{"polluted":true}}')]],
    ['an own constructor key', [{ constructor: 1 }]],
    ['a typed array of a billion', [{ a: 1e9 }, { a: [['typed-array', 'Float64Array']] }, {}]],
    ['an unregistered class', [{ a: {} }, { a: [['class', 'Secret']] }, {}]],
    ['an inherited class name', [{ a: {} }, { a: [['class', 'constructor']] }, {}]],
    ['an unregistered symbol', [{ a: 'x' }, { a: [['symbol', 'other']] }, {}]],
    ['an unregistered custom type', [{ a: 'x' }, { a: [['custom', 'other']] }, {}]],
    ['a kind of Object.prototype', [{ a: 'x' }, { a: ['hasOwnProperty'] }, {}]],
    ['a text as annotations', [{ a: 'x' }, 'recursion', {}]],
    ['a text as an annotation', [{ a: 'x' }, { a: 'recursion' }, {}]],
    ['a text as equalities', [{ a: 'x' }, {}, 'recursion']],
    ['a giant bigint', [{ a: '9'.repeat(100_000) }, { a: ['bigint'] }, {}]],
    ['no bigint', [{ a: 'x' }, { a: ['bigint'] }, {}]],
    ['an index far away', [{ a: [] }, {}, { a: ['a.4294967294'] }]],
  ])('refuses %s', (_name, data) => {
    expect(() => codec.decode(structuredClone(data))).toThrow(/./);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
