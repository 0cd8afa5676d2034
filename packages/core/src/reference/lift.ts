import { cloneOf } from '../clone.ts';
import type { Codec } from '../codec/codec.ts';
import { extendsPlatform } from '../codec/platform.ts';
import { refusal, remedies } from '../codec/uncloneable.ts';
import { Uncodable } from '../codec/uncodable.ts';
import { MuntinError } from '../errors.ts';
import { isPlain, liveKind, unreadable } from './detect.ts';
import { transfer as markTransfer, transferOf } from './mark.ts';

/** Where in a value something is: a path that is written out only when it is needed. */
export interface Place {
  readonly up: Place | undefined;
  /** The name of a property; of a map's value and a set's item its index, of a map's key the same as a text. */
  readonly key: string | number;
  /** In an entry of a map: its key, or its value. */
  readonly side?: 0 | 1;
  /** Whether the way to it leads through an error: engines differ in what of one they clone. */
  readonly isInError: boolean;
}

/** What becomes of the live parts of a value, while the rest of it is copied. */
export interface Lifting {
  readonly codec: Codec | undefined;
  /** What stands in the copy instead of something live. */
  readonly replace: (live: object, kind: number, at: Place | undefined) => unknown;
  /** What is given away with the value: it goes as it is. */
  readonly transfer: Set<Transferable>;
  /** What was copied, and what it became. */
  readonly copies: Map<object, unknown>;
  /** Hears of what is not copied. */
  readonly leaf?: (value: object) => void;
}

/** One object that is being copied. */
interface Open {
  readonly value: object;
  readonly copy: object;
  readonly at: Place | undefined;
}

/**
 * A copy of a value that arrives as the value itself would, with something else in the place of what is live. Shared parts and cycles
 * stay what they are, wherever they are: everything that structured clone or the codec looks into is copied. It keeps its own list of what is still to be
 * copied: depth is no limit here. Throws what getters throw, and {@link Uncodable}.
 */
export function lift(root: unknown, lifting: Lifting): unknown {
  const { transfer, copies, replace, codec, leaf } = lifting;
  const open: Open[] = [];
  // Filled last: what something else leads to, too, has its path from there.
  const errors: Open[] = [];
  const convert = (value: unknown, at: Place | undefined): unknown => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    for (const given of transferOf(value) ?? []) transfer.add(given);
    if (copies.has(value)) return copies.get(value);
    if (transfer.has(value as Transferable)) return value;
    const kind = liveKind(value);
    if (kind !== undefined) return replace(value, kind, at);
    if (typeof value === 'function' && codec === undefined) throw refusedAt(at, value, remedies);
    const copy = startCopy(value, codec);
    if (copy !== undefined && !isPlain(value) && isForeignProxy(value, codec))
      throw refusedAt(at, value, 'it is a proxy: send what is behind it, or plain data', 'Proxy');
    if (!isPlain(value) && unreadable.test(Object.prototype.toString.call(value)))
      throw refusedAt(at, value, 'the other page could not read it, as it is bound to this one');
    if (copy === undefined) {
      leaf?.(value);
      return value;
    }
    (value instanceof Error ? errors : open).push({ value, copy, at });
    copies.set(value, copy);
    return copy;
  };
  const whole = convert(root, undefined);
  for (let at = 0, inErrors = 0; at < open.length || inErrors < errors.length; ) {
    const next = at < open.length ? open[at++] : errors[inErrors++];
    if (next !== undefined) fill(next, convert, codec);
  }
  // A codec carries errors in another form.
  if (codec === undefined) for (const error of errors) refuseCircle(error);
  return whole;
}

/** Engines make an error when they have read its cause: one that is part of its own cannot be read. */
function refuseCircle({ value, copy, at }: Open): void {
  const seen = new Set<unknown>();
  const open: unknown[] = [copy];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const parts: readonly unknown[] =
      node instanceof Map
        ? [...node].flat(1)
        : node instanceof Set
          ? [...node]
          : node instanceof Error
            ? [node.cause]
            : isPlain(node)
              ? Object.values(node)
              : [];
    for (const part of parts) {
      if (part === copy) throw refusedAt(at, value, 'it is a part of its own cause; send the cause beside it');
      open.push(part);
    }
  }
}

