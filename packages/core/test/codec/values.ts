import { isSame } from './same.ts';

/** One value that crosses, and how to tell that it has. */
export interface Row {
  readonly name: string;
  /** A new one each time, on either side; a promise where the platform makes it so. */
  make(): unknown;
  /** Whether what arrived is right. */
  check(got: unknown): boolean | Promise<boolean>;
}

/** A row whose value arrives as it was. */
export function row(name: string, make: () => unknown, check?: (got: never) => boolean | Promise<boolean>): Row {
  return { name, make, check: (got) => (check === undefined ? isSame(make(), got) : check(got as never)) };
}

function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

function changed<T extends object>(value: T, change: (value: T) => void): T {
  change(value);
  return value;
}

const primitives: readonly Row[] = [
  ...[undefined, null, true, false].map((value) => row(String(value), () => value)),
  ...Object.entries({
    zero: 0,
    'minus zero': -0,
    one: 1,
    'minus one': -1,
    'a fraction': 0.1,
    pi: Math.PI,
    NaN: Number.NaN,
    Infinity: Infinity,
    'minus Infinity': -Infinity,
    'the largest safe integer': Number.MAX_SAFE_INTEGER,
    'the smallest safe integer': Number.MIN_SAFE_INTEGER,
    'one over the largest safe integer': 2 ** 53,
    'the largest number': Number.MAX_VALUE,
    'the smallest number': Number.MIN_VALUE,
    epsilon: Number.EPSILON,
    '2^31': 2 ** 31,
    '-2^31': -(2 ** 31),
    '2^32': 2 ** 32,
    '2^32 - 1': 2 ** 32 - 1,
    'a denormal': 5e-310,
  }).map(([name, value]) => row(`number: ${name}`, () => value)),
  ...Object.entries({
    zero: 0n,
    one: 1n,
    'minus one': -1n,
    '2^53': 2n ** 53n,
    '2^63': 2n ** 63n,
    '2^64': 2n ** 64n,
    '-2^64': -(2n ** 64n),
    '2^200': 2n ** 200n,
    'a thousand digits': 10n ** 1000n,
  }).map(([name, value]) => row(`bigint: ${name}`, () => value)),
  ...Object.entries({
    empty: '',
    ASCII: 'hello',
    'Latin-1': 'crème brûlée',
    'two bytes each': 'Дворец 宮殿',
    astral: '𝒳😀🏳️‍🌈',
    'a high surrogate alone': '\ud83d',
    'a low surrogate alone': '\udc4d',
    'surrogates in the wrong order': 'a\udc4d\ud83db',
    NUL: 'a\0b',
    'line ends': '\r\n\u2028\u2029\u0085',
    'a byte order mark': '\ufeffx',
    'a combining mark': 'e\u0301',
    'the replacement character': '\ufffd',
    'a noncharacter': '\uffff\ufffe',
    'right to left': '\u202eabc',
    'of a million characters': 'x'.repeat(1_000_000),
    'of a million wide characters': '宮'.repeat(1_000_000),
    'that looks like a number': '-0',
    'that looks like code': '</script><!-- ${1} __proto__',
  }).map(([name, value]) => row(`text: ${name}`, () => value)),
];

const boxed: readonly Row[] = [
  row('boxed: a number', () => Object(1.5)),
  row('boxed: minus zero', () => Object(-0)),
  row('boxed: NaN', () => Object(Number.NaN)),
  row('boxed: a text', () => Object('abc')),
  row('boxed: true', () => Object(true)),
  row('boxed: false', () => Object(false)),
  row('boxed: a bigint', () => Object(7n)),
];

const datesAndPatterns: readonly Row[] = [
  ...Object.entries({
    'the epoch': 0,
    'before the epoch': -1,
    'a millisecond': 1_700_000_000_123,
    'the last': 8.64e15,
    'the first': -8.64e15,
    invalid: Number.NaN,
    'year 1': -62_135_596_800_000,
  }).map(([name, ms]) => row(`date: ${name}`, () => new Date(ms))),
  ...Object.entries({
    plain: /abc/,
    'with every flag but v': /a.c/dgimsuy,
    'with the flag v': new RegExp('[\\p{L}--[a-z]]', 'v'),
    empty: new RegExp(''),
    'with a slash': /a\/b/,
    'with groups': /(?<year>\d{4})-(?:x|y)(?=z)/u,
    'with a line end': new RegExp('\n'),
    'with a lone surrogate': /[\ud83d]/,
  }).map(([name, pattern]) => row(`pattern: ${name}`, () => new RegExp(pattern))),
  row(
    'pattern: lastIndex starts again at 0',
    () => changed(/a/g, (pattern) => (pattern.lastIndex = 3)),
    (got: RegExp) => got.lastIndex === 0 && got.source === 'a',
  ),
];

