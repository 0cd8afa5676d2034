import { type Arbitrary, array, boolean, constantFrom, nat, oneof, record, tuple } from 'fast-check';
import { Observable, Subject } from 'rxjs';
import { byReference } from '../../src/index.ts';

/** A class that the codec knows; without a codec its instances arrive as plain objects. */
export class Known {
  label?: unknown;
  double(): unknown {
    return [this.label, this.label];
  }
}
/** An error that the codec knows. */
export class KnownError extends RangeError {}
/** A class that nobody knows. */
export class Unknown {
  label?: unknown;
}
export const knownSymbol = Symbol('known');
const unknownSymbol = Symbol('unknown');

/** What is live: which kind, and a number by which to know it on the other side. */
export interface Live {
  readonly kind: 'function' | 'methods' | 'observable' | 'subject' | 'promise' | 'signal' | 'generator';
  readonly tag: number;
}
const liveKinds: readonly Live['kind'][] = [
  'function',
  'methods',
  'observable',
  'subject',
  'promise',
  'signal',
  'generator',
];

const containers = [
  ...['object', 'bare', 'list', 'holes', 'named', 'map', 'set', 'known'],
  ...['Error', 'TypeError', 'KnownError'],
] as const;
const leaves = [
  ...['date', 'invalid date', 'pattern', 'buffer', 'boxed', 'boxed text', 'url', 'symbol'],
  ...['bytes', 'part', 'words', 'view', 'big words'],
] as const;
const offences = ['a function', 'an unknown symbol', 'a weak map', 'an unknown instance', 'a method'] as const;

type Kind = (typeof containers)[number] | (typeof leaves)[number] | (typeof offences)[number] | Live['kind'];

/** One object of a graph: what it is, and what it leads to: nodes by index, or primitives by theirs. */
interface Node {
  readonly kind: Kind;
  readonly edges: readonly { readonly to: number; readonly key: number; readonly isPrimitive: boolean }[];
}
export type Recipe = readonly Node[];

const primitives: readonly unknown[] = [
  ...[undefined, null, true, -0, Number.NaN, 1.5, 2 ** 53, 7n, -(2n ** 70n), '', 'text', '\ud83d', '__json', Infinity],
];
const keys = ['a', 'b', 'constructor', 'a.b', '', '0', 'toString', 'json', '\udc4d', 'cause'] as const;

/** Plans of values, from which the same value can be made again and again: with shared parts and cycles, of every kind. */
export function recipes(options: {
  readonly live: boolean;
  readonly offences: boolean;
  /** Node clones a URL, as an empty object; browsers refuse it. */
  readonly urls: boolean;
}): Arbitrary<Recipe> {
  const edge = record({ to: nat(), key: nat(), isPrimitive: boolean() });
  const of = (kinds: readonly Kind[]) => record({ kind: constantFrom(...kinds), edges: array(edge, { maxLength: 4 }) });
  const node = oneof(
    { weight: 10, arbitrary: of(containers) },
    { weight: 4, arbitrary: of(leaves.filter((leaf) => options.urls || leaf !== 'url')) },
    { weight: options.live ? 4 : 0, arbitrary: of(liveKinds) },
    { weight: options.offences ? 1 : 0, arbitrary: of(offences) },
  );
  return tuple(of(containers), array(node, { maxLength: 12 })).map(([root, nodes]) => [root, ...nodes]);
}

/** A value made by a plan, and what is live in it. */
export interface Built {
  readonly value: object;
  readonly live: ReadonlyMap<object, Live>;
  readonly buffers: readonly ArrayBuffer[];
  /** Changes everything that can be changed: what was passed is not what is there now. */
  spoil(): void;
}

export function build(recipe: Recipe): Built {
  const live = new Map<object, Live>();
  const buffers: ArrayBuffer[] = [];
  const made = recipe.map(({ kind }, tag) => create(kind, tag, live, buffers));
  const spoilers: (() => void)[] = [];
  for (const [index, { kind, edges }] of recipe.entries()) {
    const target = made[index];
    const parts = edges.map(({ to, isPrimitive }) =>
      isPrimitive ? primitives[to % primitives.length] : made[to % made.length],
    );
    const names = edges.map(({ key }) => keys[key % keys.length] ?? '');
    if (typeof target === 'object' && target !== null) {
      fill(kind, target, parts, names);
      if (!live.has(target)) spoilers.push(() => spoil(target));
    }
  }
  return {
    value: made[0] as object, // the root is a container
    live,
    buffers,
    spoil: () => {
      for (const run of spoilers) run();
    },
  };
}