/** An empty copy of what has parts; `undefined` for everything else. */
function startCopy(value: object, codec: Codec | undefined): object | undefined {
  const canCopy = codec?.canCopy?.(value);
  if (canCopy === false) return undefined;
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (Array.isArray(value)) return Object.assign([], { length: value.length }); // a sparse array stays one
  if (isPlain(value)) return {};
  if (codec !== undefined)
    return canCopy === true ? (Object.create(Object.getPrototypeOf(value) as object) as object) : undefined;
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Error]' && value instanceof Error) return copyOfError(value);
  // What a class of the application made arrives as plain data.
  return tag === '[object Object]' || !extendsPlatform(Object.getPrototypeOf(value) as object) ? {} : undefined;
}

/**
 * Whether it is a proxy of what has more in it than properties, such as a date, which would be gone. Structured clone tells: it takes
 * what only inherits from such a class.
 */
function isForeignProxy(value: object, codec: Codec | undefined): boolean {
  try {
    if (value instanceof Map) Map.prototype.has.call(value, 0);
    else if (value instanceof Set) Set.prototype.has.call(value, 0);
    else if (
      codec === undefined &&
      !Array.isArray(value) &&
      Object.prototype.toString.call(value) === '[object Object]'
    )
      if (extendsPlatform(Object.getPrototypeOf(value) as object)) cloneOf(value);
    return false;
  } catch {
    return true;
  }
}

const errorTypes: ReadonlyMap<unknown, ErrorConstructor> = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
);

/** What structured clone reads of an error, in one without a cause; `undefined` where the error has no cause that could be shared. */
function copyOfError(error: Error): Error | undefined {
  if (!Object.hasOwn(error, 'cause') && !Object.hasOwn(error, 'errors')) return undefined;
  const copy = error.name === 'AggregateError' ? new AggregateError([]) : new (errorTypes.get(error.name) ?? Error)();
  for (const key of ['message', 'stack'])
    if (Object.hasOwn(error, key)) define(copy, key, Reflect.get(error, key), false);
  return copy;
}

function fill(
  { value, copy, at }: Open,
  convert: (part: unknown, at: Place) => unknown,
  codec: Codec | undefined,
): void {
  const isInError = at?.isInError === true || value instanceof Error;
  let index = 0;
  if (value instanceof Map && copy instanceof Map)
    for (const [key, item] of value) {
      const name = convert(key, { up: at, key: String(index), side: 0, isInError });
      copy.set(name, convert(item, { up: at, key: index++, side: 1, isInError }));
    }
  else if (value instanceof Set && copy instanceof Set)
    for (const item of value) copy.add(convert(item, { up: at, key: index++, isInError }));
  else
    for (const key of keysOf(value, codec)) {
      const part: unknown = Reflect.get(value, key);
      // A symbol is no key of a path: the codec refuses what has one.
      const copied = typeof key === 'symbol' ? part : convert(part, { up: at, key, isInError });
      define(copy, key, copied, Object.prototype.propertyIsEnumerable.call(value, key));
    }
}

/** What structured clone reads, or the codec looks at. */
function keysOf(value: object, codec: Codec | undefined): readonly PropertyKey[] {
  const isError = value instanceof Error;
  if (codec === undefined)
    return isError ? ['cause', 'errors'].filter((key) => Object.hasOwn(value, key)) : Object.keys(value);
  return Reflect.ownKeys(value)
    .filter((key) => (isError ? key !== 'stack' : Object.prototype.propertyIsEnumerable.call(value, key)))
    .filter((key) => !(Array.isArray(value) && key === 'length'));
}

