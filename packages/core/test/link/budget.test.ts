import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { contract, observable, query, type } from '../../src/index.ts';
import { type Budget, Scales } from '../../src/link/budget.ts';
import { defaultLimits, type Limits } from '../../src/link/limits.ts';
import { CALL, FAILURE, NEXT, RESULT } from '../../src/link/messages.ts';
import { walk } from '../../src/link/walk.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { rejection } from '../fixtures/turns.ts';

// Together they are over the limit for bytes, where each view counts.
const largeBuffer = new ArrayBuffer(2 ** 25 + 1);

const weigh = (value: unknown, budget: Budget, withWalk: () => typeof walk | undefined) =>
  new Scales(budget, withWalk).weigh(value);
const overBudget = (value: unknown, budget: Budget) => weigh(value, budget, () => walk);

it('weighs what is refused again and again with a number: what is added up stays one', () => {
  const shared = dag();
  const scales = new Scales(defaultLimits, () => walk);
  for (let time = 0; time < 3; time++) {
    expect(scales.weigh({ shared })).toBe('valueNodes');
    expect(scales.weightOf({ shared })).toBeLessThanOrEqual(2 ** 48);
  }
});

// Making these values takes long, too, where others work at the same time.
vi.setConfig({ testTimeout: 60_000 });

type Maker = () => unknown;

function nest(levels: number, wrap: (inner: unknown) => unknown, inner: unknown = 1): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

/** 27 objects, 2^26 ways through them. */
const dag: Maker = () => nest(26, (inner) => ({ left: inner, right: inner }), {});

function sparse(length: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  return array;
}

function keys(count: number, first: object = {}): Record<string, unknown> {
  const object: Record<string, unknown> = { ...first };
  for (let index = 0; index < count; index++) object[`k${index}`] = index;
  return object;
}

/** As wide as the limit lets it, with a way back to itself before anything else. */
function wideCircle(): unknown {
  const object = keys(300_000, { self: undefined });
  object['self'] = object;
  return object;
}

function wideMap(): unknown {
  const map = new Map<unknown, unknown>();
  map.set('self', map);
  for (let index = 0; index < 200_000; index++) map.set(index, 0);
  return map;
}

/** A tree whose nodes know their parent: as an outline or a document has it. */
function tree(size: number, text = ''): unknown {
  const root = { parent: undefined as unknown, text, children: [] as unknown[] };
  for (let index = 0; index < size; index++) {
    const child = { parent: root, text, children: [] as unknown[] };
    child.children.push({ parent: child, text, children: [] });
    root.children.push(child);
  }
  return root;
}

function ring(size: number): unknown {
  const first: { next: unknown; previous: unknown } = { next: undefined, previous: undefined };
  let last = first;
  for (let index = 1; index < size; index++) {
    const item = { next: undefined as unknown, previous: last as unknown };
    last.next = item;
    last = item;
  }
  last.next = first;
  first.previous = last;
  return first;
}

/** What structured clone keeps beside the entries of an array. */
function withNames(array: unknown[], names: object): unknown[] {
  return Object.assign(array, names);
}

