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

// It has no stack: to note one, Chromium reads a script once more that has just been loaded, which takes 9 ms.
const unusual: Error = Object.create(Error.prototype);

/**
 * A copy of a small value of plain objects, arrays, primitives, dates and bytes: what its owner does to it afterwards is not sent, and no two values share
 * a part. `undefined` for everything else. What one value shares with itself, its copy shares, too.
 */
export function copyPlain(root: object): object | undefined {
  try {
    // Most values are one object of texts and numbers: nothing else is made for them.
    if (Object.getPrototypeOf(root) === Object.prototype) return copyRecord(root, undefined);
    return copyParts(root, { left: maxNodes, originals: [], copies: [] });
  } catch {
    return undefined; // also for a getter or a proxy that throws: sending it tells what is wrong with it
  }
}

/** Throws where it cannot. */
function copyPart(value: unknown, copying: Copying): unknown {
  if (copying.left-- === 0 || typeof value === 'function' || typeof value === 'symbol') throw unusual;
  return typeof value === 'object' && value !== null ? copyObject(value, copying) : value;
}

function copyObject(value: object, copying: Copying): object {
  const known = copying.originals.indexOf(value);
  if (known < 0) return copyParts(value, copying);
  const copy = copying.copies[known] ?? value; // there is one for each
  return value instanceof ArrayBuffer && ArrayBuffer.isView(copy) ? copy.buffer : copy;
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

/** Whether it is the prototype of dates, buffers or typed arrays. */
export function isBytesOrDate(prototype: unknown): boolean {
  return others.has(prototype);
}

type View = new (source: ArrayBuffer | ArrayBufferView, offset?: number, length?: number) => ArrayBufferView;

function viewOf(kind: View): readonly [prototype: unknown, copy: CopyOther] {
  const copy: CopyOther = (value, copying) => {
    if (!(value instanceof kind)) throw unusual;
    if (value.byteLength === value.buffer.byteLength && !copying.originals.includes(value.buffer)) {
      refuseUnusual(value.buffer);
      const made = new kind(value);
      // It stands for its buffer, too, which engines make only when it is asked for.
      copying.originals.push(value.buffer);
      copying.copies.push(made, made);
      return made;
    }
    const at = copying.copies.push(value) - 1; // its place, until it is made
    const buffer = copyPart(value.buffer, copying);
    if (!(buffer instanceof ArrayBuffer)) throw unusual;
    const made = new kind(buffer, value.byteOffset, Number(Reflect.get(value, 'length')));
    copying.copies[at] = made;
    return made;
  };
  return [kind.prototype, copy];
}

function copyBuffer(value: object): ArrayBuffer {
  refuseUnusual(value);
  return value.slice(0);
}

/** A view takes its whole buffer along; one that can grow would be fixed. */
function refuseUnusual(value: object): asserts value is ArrayBuffer {
  const isSmall = value instanceof ArrayBuffer && value.byteLength <= maxBytes && value.byteLength > 0;
  if (!isSmall || Reflect.get(value, 'resizable') === true || Object.keys(value).length > 0) throw unusual;
}

function add<T extends object>(made: T, copying: Copying): T {
  copying.copies.push(made);
  return made;
}

/** What is copied is remembered from the first object on that it holds. */
function copyRecord(value: object, given: Copying | undefined): object {
  const made: Record<string, unknown> = { ...value };
  let copying = given;
  let left = maxNodes;
  copying?.copies.push(made);
  for (const key in made) {
    const part = made[key];
    const kind = typeof part;
    const isLeft = copying === undefined ? --left > 0 : copying.left-- > 0;
    if (!isLeft || key === '__proto__' || kind === 'function' || kind === 'symbol') throw unusual;
    if (kind !== 'object' || part === null || !Object.hasOwn(made, key)) continue;
    copying ??= { left, originals: [value], copies: [made] };
    made[key] = copyObject(part as object, copying); // its type says so
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
