import type { Random } from './random.ts';

/** What every object and function inherits, and what looks special to somebody. */
export const names: readonly string[] = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'then',
  'call',
  'apply',
  'length',
  'at',
  '',
  '0',
  'a',
  'b',
  'constructor.prototype.polluted',
];

const numbers: readonly number[] = [
  0,
  1,
  -1,
  2,
  3,
  4,
  5,
  7,
  13,
  14,
  255,
  1024,
  65_535,
  65_536,
  65_537,
  65_540,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 53 - 2,
  2 ** 53 - 1,
  -0,
  0.5,
  1e308,
  Number.NaN,
  Infinity,
  -Infinity,
];

export function anyNumber(random: Random): number {
  return random.pick(numbers);
}

/** A value that structured clone can build: plain, deep, wide, shared, in circles, or of its own types. */
export function anyValue(random: Random, depth = 3): unknown {
  const kind = random.below(depth > 0 ? 30 : 9);
  const inner = (): unknown => anyValue(random, depth - 1);
  switch (kind) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
      return random.once(2);
    case 3:
    case 4:
      return anyNumber(random);
    case 5:
    case 6:
      return random.pick(names);
    case 7:
      return 2n ** BigInt(random.below(200));
    case 8:
      return 'x'.repeat(random.once(20) ? random.pick([1025, 5000, 150_000]) : random.pick([0, 1, 9, 20, 257]));
    case 9:
      return new Date(random.pick([0, Number.NaN, 8.64e15]));
    case 10:
      return random.pick([/a/u, /(a+)+$/gs]);
    case 11:
      return new Map([
        [inner(), inner()],
        [random.pick(names), inner()],
      ]);
    case 12:
      return new Set([inner(), inner()]);
    case 13:
      return random.pick([
        new Uint8Array(4),
        new Float64Array(2),
        new DataView(new ArrayBuffer(8)),
        new ArrayBuffer(16),
      ]);
    case 14:
      // No clone has another name than a text: a stack is made of it when it is read, and 2^32 - 1 holes take minutes to write.
      return Object.assign(new TypeError('bad', { cause: inner() }), {
        ...(random.once(3) ? { name: random.pick(names) } : { [random.pick(['code', 'stack'])]: inner() }),
      });
    case 15:
      return random.pick([Object('text'), Object(7), Object(true)]);
    case 16: {
      const round: Record<string, unknown> = { list: [] };
      round['self'] = round;
      (round['list'] as unknown[]).push(round, inner());
      return round;
    }
    case 17: {
      let shared: unknown = inner();
      for (let level = random.once(8) ? 26 : random.below(6); level > 0; level--) shared = [shared, shared];
      return shared;
    }
    case 18: {
      const sparse: unknown[] = [inner()];
      sparse.length = random.once(4) ? 2 ** 32 - 1 : random.pick([3, 100]);
      return sparse;
    }
    case 19: {
      let deep: unknown = inner();
      for (let level = random.once(10) ? random.pick([150, 250, 3000]) : 5; level > 0; level--)
        deep = level % 2 === 0 ? [deep] : { a: deep };
      return deep;
    }
    case 20:
      return JSON.parse(`{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}`) as unknown;
    case 21:
      return withOwn(random.pick(names), inner());
    case 22:
      return Array.from({ length: random.once(30) ? 6000 : random.below(20) }, (_, index) => index);
    case 23:
      return { sku: 'x', count: 1, note: inner() };
    default:
      return random.once(2) ? [inner(), inner()] : { a: inner(), [random.pick(names)]: inner() };
  }
}

/** An object with one own property, also where its name is `__proto__`. */
function withOwn(name: string, value: unknown): object {
  return Object.defineProperty({}, name, { value, enumerable: true, configurable: true, writable: true });
}

/** What the codec may have made, and what it never makes. */
export function anyEncoded(random: Random): unknown {
  const value = anyValue(random, 2);
  const standIns: object[] = [{}, { a: 1 }, { amount: anyValue(random, 1) }, withOwn(random.pick(names), 1)];
  const standIn = (): unknown => (random.once(8) ? anyValue(random, 1) : random.pick(standIns));
  const mark = (): unknown =>
    random.pick<unknown>([
      [standIn(), 'class', random.pick(['Money', 'Error', 'TypeError', 'constructor', ...names])],
      [standIn(), 'custom', random.pick(['decimal', 'constructor', ...names]), anyValue(random, 1)],
      [standIn(), 'symbol', random.pick(['flag', ...names])],
      [standIn(), 'URL', '', random.pick<unknown>(['https://a.example/', 'no URL', 5])],
      [standIn(), 'bigint', '', random.pick<unknown>(['-ff', 'zz', '', '-', 5])],
      anyValue(random, 1),
    ]);
  const marks = (): unknown => (random.once(8) ? anyValue(random, 1) : Array.from({ length: random.below(4) }, mark));
  switch (random.below(6)) {
    case 0:
      return value;
    case 1:
      return [value];
    case 2:
      return [value, marks(), marks()];
    case 3:
      return [{ a: standIn(), map: new Map([[standIn(), standIn()]]), list: [new Set([standIn()])] }, marks()];
    default:
      return [[value, standIn(), standIn()], marks()];
  }
}