const over: readonly [string, Maker, keyof Limits][] = [
  ['a graph of 27 objects and 2^26 ways', dag, 'valueNodes'],
  ['such a graph of arrays', () => nest(26, (inner) => [inner, inner], []), 'valueNodes'],
  [
    'such a graph of maps',
    () =>
      nest(
        26,
        (inner) =>
          new Map([
            [1, inner],
            [2, inner],
          ]),
      ),
    'valueNodes',
  ],
  ['such a graph of map keys', () => nest(26, (inner) => new Map([[inner, inner]]), {}), 'valueNodes'],
  ['such a graph of sets', () => nest(26, (inner) => new Set([{ inner }, { inner }])), 'valueNodes'],
  ['an array of 2^32 - 1 holes', () => sparse(2 ** 32 - 1), 'valueNodes'],
  ['an array of 8,000,001 holes', () => sparse(8_000_001), 'valueNodes'],
  ['many arrays of holes', () => Array.from({ length: 10 }, () => sparse(1_000_000)), 'valueNodes'],
  ['a million keys', () => keys(1_000_000), 'valueNodes'],
  ['a million names beside no entries', () => withNames([], keys(1_000_000)), 'valueNodes'],
  ['such a graph in what an array has under a name', () => withNames([1, 2], { more: dag() }), 'valueNodes'],
  ['such a graph under a name, in the place of a hole', () => withNames(sparse(1), { more: dag() }), 'valueNodes'],
  ['such a graph under the number after the last index', () => withNames([], { [2 ** 32 - 1]: dag() }), 'valueNodes'],
  ['a name that is longer than the text may be', () => withNames([], { ['k'.repeat(34_000_000)]: 1 }), 'valueChars'],
  [
    'a name of 34 million characters in the place of a hole',
    () => withNames(sparse(1), { ['k'.repeat(34_000_000)]: 1 }),
    'valueChars',
  ],
  [
    'such a name, among many entries',
    () => withNames([1, 2, ...sparse(1), 4], { ['k'.repeat(34_000_000)]: 1 }),
    'valueChars',
  ],
  ['a boxed number that takes minutes to write in decimals', () => Object(1n << BigInt(2 ** 28)), 'valueChars'],
  ['such a graph in the errors of an error', () => Object.assign(new Error('x'), { errors: [dag()] }), 'valueNodes'],
  ['a boxed text of 34 million characters', () => Object('x'.repeat(34_000_000)), 'valueChars'],
  ['an expression of 34 million characters', () => new RegExp('x'.repeat(34_000_000)), 'valueChars'],
  ['a million entries', () => new Set(Array.from({ length: 1_000_000 }, (_, index) => index)), 'valueNodes'],
  ['a million levels of arrays', () => nest(1_000_000, (inner) => [inner]), 'valueDepth'],
  ['a million levels of objects', () => nest(1_000_000, (inner) => ({ inner })), 'valueDepth'],
  ['a million levels of maps', () => nest(1_000_000, (inner) => new Map([[0, inner]])), 'valueDepth'],
  ['one byte of a buffer of 100 MB', () => new Uint8Array(new ArrayBuffer(100_000_000), 7, 1), 'valueBytes'],
  ['a DataView of such a buffer', () => ({ view: new DataView(new ArrayBuffer(100_000_000), 7, 1) }), 'valueBytes'],
  [
    'many buffers that are too much together',
    () => Array.from({ length: 9 }, () => new ArrayBuffer(8_000_000)),
    'valueBytes',
  ],
  ['a text of 34 million characters', () => 'x'.repeat(34_000_000), 'valueChars'],
  ['a text that many entries share', () => Array.from({ length: 40 }, () => 'x'.repeat(1_000_000)), 'valueChars'],
  ['keys that are longer than the text may be', () => ({ ['k'.repeat(34_000_000)]: 1 }), 'valueChars'],
  [
    'a long number that many entries share',
    () => {
      const shared = { number: 1n << BigInt(2 ** 22) };
      return Array.from({ length: 100_000 }, () => shared);
    },
    'valueChars',
  ],
  ['a number that takes minutes to write in decimals', () => 1n << BigInt(2 ** 28), 'valueChars'],
];