function create(kind: Kind, tag: number, live: Map<object, Live>, buffers: ArrayBuffer[]): unknown {
  const buffer = (): ArrayBuffer => {
    const bytes = new Uint8Array(16).fill(tag).buffer;
    buffers.push(bytes);
    return bytes;
  };
  const keep = <T extends object>(of: Live['kind'], value: T): T => {
    live.set(value, { kind: of, tag });
    return value;
  };
  switch (kind) {
    case 'object':
      return {};
    case 'bare':
      return Object.create(null) as object;
    case 'list':
    case 'named':
      return [];
    case 'holes':
      return Object.assign([], { length: 3 });
    case 'map':
      return new Map();
    case 'set':
      return new Set();
    case 'known':
      return new Known();
    case 'Error':
      return new Error(`e${tag}`);
    case 'TypeError':
      return new TypeError(`e${tag}`);
    case 'KnownError':
      return new KnownError(`e${tag}`);
    case 'date':
      return new Date(tag);
    case 'invalid date':
      return new Date(Number.NaN);
    case 'pattern':
      return new RegExp(`a${tag}`, 'gi');
    case 'buffer':
      return buffer();
    case 'bytes':
      return new Uint8Array(buffer());
    case 'part':
      return new Uint8ClampedArray(buffer(), 3, 5);
    case 'words':
      return new Float32Array(buffer(), 4);
    case 'view':
      return new DataView(buffer(), 1, 9);
    case 'big words':
      return new BigInt64Array(buffer());
    case 'boxed':
      return Object(tag);
    case 'boxed text':
      return Object(`t${tag}`);
    case 'url':
      return new URL(`https://a.example/${tag}`);
    case 'symbol':
      return knownSymbol;
    case 'function':
      return keep(
        kind,
        byReference(() => tag),
      );
    case 'methods':
      return keep(kind, byReference({ tag: () => tag }));
    case 'observable':
      return keep(
        kind,
        new Observable((subscriber) => {
          subscriber.next(tag);
          subscriber.complete();
        }),
      );
    case 'subject': {
      return keep(kind, new Subject());
    }
    case 'generator':
      return keep(
        kind,
        (function* () {
          yield tag;
        })(),
      );
    case 'promise':
      return keep(kind, Promise.resolve(tag));
    case 'signal':
      return keep(kind, AbortSignal.abort(tag));
    case 'a function':
      return () => tag;
    case 'a method':
      return { run: () => tag };
    case 'an unknown symbol':
      return unknownSymbol;
    case 'a weak map':
      return new WeakMap();
    case 'an unknown instance':
      return new Unknown();
  }
}

function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function fill(kind: Kind, target: object, parts: readonly unknown[], names: readonly string[]): void {
  if (target instanceof Map) {
    for (let at = 0; at < parts.length; at += 2) target.set(parts[at], parts[at + 1]);
  } else if (target instanceof Set) for (const part of parts) target.add(part);
  else if (target instanceof Error) {
    if (parts.length > 0)
      Object.defineProperty(target, 'cause', { value: parts[0], configurable: true, writable: true });
  } else if (target instanceof Known || target instanceof Unknown) target.label = parts[0];
  else if (Array.isArray(target)) {
    target.push(...parts);
    if (kind === 'named' && parts.length > 0) put(target, names[0] === 'cause' ? 'cause' : 'note', parts[0]);
  } else if (kind === 'object' || kind === 'bare')
    for (const [at, part] of parts.entries()) put(target, names[at] ?? '', part);
}

function spoil(target: object): void {
  if (target instanceof Map || target instanceof Set) target.clear();
  else if (target instanceof Date) target.setTime(1e9);
  else if (target instanceof Error) target.message = 'spoilt';
  else if (ArrayBuffer.isView(target)) {
    if (target.buffer.byteLength > 0) new Uint8Array(target.buffer).fill(255);
  } else if (target instanceof ArrayBuffer) {
    if (target.byteLength > 0) new Uint8Array(target).fill(255);
  } else if (Array.isArray(target)) target.length = 0;
  else put(target, 'spoilt', true);
}
