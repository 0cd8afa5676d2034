import type { Side } from '../../src/rpc/sent-calls.ts';
import type { Random } from './random.ts';

/** What a batch is built with. */
export interface Blocks {
  readonly random: Random;
  readonly side: Side;
  readonly withCodec: boolean;
  /** About how large. */
  readonly bytes: number;
  /** The next id that the peer may use. */
  readonly nextId: () => number;
}

/** A batch, and what it is made of. */
export interface Made {
  readonly name: string;
  readonly batch: unknown[];
  /** Whether the codec has something to make of it. */
  readonly isEncoded: boolean;
  readonly bytes: Uint8Array;
}

const CALL = 5;
const RESULT = 6;
const FAILURE = 7;
const NEXT = 8;
const RELEASE = 11;
const ABORT = 12;
const LANE = 13;

type Make = (count: number, random: Random) => unknown;

const list = (length: number, make: (n: number) => unknown): unknown[] => Array.from({ length }, (_, n) => make(n));
const row = (n: number): unknown => ({ a: n, b: `text ${n}`, c: [n, n], d: { e: n, f: null }, g: 7, h: 8, i: 9 });

function nest(levels: number, wrap: (inner: unknown) => unknown, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

/** Values by name; each has about so many entries, some of which are the same object again and again. */
const values: Readonly<Record<string, Make>> = {
  rows: (count) => list(count / 8, row),
  'one row in all places': (count) =>
    list(
      count,
      (
        (one) => () =>
          one
      )(row(1)),
    ),
  'one wide list in all places': (count, random) =>
    list(
      count / 2,
      (
        (one) => () =>
          one
      )(list(Math.min(count / 2, 10 ** (1 + random.below(5))), (n) => n)),
    ),
  'some lists in all places': (count, random) =>
    list(
      count / 2,
      (
        (some) => (n: number) =>
          some[n % some.length]
      )(list(1 + random.below(60), () => list(100, (n) => n))),
    ),
  'ways through few objects': (count, random) =>
    list(count / 200, () => nest(2 + random.below(24), (inner) => ({ left: inner, right: inner }), {})),
  'ways through few lists': (count, random) =>
    list(count / 100, () => nest(2 + random.below(24), (inner) => [inner, inner, inner], [])),
  'a map in all places': (count) =>
    list(
      count / 2,
      (
        (one) => () =>
          one
      )(new Map(list(200, (n) => [n, row(n)]) as [unknown, unknown][])),
    ),
  'sets in maps': (count) => new Map(list(count / 20, (n) => [n, new Set(list(8, (m) => m))]) as [unknown, unknown][]),
  'a set in all places': (count) =>
    list(
      count / 2,
      (
        (one) => () =>
          one
      )(new Set(list(500, (n) => n))),
    ),
  circles: (count) =>
    list(count / 10, () => {
      const round: Record<string, unknown> = { list: [] };
      round['self'] = round;
      (round['list'] as unknown[]).push(round, round);
      return round;
    }),
  'a tree with parents': (count) => {
    const root: Record<string, unknown> = {};
    root['children'] = list(count / 10, (n) => ({ n, parent: root }));
    return root;
  },
  'deep lists': (count, random) => list(count / 500, () => nest(10 + random.below(490), (inner) => [inner], 1)),
  'deep objects': (count) => list(count / 500, () => nest(200, (inner) => ({ a: inner }), 1)),
  'wide objects': (count, random) => {
    const wide: Record<string, unknown> = {};
    for (let n = 0; n < count / 3; n++) wide[`${n.toString(36)}${random.below(10)}`] = n;
    return wide;
  },
  holes: (count) => list(count / 200, () => Object.assign([], { length: 1000 })),
  'holes and names': (count) => list(count / 20, (n) => Object.assign([1, 2], { length: 5, n })),
  errors: (count) => list(count / 60, (n) => new Error(`no ${n}`, { cause: new TypeError('x') })),
  expressions: (count) => list(count / 4, (n) => new RegExp(`a${n}+`, 'g')),
  'big numbers': (count) => list(count / 40, () => 2n ** 1000n),
  'boxed texts': (count) =>
    list(
      count / 20,
      (
        (one: unknown) => () =>
          one
      )(Object('x'.repeat(1000))),
    ),
  'views of one buffer': (count) =>
    list(
      count / 2,
      (
        (one) => (n: number) =>
          new Uint8Array(one, n % 1000, 1)
      )(new ArrayBuffer(10_000)),
    ),
  dates: (count) => list(count / 2, (n) => new Date(n)),
  texts: (count) => list(count / 20, (n) => 'x'.repeat(n % 60)),
  'empty objects': (count) => list(count, () => ({})),
  'empty lists': (count) => list(count, () => []),
  'an own __proto__': (count) => [...list(count / 8, row), JSON.parse('{"__proto__": 1}')],
};

/** Lists of what is attached, by how they share. */
function attached(random: Random, count: number): { value: unknown; attachments: unknown[]; name: string } {
  const kind = random.below(7);
  const methodCount = kind === 1 ? random.pick([1, 8, 100, 1000]) : 0;
  const methods = list(methodCount, (n) => `m${n}`);
  const sharing = random.pick(['own', 'own', 'methods', 'paths', 'tuples']);
  const path = list(random.pick([1, 1, 1, 200]), () => 'a');
  const tuple = [['0'], kind, 65_536, methods];
  const one = (n: number): unknown =>
    sharing === 'tuples'
      ? tuple
      : [
          sharing === 'paths' ? path : [String(n)],
          kind,
          65_536 + n + random.below(2) * 5000,
          sharing === 'methods' ? methods : [...methods],
        ];
  const names = ['functions', 'objects', 'streams', 'readables', 'promises', 'signals', 'ports'];
  return {
    value: Array<null>(count).fill(null),
    attachments: list(count, one),
    name: `${count} ${names[kind]} (${methodCount} methods, ${sharing})`,
  };
}

/** What the codec may have made, and what it never makes: a value, and marks that say what its stand-ins stand for. */
function encoded(random: Random, count: number): { value: unknown[]; name: string } {
  const standIns = list(count / 12, () => ({}));
  const marked = (mark: (standIn: unknown, n: number) => unknown, root: unknown = { a: standIns }): unknown[] => [
    root,
    standIns.map(mark),
  ];
  switch (random.below(9)) {
    case 0:
      return { value: marked((standIn) => [standIn, 'class', 'Error']), name: 'errors' };
    case 1:
      return { value: marked((standIn) => [standIn, 'URL', '', 'a:']), name: 'addresses' };
    case 2:
      return { value: marked((standIn, n) => [standIn, 'bigint', '', n.toString(16)]), name: 'big numbers' };
    case 3:
      return {
        value: marked((standIn, n) => [standIn, 'bigint', '', n === 0 ? 'f'.repeat(count) : '1']),
        name: 'one very big number',
      };
    case 4: {
      const map = new Map(standIns.map((standIn, n) => [n, standIn]));
      return {
        value: marked((standIn) => [standIn, 'class', 'TypeError'], { map, again: map }),
        name: 'errors in a map',
      };
    }
    case 5: {
      const set = new Set(standIns);
      return {
        value: marked(
          (standIn) => [standIn, 'class', 'Error'],
          list(20, () => set),
        ),
        name: 'a set in 20 places',
      };
    }
    case 6: {
      const wide = Object.fromEntries(list(count / 8, (n) => [`k${n}`, n]) as [string, unknown][]);
      return { value: [{ wide }, [[wide, 'class', 'Error']]], name: 'an error with many properties' };
    }
    case 7: {
      const [one] = [{}];
      return {
        value: [list(count, () => one), [[one, 'URL', '', 'https://a.example/']]],
        name: 'one address in all places',
      };
    }
    default:
      // Each message has marks of its own, and all of them the same value.
      return { value: [list(count / 8, row), [[{}, 'bigint', '', '1']]], name: 'rows' };
  }
}

/** One batch: one or more messages, which may share what they bring. */
export function makeMessage(blocks: Blocks): Omit<Made, 'bytes'> {
  const { random, withCodec } = blocks;
  const style = random.below(10);
  if (style < 3) return attachments(blocks);
  if (style === 3) return small(blocks);
  const messages = random.pick([1, 1, 1, 2, 10, 100, 1000]);
  const share = random.once(2);
  const name = random.pick(Object.keys(values));
  const count = Math.max(8, blocks.bytes / 4 / (share ? 1 : messages));
  const make = (): unknown => values[name]?.(count, random);
  const wrapped = withCodec && random.once(2) ? encoded(random, count) : undefined;
  const isRootShared = random.once(3);
  const body = (): unknown => {
    if (wrapped === undefined) return withCodec ? [make()] : make();
    const [root] = wrapped.value;
    return isRootShared ? [root, [[{}, 'bigint', '', '1']]] : wrapped.value;
  };
  const shared = body();
  const carry = carrier(blocks);
  return {
    name: `${carry.name} × ${messages}${share ? ', shared' : ''}: ${wrapped?.name ?? name}`,
    batch: list(messages, () => carry.make(share ? shared : body())),
    isEncoded: wrapped !== undefined,
  };
}

function carrier({ random, side, nextId }: Blocks): { name: string; make: (value: unknown) => unknown } {
  const own = side === 'host' ? 1 : 2;
  const makers: Readonly<Record<string, (value: unknown) => unknown>> = {
    calls: (value) => [CALL, nextId(), 1, value, 0],
    subscriptions: (value) => [CALL, nextId(), 3, value, 8],
    'calls of nothing': (value) => [CALL, nextId(), 65_600, value, 0],
    'late answers': (value) => [RESULT, own, value],
    failures: (value) => [FAILURE, own + 2, 'HANDLER_FAILED', 'no', value],
    'stream values': (value) => [NEXT, own + 16, [value, value]],
    aborts: (value) => [ABORT, 65_536 + random.below(10), value],
    lanes: (value) => [LANE, 'nobody', value, []],
  };
  const name = random.pick(Object.keys(makers));
  return { name, make: (value) => makers[name]?.(value) };
}

function attachments({ random, side, withCodec, bytes, nextId }: Blocks): Omit<Made, 'bytes'> {
  const count = random.pick([1, 16, 200, 1000, 1024, 1025, 20_000]);
  const each = attached(random, count);
  const size = count * (28 + 6 * ((each.attachments[0] as unknown[][])[3]?.length ?? 0));
  const messages = Math.max(1, Math.min(4000, Math.floor(bytes / size)));
  const isShared = random.once(4);
  const own = side === 'host' ? 1 : 2;
  const answers = random.below(3);
  const make = (): unknown => {
    const { value, attachments: given } = isShared ? each : attached(random, count);
    const body = withCodec ? [value] : value;
    if (answers === 0) return [RESULT, own, body, given];
    if (answers === 1) return [NEXT, own + 16, [body, ...(random.once(4) ? [body, body] : [])], given];
    return [CALL, nextId(), 1, body, 0, given];
  };
  const name = ['late answers', 'stream values', 'calls'][answers];
  return {
    name: `${name} × ${messages}${isShared ? ', shared' : ''}: ${each.name}`,
    batch: list(messages, make),
    isEncoded: false,
  };
}

/** As many messages as there may be, each as small as can be. */
function small({ random, side, nextId, bytes }: Blocks): Omit<Made, 'bytes'> {
  const own = side === 'host' ? 1 : 2;
  const makers: Readonly<Record<string, () => unknown>> = {
    releases: () => [RELEASE, 65_536 + random.below(100), 1],
    aborts: () => [ABORT, 65_536 + random.below(100), 1],
    'late answers': () => [RESULT, own, 1],
    'lane messages': () => [LANE, 'nobody', { id: 'x', type: 'APPLY' }, []],
    cancels: () => [10, nextId()],
    credit: () => [9, Math.max(1, nextId() - 2), 1],
  };
  const name = random.pick(Object.keys(makers));
  return { name: `small ${name}`, batch: list(Math.min(4096, bytes / 12), () => makers[name]?.()), isEncoded: false };
}