const fits: readonly [string, Maker][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  [
    'an array that holds itself',
    () =>
      nest(1, () => {
        const array: unknown[] = [];
        array.push(array, array);
        return array;
      }),
  ],
  [
    'a map that holds itself',
    () => {
      const map = new Map<unknown, unknown>();
      return map.set(map, map);
    },
  ],
  [
    'a long text beside a circle',
    () => {
      const node: Record<string, unknown> = { text: 'x'.repeat(1_000_000) };
      return Object.assign(node, { self: node });
    },
  ],
  ['a small tree with parents', () => tree(10)],
  ['a tree of 6,000 nodes with parents', () => tree(2000)],
  ['a tree of long texts with parents', () => tree(100, 'x'.repeat(10_000))],
  ['a ring of 5,000 both ways', () => ring(5000)],
  [
    'an object that 10,000 entries share',
    () => {
      const shared = { a: 1, b: [2] };
      return Array.from({ length: 10_000 }, () => shared);
    },
  ],
  ['10,000 levels of objects', () => nest(10_000, (inner) => ({ inner }))],
  ['10,000 levels of arrays', () => nest(10_000, (inner) => [inner])],
  ['100,000 keys', () => keys(100_000)],
  ['400,000 numbers', () => Array.from({ length: 400_000 }, (_, index) => index)],
  [
    '60 MB in one buffer, seen by a hundred views',
    () => {
      const buffer = new ArrayBuffer(60_000_000);
      return Array.from({ length: 100 }, (_, at) => new Uint8Array(buffer, at, 1));
    },
  ],
  ['30 million characters', () => 'x'.repeat(30_000_000)],
  ['an honest big number', () => 2n ** 4096n],
  ['dates, expressions and errors', () => [new Date(), /x/g, new Error('x', { cause: new Error('y') })]],
  ['an array with holes and names', () => withNames([1, undefined, ...sparse(3)], { index: 4, 1.5: 'x' })],
  ['a boxed text of 5 million characters', () => Object('x'.repeat(5_000_000))],
];

describe('the budget of a batch', () => {
  it('does not count again and again what cannot be counted quickly', () => {
    const scales = new Scales(defaultLimits, () => walk);
    scales.begin();
    const deep = nest(400, (inner) => [inner]);
    for (let message = 0; message < 2000; message++) expect(scales.weigh([message, deep])).toBe(undefined);
    expect(scales.work).toBeLessThan(20_000);
  });

  it('says what a value keeps, whoever has counted it', () => {
    const scales = new Scales(defaultLimits, () => walk);
    const weightOf = (value: unknown): number => {
      scales.begin();
      scales.weigh(value);
      return scales.weightOf(value);
    };
    expect(weightOf('abc')).toBe(8 + 6);
    expect(weightOf(1)).toBe(8);
    expect(weightOf({ a: 'bc', d: [1, 2] })).toBe(8 * 5 + 2 * 4);
    expect(weightOf(new Set(['abc', { d: 1 }]))).toBe(8 * 4 + 2 * 4);
    expect(weightOf([new Uint8Array(1000)])).toBeGreaterThanOrEqual(1000);
    expect(weightOf(new Set([new Uint8Array(1000)]))).toBeGreaterThanOrEqual(1000);
  });
});