const lists: readonly Row[] = [
  row('list: empty', () => []),
  row('list: of everything', () => [1, 'a', null, undefined, true, 2n, {}, []]),
  row('list: a hole at the start', () => changed([0, 1, 2], (list) => Reflect.deleteProperty(list, 0))),
  row('list: a hole in the middle', () => changed([0, 1, 2], (list) => Reflect.deleteProperty(list, 1))),
  row('list: a hole at the end', () => changed([0, 1, 2], (list) => (list.length = 5))),
  row('list: only holes', () => changed([], (list) => (list.length = 100))),
  row('list: a hole is not undefined', () =>
    changed([undefined, undefined], (list) => Reflect.deleteProperty(list, 0)),
  ),
  row('list: sparse, far away', () => changed<string[]>([], (list) => (list[10_000] = 'x'))),
  row('list: with a property of its own', () => Object.assign([1, 2], { note: 'x' })),
  row('list: with a negative index', () => Object.assign([1], { '-1': 'x' })),
  row('list: of lists', () => [[[[]]], [[1], [2, [3]]]]),
  row('list: of 100,000 numbers', () => Array.from({ length: 100_000 }, (_, index) => index)),
  row('list: of 10,000 objects', () => Array.from({ length: 10_000 }, (_, id) => ({ id, name: `n${id}` }))),
  row('list: of doubles', () => [0.1, 0.2, -0, Number.NaN, Infinity]),
  row('list: of equal texts', () => Array.from({ length: 1000 }, () => 'same')),
];

const objects: readonly Row[] = [
  row('object: empty', () => ({})),
  row('object: the order of its keys', () => ({ z: 1, a: 2, m: 3, 2: 'two', 1: 'one' })),
  row('object: undefined is there', () => ({ a: undefined })),
  row('object: an empty key', () => ({ '': 1 })),
  row('object: a key with dots and backslashes', () => ({ 'a.b\\c': { '.': 1, '\\': 2 } })),
  row('object: keys with lone surrogates', () => ({ '\ud83d': 1, '\udc4d': 2 })),
  row('object: an own constructor', () => ({ constructor: { name: 'x' }, prototype: 1 })),
  row('object: own names of Object.prototype', () => ({
    hasOwnProperty: 1,
    toString: 'x',
    valueOf: null,
    isPrototypeOf: 0,
  })),
  row('object: then is data', () => JSON.parse('{"then":"and then"}') as unknown),
  row('object: toJSON is data', () => ({ toJSON: 'x' })),
  row('object: type, json and meta are data', () => ({ json: 1, meta: { values: { a: ['Date'] } }, type: 'x' })),
  row('object: length is data', () => ({ length: 3, 0: 'a' })),
  row('object: 100,000 keys', () =>
    Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index])),
  ),
  row('object: 1,000 deep', () => nest(1000, (inner) => ({ inner }))),
  row(
    'object: a getter arrives as its value',
    () => ({
      get a() {
        return 42;
      },
    }),
    (got: object) => isSame(Object.getOwnPropertyDescriptor(got, 'a')?.value, 42),
  ),
  row(
    'object: frozen arrives open',
    () => Object.freeze({ a: 1 }),
    (got: object) => !Object.isFrozen(got) && isSame(got, { a: 1 }),
  ),
  row(
    'object: without a prototype arrives with one',
    () => Object.assign(Object.create(null) as object, { a: 1 }),
    (got) => isSame(got, { a: 1 }),
  ),
  row(
    'object: what is not enumerable stays',
    () => Object.defineProperty({ a: 1 }, 'hidden', { value: 2, enumerable: false }),
    (got) => isSame(got, { a: 1 }),
  ),
  row(
    'object: keys that are symbols stay',
    () => ({ a: 1, [Symbol('s')]: 2 }),
    (got) => isSame(got, { a: 1 }),
  ),
  row(
    'object: an instance arrives as plain data',
    () => new Point(1, 2),
    (got) => isSame(got, { x: 1, y: 2 }),
  ),
];

class Point {
  readonly x: number;
  readonly y: number;
  readonly #secret = 'stays';
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get secret(): string {
    return this.#secret;
  }
}

