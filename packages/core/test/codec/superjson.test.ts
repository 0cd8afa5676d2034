import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customType, superjsonCodec } from '../../src/codec/superjson.ts';
import { Uncodable } from '../../src/codec/uncodable.ts';
import { isSame } from './same.ts';

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

  class Node {
    next: unknown;
    readonly label: string;
    constructor(label: string) {
      this.label = label;
      this.next = this;
    }
  }
  class HttpError extends Error {
    readonly status: number;
    readonly page: unknown;
    constructor(status: number, page: unknown) {
      super(`status ${status}`, { cause: page });
      this.status = status;
      this.page = page;
    }
    override get name(): string {
      return 'HttpError';
    }
  }
  const wide = superjsonCodec({ classes: { Money, Node, HttpError } });
  const through = (value: unknown): unknown => wide.decode(structuredClone(wide.encode(value)));

  it('keeps what is one and the same: in a Set, a Map key, an instance, a cause and a field', () => {
    const one = { url: new URL('https://a.example') };
    const node = Object.assign(new Node('a'), { next: one });
    const error = new RangeError('r', { cause: one });
    const got = through({ one, set: new Set([one]), map: new Map([[one, one]]), node, error }) as {
      one: object;
      set: Set<object>;
      map: Map<object, object>;
      node: Node;
      error: Error;
    };
    expect([...got.set][0]).toBe(got.one);
    expect([...got.map][0]).toEqual([got.one, got.one]);
    expect([...got.map.keys()][0]).toBe(got.one);
    expect(got.node.next).toBe(got.one);
    expect(got.error.cause).toBe(got.one);
  });

  it('keeps cycles through instances, errors, Maps and Sets', () => {
    const node = new Node('loop');
    const set = new Set<unknown>([node]);
    const error = new HttpError(500, set);
    set.add(error);
    const got = through({ node, error, map: new Map([[set, node]]) }) as {
      node: Node;
      error: HttpError;
      map: Map<Set<unknown>, Node>;
    };
    expect(got.node).toBeInstanceOf(Node);
    expect(got.node.next).toBe(got.node);
    expect([...(got.error.page as Set<unknown>)]).toEqual([got.node, got.error]);
    expect([...got.map][0]).toEqual([got.error.page, got.node]);
  });

  it('keeps the class of built-in errors, and gives no cause to one that had none', () => {
    for (const type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      const got = through(new type('m')) as Error;
      expect(Object.getPrototypeOf(got)).toBe(type.prototype);
      expect([got.message, got.name, Object.hasOwn(got, 'cause'), Object.hasOwn(got, 'name')]).toEqual([
        'm',
        type.name,
        false,
        false,
      ]);
      expect(Object.keys(got)).toEqual([]);
      expect(structuredClone(got)).toBeInstanceOf(type);
    }
    const many = through(new AggregateError([new TypeError('a'), new URL('https://a.example')], 'm')) as AggregateError;
    expect(many).toBeInstanceOf(AggregateError);
    expect(many.errors[0]).toBeInstanceOf(TypeError);
    expect(many.errors[1]).toBeInstanceOf(URL);
    expect(Object.hasOwn(through(new Error('m', { cause: undefined })) as Error, 'cause')).toBe(true);
    expect((through(Object.assign(new Error('m'), { name: 'AbortError' })) as Error).name).toBe('AbortError');
  });

  it('keeps message, cause and properties of registered error classes, and no stack', () => {
    const got = through(new HttpError(404, { at: new URL('https://a.example/x') })) as HttpError;
    expect(got).toBeInstanceOf(HttpError);
    expect(got).toMatchObject({ name: 'HttpError', message: 'status 404', status: 404 });
    expect(got.cause).toBe(got.page);
    expect(got.stack).toBe('HttpError: status 404');
  });

  it.each<[string, () => unknown]>([
    ['holes', () => Object.assign([], { 1: new Money(1), length: 4 })],
    ['a sparse array of a million', () => Object.assign([], { 999_999: 1, length: 1_000_000 })],
    ['an array with properties', () => Object.assign([1], { key: new Map() })],
    ['a bigint of 10,000 digits', () => [10n ** 10_000n, -(10n ** 10_000n), 0n, -1n]],
    ['a pattern of 10,000 characters', () => new RegExp('x'.repeat(10_000), 'gu')],
    ['a text of a million characters', () => ['x'.repeat(1_000_000), new Money(1)]],
    ['keys that superjson refuses', () => ({ constructor: 1, prototype: new Money(2) })],
    ['a key of 10,000 characters', () => ({ ['k.'.repeat(5000)]: new Money(2) })],
    ['110,000 instances', () => Array.from({ length: 110_000 }, (_, n) => new Money(n))],
    [
      '20,000 levels',
      () => {
        let deep: unknown = 1;
        for (let level = 0; level < 300; level++) deep = level % 2 ? { deep } : [deep, new Set([deep])];
        return deep;
      },
    ],
    [
      'a Map whose keys are instances, in their order',
      () =>
        new Map([
          [new Money(2), 'b'],
          [new Money(1), 'a'],
        ]),
    ],
  ])(
    'carries %s',
    (_, make) => {
      const value = make();
      expect(isSame(value, through(value))).toBe(true);
    },
    60_000,
  );

  it.each<[string, unknown, string, string]>([
    ['an instance of a class that is not registered', { a: [new Decimal('1')] }, '.a[0]', 'Decimal'],
    ['an instance of a class that extends a registered one', new (class More extends Money {})(1), '', 'More'],
    [
      'an error of a class that is not registered',
      new Map([[1, new (class Own extends TypeError {})('x')]]),
      '[0][1]',
      'Own',
    ],
    [
      'a property of an error that is not named',
      [Object.assign(new Error('x'), { secret: 1 })],
      '[0].secret',
      'number',
    ],
    ['a property with a symbol as key', { 'a b': { [Symbol('s')]: 1 } }, '["a b"][Symbol(s)]', 'symbol'],
  ])('refuses %s, with its path', (_, value, path, kind) => {
    expect(() => wide.encode(value)).toThrow(expect.objectContaining({ path, kind }));
  });

  it.each<[string, unknown]>([
    ['no list', { json: 1 }],
    ['an empty list', []],
    ['three entries', [1, [], {}]],
    ['what superjson itself makes', [{ a: null }, { a: ['Date'] }, {}]],
    ['marks that are no list', [1, {}]],
    ['a mark that is no list', [1, [5]]],
    ['a mark without a name', [1, [[{}, 'class']]]],
    ['a stand-in that is a Map', [1, [[new Map(), 'class', 'Money']]]],
    ['a stand-in that is a text', [1, [['x', 'URL', '', 'https://a.example']]]],
    ['an unregistered class', [{}, [[{}, 'class', 'Secret']]]],
    ['an inherited class name', [{}, [[{}, 'class', 'constructor']]]],
    ['an unregistered symbol', [{}, [[{}, 'symbol', 'other']]]],
    ['an unregistered custom type', [{}, [[{}, 'custom', 'other', 1]]]],
    ['an inherited custom type', [{}, [[{}, 'custom', 'hasOwnProperty', 1]]]],
    ['an inherited custom type', [{}, [[{}, 'custom', '__proto__', 1]]]],
    ['an unknown kind', [{}, [[{}, 'Date', '', 0]]]],
    ['no bigint', [{}, [[{}, 'bigint', '', '0x10']]]],
    ['an empty bigint', [{}, [[{}, 'bigint', '', '-']]]],
    ['a URL that is none', [{}, [[{}, 'URL', '', 'no URL']]]],
    ['a URL that is an object', [{}, [[{}, 'URL', '', { href: 'https://a.example' }]]]],
    ['an error with a property that is not named', [1, [[{ secret: 1 }, 'class', 'TypeError']]]],
    ['an error with a stack of its own', [1, [[{ stack: 'mine' }, 'class', 'Error']]]],
    ['an instance with an own __proto__', [1, [[JSON.parse('{"__proto__":{"polluted":true}}'), 'class', 'Money']]]],
    [
      'two marks of one part',
      ((standIn: object) => [
        standIn,
        [
          [standIn, 'class', 'Money'],
          [standIn, 'class', 'Error'],
        ],
      ])({}),
    ],
  ])('refuses %s', (_name, data) => {
    expect(() => codec.decode(structuredClone(data))).toThrow(/./);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('takes no class by the name of a built-in error, which means that error', () => {
    expect(() => superjsonCodec({ classes: { TypeError: Money } })).toThrow('classes.TypeError');
    expect(() => superjsonCodec({ classes: { TypeError } })).not.toThrow();
  });

  it('takes a time in proportion to what came, also where a million marks and places meet in one Map', () => {
    const standIns = Array.from({ length: 20_000 }, () => ({}));
    const map = new Map(standIns.map((standIn) => [standIn, standIn]));
    const rows = Array.from({ length: 20_000 }, () => map);
    let visits = 0;
    Object.defineProperty(map, Symbol.iterator, {
      value: () => {
        visits++;
        return map.entries();
      },
    });
    codec.decode([[rows, map], standIns.map((standIn) => [standIn, 'URL', '', 'https://a.example/'])]);
    expect([...map.keys()][0]).toBeInstanceOf(URL);
    expect(visits).toBeLessThan(3);
  });

  it('arrives as it was, or is refused: whatever the value', () => {
    const leaf = fc.oneof(
      fc.anything({ maxDepth: 0, withNullPrototype: false, withBigInt: true, withDate: true, withTypedArray: true }),
      fc.bigInt(),
      fc.webUrl().map((url) => new URL(url)),
      fc.integer().map((amount) => new Money(amount)),
      fc.tuple(fc.constantFrom(Error, TypeError, RangeError), fc.string()).map(([type, text]) => new type(text)),
      fc.constant(new RegExp('a.b', 'gi')),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
        fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((rows) => new Map(rows)),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
        tie('value').map((next) => Object.assign(new Node('n'), { next })),
        tie('value').map((cause) => new TypeError('t', { cause })),
        // One and the same in several places, and a way back.
        tie('value').map((part) => {
          const both: Record<string, unknown> = { a: part, b: [part] };
          both['up'] = both;
          return both;
        }),
        fc
          .array(tie('value'), { maxLength: 3 })
          .map((items) => Object.assign(Array<unknown>(6), Object.fromEntries(items.entries()))),
      ),
    }));
    const isKept = (given: unknown): boolean => {
      let encoded: unknown;
      try {
        encoded = wide.encode(given);
      } catch (error) {
        return error instanceof Uncodable;
      }
      return isSame(given, wide.decode(structuredClone(encoded)));
    };
    expect(fc.check(fc.property(value, isKept), { numRuns: 2000, seed: 7 }).counterexample).toBeNull();
  });
});