describe('the budget of a value', () => {
  it.each(over)('is over for %s, which is told soon', (_, make, limit) => {
    const value = make();
    expect(overBudget(value, defaultLimits)).toBe(limit);
  });

  it.each([
    ['a circle in 300,000 keys', wideCircle],
    ['a circle in 200,000 entries', wideMap],
    [
      'a circle in a set of 200,000',
      () => {
        const set = new Set<unknown>();
        set.add(set);
        for (let index = 0; index < 200_000; index++) set.add(index);
        return set;
      },
    ],
  ])('is looked at once, not a thousand times, for %s', (_, make) => {
    const value = make();
    const scales = new Scales(defaultLimits, () => walk);
    scales.weigh(value);
    expect(scales.work).toBeLessThan(2 * defaultLimits.valueNodes);
  });

  it.each(fits)('is enough for %s', (_, make) => {
    const value = make();
    expect(overBudget(value, defaultLimits)).toBeUndefined();
  });

  // Structured clone itself gives up at some thousand levels in Node.
  it.each(fits.filter(([name]) => !/levels|ring/.test(name)))(
    'is enough for %s also when it comes through structured clone',
    (_, make) => {
      expect(overBudget(structuredClone(make()), defaultLimits)).toBeUndefined();
    },
  );

  it('is exact', () => {
    const tight = { valueNodes: 4, valueDepth: 2, valueChars: 4, valueBytes: 4 };
    expect(overBudget([1, 2, 3], tight)).toBeUndefined();
    expect(overBudget([1, 2, 3, 4], tight)).toBe('valueNodes');
    expect(overBudget([[1]], tight)).toBeUndefined();
    expect(overBudget([[[1]]], tight)).toBe('valueDepth');
    expect(overBudget({ ab: 'cd' }, tight)).toBeUndefined();
    expect(overBudget({ ab: 'cde' }, tight)).toBe('valueChars');
    expect(overBudget(withNames([1], { n: 2 }), tight)).toBeUndefined();
    expect(overBudget(withNames([1, 2], { n: 3 }), tight)).toBe('valueNodes');
    expect(overBudget(withNames([1], { names: 2 }), tight)).toBe('valueChars');
    expect(overBudget(new Uint8Array(4), tight)).toBeUndefined();
    expect(overBudget(new Uint8Array(5), tight)).toBe('valueBytes');
  });

  it.each<readonly [string, unknown]>([
    ['a list of buffers', [new ArrayBuffer(8), new Uint8Array(8), new Map([['a', new Date(0)]])]],
    ['a wide list', Array.from({ length: 499_000 }, (_, index) => index)],
    ['a large tree', Array.from({ length: 60_000 }, (_, index) => ({ index, name: 'row', tags: [1, undefined] }))],
    ['a sparse list that is too long', sparse(2 ** 32 - 1)],
  ])('is known without the walk for %s', (_, value) => {
    expect(weigh(value, defaultLimits, () => undefined)).not.toBe('unknown');
  });

  it.each<readonly [string, unknown]>([
    ['a set', new Set([1])],
    ['two views of one large buffer', [new Uint8Array(largeBuffer), new DataView(largeBuffer)]],
  ])('is known by the walk only for %s', (_, value) => {
    expect(weigh(value, defaultLimits, () => undefined)).toBe('unknown');
    expect(overBudget(value, defaultLimits)).toBeUndefined();
  });

  // So wide that it is always remembered, when some have been read.
  const wide = Array.from({ length: 300 }, (_, index) => index);

  it('counts what is shared in a batch together, whoever counts it', () => {
    const scales = new Scales({ ...defaultLimits, valueNodes: 5000 }, () => walk);
    const shared = Array.from({ length: 15 }, () => wide);
    const weighTimes = (value: unknown): unknown[] => Array.from({ length: 7 }, () => scales.weigh(value));
    // The quick count, and the walk, which knows sets: each by itself stays under eight times the nodes of a value.
    for (const value of [shared, new Set([shared])]) {
      scales.begin();
      expect(weighTimes(value).at(-1)).toBeUndefined();
    }
    scales.begin();
    expect(weighTimes(shared).at(-1)).toBeUndefined();
    expect(weighTimes(new Set([shared])).at(-1)).toBe('valueNodes');
  });

  it('knows without the walk what is shared under a few levels, also behind a deep value', () => {
    const scales = new Scales({ ...defaultLimits, valueDepth: 100 }, () => undefined);
    expect(scales.weigh(nest(95, (inner) => [inner]))).toBeUndefined();
    const deeper = nest(30, (inner) => [inner], wide);
    expect(scales.weigh([...Array.from({ length: 10 }, () => wide), deeper])).toBeUndefined();
  });

  it('counts the name of a DOMException, which browsers clone', () => {
    expect(overBudget(new DOMException('', 'x'.repeat(34_000_000)), defaultLimits)).toBe('valueChars');
  });

  it('is exact for a short circle', () => {
    for (const length of [2, 3, 4, 5, 6]) {
      const first: Record<string, unknown> = {};
      first['next'] = nest(length - 1, (next) => ({ next }), first);
      const exact = { ...defaultLimits, valueNodes: length + 1, valueDepth: length };
      expect(overBudget(first, exact)).toBeUndefined();
      expect(overBudget(first, { ...exact, valueNodes: length })).toBe('valueNodes');
      expect(overBudget(first, { ...exact, valueDepth: length - 1 })).toBe('valueDepth');
    }
  });

  it.each<readonly [string, (buffer: ArrayBuffer) => unknown]>([
    ['itself', (buffer) => buffer],
    ['in an object', (buffer) => ({ buffer })],
    ['in a view', (buffer) => ({ view: new DataView(buffer) })],
    ['in a set', (buffer) => new Set([buffer])],
    ['in a large list', (buffer) => [...Array.from({ length: 2000 }, (_, index) => index), { deep: { buffer } }]],
    ['behind a chain', (buffer) => nest(300, (inner) => ({ inner }), buffer)],
  ])('counts a buffer for every value of a batch that brings it: %s', (_, wrap) => {
    const budget = { ...defaultLimits, valueBytes: 100 };
    const scales = new Scales(budget, () => walk);
    scales.begin();
    const large = wrap(new ArrayBuffer(101));
    // A set is what the walk knows only.
    for (const value of [large, new Set([large]), [large, new Set()], large])
      expect(scales.weigh(value)).toBe('valueBytes');
    const small = wrap(new ArrayBuffer(60));
    expect(scales.weigh(new Set([small, { small }]))).toBeUndefined();
    expect(scales.weigh(new Set([small]))).toBeUndefined();
    expect(scales.weightOf(new Set([small]))).toBeGreaterThanOrEqual(60);
    expect(scales.weigh(new Set([small, new ArrayBuffer(60)]))).toBe('valueBytes');
  });

  it.each<readonly [string, unknown[], unknown]>([
    ['in the place of a hole', sparse(1), { x: 1 }],
    ['that is a number, in the place of a hole', sparse(1), 1],
    ['in the place of one of many holes', [...Array.from({ length: 20 }, () => 1), ...sparse(2), 3], 1],
    ['beside entries', [1, 2], 1],
  ])('finds an own __proto__ of a list %s', (_, array, value) => {
    Object.defineProperty(array, '__proto__', { value, enumerable: true, writable: true, configurable: true });
    if (array.length > 20) Object.assign(array, { more: 1 });
    expect(overBudget(array, defaultLimits)).toBe('unsafeKey');
    expect(overBudget({ deep: [new Set([array])] }, defaultLimits)).toBe('unsafeKey');
  });

  const unsafe = (): unknown => JSON.parse('{"a": [{"__proto__": {"polluted": 1}}]}');

  it.each<readonly [string, unknown]>([
    ['in a record', unsafe()],
    ['in a set', new Set([unsafe()])],
    ['beside the entries of an array', Object.defineProperty([1], '__proto__', { value: 1, enumerable: true })],
    [
      'in what many share',
      Array.from(
        { length: 3000 },
        (
          (shared) => () =>
            shared
        )([unsafe(), ...Array(20).keys()]),
      ),
    ],
  ])('refuses an own __proto__ %s', (_, value) => {
    expect(overBudget(value, defaultLimits)).toBe('unsafeKey');
  });

  it('counts a circle once, however small the limit', () => {
    const node: Record<string, unknown> = { n: 1 };
    node['self'] = node;
    expect(overBudget(node, { ...defaultLimits, valueNodes: 3, valueDepth: 1 })).toBeUndefined();
  });
});

