import { cloneOf } from '../clone.ts';

// A value with more is posted at once instead: the browser clones it faster than we copy it.
const maxNodes = 256;
const maxObjects = 32;
const maxBytes = 4096;

/** What was copied so far, and how much more may be. */
interface Copying {
  left: number;
  readonly originals: object[];
  readonly copies: object[];
}

const unusual = new Error('not a small plain value');

/**
 * A copy of a small value of plain objects, arrays, primitives, dates and bytes: what its owner does to it afterwards is not sent, and no two values share
 * a part. `undefined` for everything else. What one value shares with itself, its copy shares, too.
 */
export function copyPlain(root: object): object | undefined {
  try {
    const flat = copyFlat(root);
    if (flat !== undefined) return flat;
    return copyParts(root, { left: maxNodes, originals: [], copies: [] });
  } catch {
    return undefined; // also for a getter or a proxy that throws: sending it tells what is wrong with it
  }
}

/** Most values are one object of texts and numbers: nothing else is made for them. `undefined` where it holds more. */
function copyFlat(value: object): object | undefined {
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const keys = Object.keys(value);
  if (keys.length >= maxNodes) return undefined;
  const made: Record<string, unknown> = {};
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? '';
    const part = (value as Record<string, unknown>)[key];
    const kind = typeof part;
    if (key === '__proto__' || kind === 'function' || kind === 'symbol' || (kind === 'object' && part !== null))
      return undefined;
    made[key] = part;
  }
  return made;
}

/** Throws where it cannot. */
function copyPart(value: unknown, copying: Copying): unknown {
  if (copying.left-- === 0 || typeof value === 'function' || typeof value === 'symbol') throw unusual;
  if (typeof value !== 'object' || value === null) return value;
  const known = copying.originals.indexOf(value);
  return known >= 0 ? copying.copies[known] : copyParts(value, copying);
}

function copyParts(value: object, copying: Copying): object {
  if (copying.originals.push(value) > maxObjects) throw unusual;
  if (Array.isArray(value)) return copyList(value, copying);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return copyRecord(value, copying);
  const copyOther = others.get(prototype);
  if (copyOther === undefined) throw unusual;
  return copyOther(value, copying);
}

type CopyOther = (value: object, copying: Copying) => object;

/** What structured clone makes of these kinds, by prototype: an instance of a class that extends one of them is none. */
const others: ReadonlyMap<unknown, CopyOther> = new Map<unknown, CopyOther>([
  [Date.prototype, (value, copying) => add(new Date(Number(value)), copying)],
  [ArrayBuffer.prototype, (value, copying) => add(copyBuffer(value), copying)],
  ...[Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array].map(viewOf),
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array].map(viewOf),
]);

type View = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

function viewOf(kind: View): readonly [prototype: unknown, copy: CopyOther] {
  const copy: CopyOther = (value, copying) => {
    if (!(value instanceof kind)) throw unusual;
    const at = copying.copies.push(value) - 1; // its place, until it is made
    const buffer = copyPart(value.buffer, copying);
    if (!(buffer instanceof ArrayBuffer)) throw unusual;
    const made = new kind(buffer, value.byteOffset, Number(Reflect.get(value, 'length')));
    copying.copies[at] = made;
    return made;
  };
  return [kind.prototype, copy];
}

/** A view takes its whole buffer along; one that can grow would be fixed. */
function copyBuffer(value: object): ArrayBuffer {
  const isSmall = value instanceof ArrayBuffer && value.byteLength <= maxBytes && value.byteLength > 0;
  if (!isSmall || Reflect.get(value, 'resizable') === true || Object.keys(value).length > 0) throw unusual;
  return value.slice(0);
}

function add<T extends object>(made: T, copying: Copying): T {
  copying.copies.push(made);
  return made;
}

function copyRecord(value: object, copying: Copying): object {
  const made: Record<string, unknown> = {};
  copying.copies.push(made);
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw unusual;
    made[key] = copyPart((value as Record<string, unknown>)[key], copying);
  }
  return made;
}

function copyList(value: readonly unknown[], copying: Copying): object {
  if (Object.getPrototypeOf(value) !== Array.prototype || Object.keys(value).length !== value.length) throw unusual;
  const made: unknown[] = [];
  copying.copies.push(made);
  for (let index = 0; index < value.length; index++) {
    const entry = value[index];
    // A hole, and a name in its place.
    if (entry === undefined && !Object.hasOwn(value, index)) throw unusual;
    made.push(copyPart(entry, copying));
  }
  return made;
}

/**
 * What is kept of a value that has to wait before it can be posted: a clone. What cannot be cloned is kept as it is; sending it tells what is
 * wrong with it.
 */
export function keep(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return copyPlain(value) ?? cloneOf(value);
  } catch {
    return value;
  }
}