const collections: readonly Row[] = [
  row('map: empty', () => new Map()),
  row(
    'map: the order of its entries',
    () =>
      new Map([
        ['z', 1],
        ['a', 2],
        ['m', 3],
      ]),
  ),
  row(
    'map: keys of every kind',
    () =>
      new Map<unknown, unknown>([
        [1, 'n'],
        ['1', 's'],
        [1n, 'b'],
        [null, 0],
        [undefined, 1],
        [true, 2],
      ]),
  ),
  row('map: the key NaN', () => new Map([[Number.NaN, 1]])),
  row('map: the key minus zero is zero', () => new Map([[-0, 1]])),
  row('map: objects as keys', () => new Map([[{ a: 1 }, { b: 2 }]])),
  row('map: dates as keys', () => new Map([[new Date(1), 'x']])),
  row('map: of maps', () => new Map([['a', new Map([['b', new Map([['c', 1]])]])]])),
  row('map: of 10,000', () => new Map(Array.from({ length: 10_000 }, (_, index) => [index, `v${index}`]))),
  row(
    'map: a property of its own stays',
    () => Object.assign(new Map([[1, 2]]), { note: 'x' }),
    (got) => isSame(got, new Map([[1, 2]])) && !Object.hasOwn(got, 'note'),
  ),
  row('set: empty', () => new Set()),
  row('set: the order of its items', () => new Set(['z', 'a', 'm'])),
  row('set: NaN and minus zero', () => new Set([Number.NaN, -0])),
  row('set: of objects', () => new Set([{ a: 1 }, { a: 1 }])),
  row('set: of sets', () => new Set([new Set([1]), new Set([2])])),
  row('set: of 10,000', () => new Set(Array.from({ length: 10_000 }, (_, index) => index))),
  row('set: in a map in a list', () => [new Map([['a', new Set([1, [2]])]])]),
];

const shapes: readonly Row[] = [
  row('cycle: an object', () => changed<{ self?: unknown }>({}, (value) => (value.self = value))),
  row('cycle: a list', () => changed<unknown[]>([], (list) => list.push(list, [list]))),
  row('cycle: a map as its own value', () => changed(new Map<string, unknown>(), (map) => map.set('self', map))),
  row('cycle: a map as its own key', () => changed(new Map<unknown, unknown>(), (map) => map.set(map, 1))),
  row('cycle: a set', () => changed(new Set<unknown>(), (set) => set.add(set))),
  row('cycle: over four kinds', () => {
    const top: { list?: unknown[] } = {};
    top.list = [new Map([['set', new Set([top])]])];
    return top;
  }),
  row('cycle: parents and children', () => {
    const parent: { children: unknown[] } = { children: [] };
    for (let index = 0; index < 100; index++) parent.children.push({ index, parent });
    return parent;
  }),
  row('cycle: a ring of 1,000', () => {
    const first: { next?: unknown } = {};
    let last = first;
    for (let index = 0; index < 1000; index++) last = last.next = {};
    last.next = first;
    return first;
  }),
  row('shared: an object', () => changed([{ a: 1 }], (list) => list.push(...list, ...list))),
  row('shared: a list', () => ((list) => ({ a: list, b: [list], c: new Map([['d', list]]) }))([1])),
  row('shared: a date', () => ((date) => [date, date])(new Date(5))),
  row('shared: a pattern', () => ((pattern) => [pattern, pattern])(/a/g)),
  row('shared: a boxed number', () => ((box: unknown) => [box, box])(Object(1))),
  row('shared: an error', () => ((error) => [error, error])(new RangeError('x'))),
  row('shared: an empty object', () => ((empty) => [empty, {}, empty])({})),
  row('shared: not what is only equal', () => [{ a: 1 }, { a: 1 }]),
  row('shared: a buffer of two views', () => {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    return [new Uint8Array(buffer, 2, 3), new Uint16Array(buffer, 4), buffer];
  }),
  row('shared: one view twice', () => ((view) => [view, view])(new Float32Array([1.5]))),
  row('deep: 1,000 lists', () => nest(1000, (inner) => [inner])),
  row('deep: 500 maps', () => nest(500, (inner) => new Map([['inner', inner]]))),
  row('deep: 500 sets', () => nest(500, (inner) => new Set([inner]))),
];