describe('the work for one batch', () => {
  const wide = Array.from({ length: 1000 }, (_, index) => index);
  const row = (): unknown => ({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: [9] });
  const shared: readonly [string, () => unknown[]][] = [
    ['one wide list in many values', () => Array.from({ length: 4000 }, () => wide)],
    [
      'one row in many places of one value',
      () => [
        Array.from(
          { length: 40_000 },
          (
            (one) => () =>
              one
          )(row()),
        ),
      ],
    ],
    [
      'a few rows in many places',
      () => [
        Array.from(
          { length: 40_000 },
          (
            (all) => (_, n) =>
              all[n % 7]
          )(Array.from({ length: 7 }, row)),
        ),
      ],
    ],
    [
      'one map in many values',
      () =>
        Array.from(
          { length: 4000 },
          (
            (one) => () =>
              one
          )(new Map(wide.map((n) => [n, n]))),
        ),
    ],
    ['2^18 ways through 20 objects', () => [nest(18, (inner) => ({ left: inner, right: inner }), {})]],
    [
      '2^15 ways in each of many values',
      () =>
        Array.from(
          { length: 400 },
          (
            (one) => () =>
              one
          )(nest(15, (inner) => [inner, inner])),
        ),
    ],
  ];

  it.each(shared)('follows the bytes that came, not the ways through them: %s', (_, make) => {
    const values = structuredClone(make());
    let steps = 0;
    const scales = new Scales(defaultLimits, () => walk);
    for (const value of values) scales.weigh(value);
    steps = scales.work;
    const honest = new Scales(defaultLimits, () => walk);
    honest.weigh(JSON.parse(JSON.stringify(Array.from({ length: 10_000 }, row))));
    expect(honest.work).toBeGreaterThan(100_000);
    // A reference to what was there before takes some three bytes: as many steps as there are references, and a constant.
    const references = values.length + (values.length === 1 && Array.isArray(values[0]) ? values[0].length : 0);
    expect(steps).toBeLessThan(60_000 + 8 * references);
  });

  it('copies lists that come again a few times each, however many there are', () => {
    const lists = Array.from({ length: 60 }, () => Array.from({ length: 100 }, (_, index) => index));
    const value = Array.from({ length: 10_000 }, (_, index) => lists[index % lists.length]);
    const known = new Set<unknown>(lists);
    const copied = vi.spyOn(Object, 'values');
    onTestFinished(() => copied.mockRestore());
    new Scales(defaultLimits, () => walk).weigh(value);
    // It is chance which of them is remembered: 429 to 495 in 400 runs. Without counting entries it was 1,700 to 2,200.
    expect(copied.mock.calls.filter(([list]) => known.has(list)).length).toBeLessThan(600);
  });

  it('lists what has nothing but holes a few times, and counts it each time', () => {
    const holes = Object.assign([], { length: 1000 });
    const listed = vi.spyOn(Object, 'values');
    onTestFinished(() => listed.mockRestore());
    const scales = new Scales(defaultLimits, () => walk);
    const weights = Array.from({ length: 1000 }, () => {
      const refused = scales.weigh([holes]);
      return refused ?? scales.weightOf([holes]);
    });
    expect(new Set(weights)).toEqual(new Set([8 * 1002]));
    expect(listed.mock.calls.filter(([list]) => list === holes).length).toBeLessThan(10);
    expect(new Scales({ ...defaultLimits, valueDepth: 1 }, () => walk).weigh([holes])).toBeUndefined();
  });
});