function define(target: object, key: PropertyKey, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

/** The way to a part, as it travels. */
export function pathOf(last: Place | undefined): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = last; at !== undefined; at = at.up) path.push(at.key);
  return path.reverse();
}

/** Why something live cannot cross where it is. */
export function refusedAt(
  at: Place | undefined,
  value: object,
  remedy: string,
  kind: string = Object.prototype.toString.call(value).slice(8, -1),
): Uncodable {
  const path: string[] = [];
  for (let place = at; place !== undefined; place = place.up) {
    const { key, side } = place;
    const isName = side === undefined && /^[\w$]+$/.test(String(key)) && !/^\d+$/.test(String(key));
    const isIndex = side !== undefined || /^\d+$/.test(String(key));
    path.push(
      isName ? `.${key}` : isIndex ? `[${key}]${side === undefined ? '' : `[${side}]`}` : `[${JSON.stringify(key)}]`,
    );
  }
  // A longer path helps nobody.
  const shown = path.length > 64 ? [...path.reverse().slice(0, 64), '…'] : path.reverse();
  return new Uncodable(shown.join(''), kind, remedy);
}

/**
 * What is kept of a value with something live in it, which has to wait before it is packed: a copy with the same live parts. What is given away with it
 * is gone. Throws `VALUE_NOT_CLONEABLE`, with the path from `name`: what is wrong with it now may be gone when it would be sent.
 */
export function keepAround(value: unknown, codec: Codec | undefined, name: string): unknown {
  const transfer = new Set<Transferable>();
  const lives = new Set<object>();
  const leaves = new Set<object>();
  let shown = value;
  try {
    const bare = lift(value, {
      codec,
      replace: (live, _kind, at) => {
        lives.add(live);
        if (live instanceof Promise) live.catch(() => undefined); // it is the other side's to hear it
        refuseThere(live, at);
        return {}; // one of its own: of equal ones a set has one only
      },
      transfer,
      copies: new Map(),
      leaf: (part) => leaves.add(part),
    });
    for (const given of transfer) leaves.delete(given);
    if (leaves.size + lives.size + transfer.size === 0) return bare;
    // Proves that all the rest can cross, before anything is moved; what is wrong is named as in the value.
    const proof = codec === undefined || leaves.size + transfer.size === 0 ? bare : codec.encode(bare);
    // What the codec does not carry is to be found there: it has the shape of the value.
    if (proof !== bare && Array.isArray(proof)) shown = proof[0];
    const kept = [...leaves];
    const encoded = codec === undefined ? kept : kept.map((part) => codec.encode(part));
    const given = [...transfer];
    const [clones, moved] = cloneOf([encoded, given, given.length > 0 ? proof : undefined] as const, given);
    const copies = new Map<object, unknown>(kept.map((part, at) => [part, decoded(part, clones[at], codec)]));
    for (const [at, part] of given.entries()) copies.set(part, moved[at]);
    const copy = lift(value, { codec, replace: (live) => live, transfer: new Set(), copies });
    return typeof copy === 'object' && copy !== null && moved.length > 0 ? markTransfer(copy, moved) : copy;
  } catch (cause) {
    throw refusal(shown, name, cause, [...transfer, ...lives]); // neither is what cannot cross
  }
}

/** A part that the codec carries whole, as it was when it was encoded. */
function decoded(part: object, clone: unknown, codec: Codec | undefined): unknown {
  try {
    return codec === undefined ? clone : codec.decode(clone);
  } catch {
    return part; // a type of its own that this side cannot read, only write
  }
}

/** Throws for something live where it can be on no way. */
export function refuseThere(live: object, at: Place | undefined): void {
  if (at?.key === 'then')
    throw new MuntinError(
      'VALUE_NOT_CLONEABLE',
      'Something live cannot be named "then": who awaits the value would call it, and wait for it',
    );
  if (at?.isInError === true)
    throw refusedAt(at, live, 'nothing live crosses inside an error; send it beside the error');
}