const bytes = [0, 1, 127, 128, 255, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

const viewTypes = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

function filled(): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

const buffers: readonly Row[] = [
  ...Object.entries(viewTypes).flatMap(([name, View]) => [
    row(`${name}: empty`, () => new View(0)),
    row(`${name}: bytes`, () => new View(filled())),
    row(`${name}: a part of a buffer`, () => new View(filled(), 8, 8 / View.BYTES_PER_ELEMENT)),
  ]),
  row('Float32Array: special numbers', () => new Float32Array([-0, Number.NaN, Infinity, -Infinity, 1e-45])),
  row('Float64Array: special numbers', () => new Float64Array([-0, Number.NaN, Infinity, -Infinity, 5e-324])),
  row('DataView: whole', () => new DataView(filled())),
  row('DataView: a part', () => new DataView(filled(), 3, 5)),
  row('DataView: empty', () => new DataView(new ArrayBuffer(0))),
  row('ArrayBuffer: empty', () => new ArrayBuffer(0)),
  row('ArrayBuffer: bytes', filled),
  row('ArrayBuffer: one megabyte', () => new Uint8Array(2 ** 20).fill(7).buffer),
  row('ArrayBuffer: resizable', () => resizable()),
  row('ArrayBuffer: resizable, resized', () => changed(resizable(), (buffer) => buffer.resize(3))),
  row('Uint8Array: of a resizable buffer, fixed length', () => new Uint8Array(resizable(), 2, 4)),
  row(
    'Uint8Array: of a resizable buffer, its length follows',
    () => new Uint8Array(resizable()),
    (got: Uint8Array) => {
      (got.buffer as Resizable).resize(12);
      return got.length === 12;
    },
  ),
  row(
    'a view of a view is a view of the whole buffer',
    () => new Uint8Array(filled()).subarray(2, 4),
    (got: Uint8Array) => got.byteOffset === 2 && got.length === 2 && got.buffer.byteLength === 16,
  ),
];

type Resizable = ArrayBuffer & { resize(length: number): void };

function resizable(): Resizable {
  const Buffer = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => Resizable;
  const buffer = new Buffer(8, { maxByteLength: 16 });
  new Uint8Array(buffer).set([1, 2, 3, 4, 5, 6, 7, 8]);
  return buffer;
}

const errorTypes = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const;

const errors: readonly Row[] = [
  ...Object.entries(errorTypes).flatMap(([name, Type]) => [
    row(
      `${name}: class and message`,
      () => new Type('bad'),
      (got: Error) => got instanceof Type && got.message === 'bad' && got.name === name,
    ),
    row(
      `${name}: with a cause`,
      () => new Type('bad', { cause: new RangeError('why', { cause: { code: 7 } }) }),
      (got: Error) =>
        got instanceof Type &&
        got.cause instanceof RangeError &&
        got.cause.message === 'why' &&
        isSame(got.cause.cause, { code: 7 }),
    ),
  ]),
  row('Error: without a message', () => new Error()),
  row('Error: deep in a value', () => ({ results: [{ ok: false, error: new TypeError('x') }] })),
  row(
    'Error: a subclass arrives as the nearest built-in',
    () => new (class OutOfStock extends RangeError {})('none left'),
    (got: Error) => Object.getPrototypeOf(got) === RangeError.prototype && got.message === 'none left',
  ),
  row(
    'Error: a name of its own makes it an Error',
    () => changed(new RangeError('none left'), (error) => (error.name = 'OutOfStock')),
    (got: Error) => Object.getPrototypeOf(got) === Error.prototype && got.message === 'none left',
  ),
  row(
    'Error: own properties stay',
    () => Object.assign(new Error('x'), { code: 'E1' }),
    (got: Error) => !('code' in got) && got.message === 'x',
  ),
];

const mixed: readonly Row[] = [
  row('mixed: what a form sends', () => ({
    id: 7n,
    when: new Date(1e12),
    tags: new Set(['a', 'b']),
    price: { amount: -0, currency: 'EUR' },
    search: /x+/giu,
    bytes: new Uint8Array([1, 2]),
    nothing: undefined,
    by: new Map([['k', [null, Number.NaN]]]),
  })),
  row('mixed: a tree', () => {
    const tree = (level: number): unknown =>
      level === 0 ? new Date(level) : { left: tree(level - 1), right: [tree(level - 1)], level };
    return tree(8);
  }),
  row('mixed: a row of a table', () =>
    Array.from({ length: 500 }, (_, id) => ({ id, at: new Date(id), ok: id % 2 === 0 })),
  ),
];

/** What every JavaScript engine has. */
export const plainRows: readonly Row[] = [
  ...primitives,
  ...boxed,
  ...datesAndPatterns,
  ...lists,
  ...objects,
  ...collections,
  ...shapes,
  ...buffers,
  ...errors,
  ...mixed,
];