describe('a value over the budget', () => {
  const ran: string[] = [];
  const validated: string[] = [];
  const noting = (name: string): ReturnType<typeof type<unknown>> => ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        validated.push(name);
        return { value };
      },
    },
  });
  const store = contract({
    name: 'test/store',
    version: '1.0.0',
    guest: { put: query({ input: noting('input'), output: type<unknown>() }), list: observable<void, unknown>() },
    host: {
      get: query({ input: type<void>(), output: noting('output'), errors: { gone: noting('data') } }),
      list: observable({ input: type<void>(), output: noting('value') }),
    },
  });
  const handlers = { put: (input: unknown) => void ran.push(typeof input), list: () => [] };

  it.each(
    over.filter(([name]) => !/million levels|million keys|million names|million entries|decimals|errors of/.test(name)),
  )('is refused before schema and handler: %s', async (_, make, limit) => {
    ran.length = validated.length = 0;
    const peer = openHostileHost(store, { handlers });
    peer.post([[CALL, 1, 1, make(), 0]]);
    expect(await peer.answer(1)).toMatchObject([
      FAILURE,
      1,
      'VALUE_TOO_LARGE',
      expect.stringContaining(limit),
      undefined,
    ]);
    expect([ran, validated]).toEqual([[], []]);
    peer.post([[CALL, 3, 1, 'small', 0]]);
    expect(await peer.answer(3)).toEqual([RESULT, 3, undefined]);
    expect(peer.ended).toBeUndefined();
  });

  it('that comes a thousand times fails each of its calls, and costs little more than once', async () => {
    ran.length = 0;
    const time = async (count: number, make: () => unknown): Promise<number> => {
      const peer = openHostileHost(store, { handlers });
      const calls = Array.from({ length: count }, (_, index) => [CALL, 1 + 2 * index, 1, make(), 0]);
      const start = performance.now();
      peer.post(calls);
      expect((await peer.answer(2 * count - 1)).slice(0, 3)).toEqual([FAILURE, 2 * count - 1, 'VALUE_TOO_LARGE']);
      expect(peer.ended).toBeUndefined();
      return performance.now() - start;
    };
    const bomb = dag();
    const shared = Math.min(await time(1000, () => bomb), await time(1000, () => bomb));
    const own = Math.min(await time(1000, dag), await time(1000, dag));
    // It is over only when nearly all of it is walked.
    const inner = new Map(Array.from({ length: 4000 }, (_, at) => [at, at]));
    const wide = new Map(Array.from({ length: 4000 }, (_, at) => [at, inner]));
    const walked = Math.min(await time(1000, () => [wide]), await time(1000, () => [wide]));
    // One alone has taken 5 to 60 ms.
    expect([shared, own].map((ms) => ms < 1500)).toEqual([true, true]);
    const endless = Object.assign([], { length: 2 ** 32 - 1 });
    const atOnce = Math.min(await time(1000, () => endless), await time(1000, () => endless));
    const once = Math.min(await time(1, () => [wide]), await time(1, () => [wide]));
    expect(walked).toBeLessThan(3 * (once + atOnce) + 30); // 123 ms where each walks it, 20 where one does
    expect(ran).toEqual([]);
  });

  it('keeps no other turn waiting until the next is looked at', async () => {
    const peer = openHostileHost(store, { handlers });
    const make = () => Array.from({ length: 40_000 }, (_, index) => ({ index }));
    let turnsBetween = 0;
    const timer = setInterval(() => turnsBetween++, 1);
    onTestFinished(() => clearInterval(timer));
    peer.post(Array.from({ length: 20 }, (_, index) => [CALL, 1 + 2 * index, 1, make(), 0]));
    await peer.answer(39);
    expect(turnsBetween).toBeGreaterThan(3);
  });

  it('fails the one call that it answers', async () => {
    validated.length = 0;
    const peer = openHostileHost(store);
    const [large, small] = [rejection(peer.client.get()), peer.client.get()];
    const [, first] = await peer.call(1);
    const [, second] = await peer.call(2);
    peer.post([
      [RESULT, first, dag()],
      [RESULT, second, 5],
    ]);
    expect(await large).toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(await small).toBe(5);
    expect(validated).toEqual(['output']);
  });

  it('fails the one call whose error carries it', async () => {
    validated.length = 0;
    const peer = openHostileHost(store);
    const calls = ['gone', 'INPUT_INVALID'].map(async (code, index) => {
      const call = rejection(peer.client.get());
      const [, id] = await peer.call(index + 1);
      peer.post([[FAILURE, id, code, 'text', dag()]]);
      return call;
    });
    for (const call of calls) expect(await call).toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(validated).toEqual([]);
  });

  it('ends the one stream that it comes in, and the producer hears of it', async () => {
    validated.length = 0;
    const peer = openHostileHost(store);
    const seen: unknown[] = [];
    const ended = new Promise((resolve) => {
      peer.client.list().subscribe({ next: (value) => seen.push(value), error: resolve });
    });
    const [, id] = await peer.call();
    peer.post([
      [NEXT, id, [1]],
      [NEXT, id, [2, dag()]],
    ]);
    expect(await ended).toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(seen).toEqual([1]);
    await peer.hear(([kind, to]) => kind === 10 && to === id);
  });
});
