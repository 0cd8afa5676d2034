import { cloneOf } from '../clone.ts';
import type { Codec } from '../codec/codec.ts';
import { extendsPlatform } from '../codec/platform.ts';
import { isBytesOrDate } from '../link/copy.ts';
import { isPlain, liveKind } from './detect.ts';
import { transfer, transferOf } from './mark.ts';

/**
 * What is kept of a value that has to wait for the part that packs it: a copy of all that its owner could change, around what is live in it and what
 * only that part can copy. What is given away with it is moved at once, where nothing in it could be refused; else when it is sent. What cannot be
 * looked at is kept as it is; sending it tells what is wrong with it.
 */
export function copyAround(root: unknown, codec: Codec | undefined): unknown {
  const given = new Set<Transferable>();
  try {
    const first = copyOnce(root, codec, given);
    if (given.size === 0) return first.copy;
    // Bytes may have been met before the mark that gives them away. Once more and no more: a getter may give something else away each time.
    const { copy, leaves, kept } = copyOnce(root, codec, given);
    return kept.every((part) => isSure(part, codec)) ? move(root, codec, given, [...given, ...leaves]) : copy;
  } catch {
    return root;
  }
}

/** The same with what is given away, and the views on it, moved into the copy. */
function move(root: unknown, codec: Codec | undefined, given: Set<Transferable>, leaves: readonly object[]): unknown {
  const clones = cloneOf(leaves, [...given]);
  const moved = new Map(leaves.map((leaf, at) => [leaf, clones[at] ?? leaf]));
  for (const [leaf, clone] of moved) {
    const list = transferOf(leaf);
    if (list !== undefined) transfer(clone, movedOf(list, moved));
  }
  return copyOnce(root, codec, given, moved).copy;
}

/** What a list of what is given away gives away when it was moved. */
function movedOf(list: readonly Transferable[], moved: ReadonlyMap<object, object>): Transferable[] {
  // A clone of something that can be transferred is one.
  return list.map((part) => (moved.get(part) ?? part) as Transferable);
}

function copyOnce(
  root: unknown,
  codec: Codec | undefined,
  given: Set<Transferable>,
  moved: ReadonlyMap<object, object> = new Map(),
): { readonly copy: unknown; readonly leaves: readonly object[]; readonly kept: readonly unknown[] } {
  const copies = new Map(moved);
  // Views on what is given away; and what is there as it is.
  const leaves: object[] = [];
  const kept: unknown[] = [];
  const isGiven = (value: object): boolean => (given as ReadonlySet<object>).has(value);
  // A map may get more entries while it is read: each object is filled once.
  const open: (readonly [value: object, copy: object])[] = [];
  const convert = (value: unknown): unknown => {
    if (typeof value === 'function' || typeof value === 'symbol') kept.push(value);
    if (typeof value !== 'object' || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const list = transferOf(value);
    for (const part of list ?? []) given.add(part);
    const copy = isGiven(value) ? value : begin(value, codec, convert);
    copies.set(value, copy);
    if (copy === value) {
      if (ArrayBuffer.isView(value) && isGiven(value.buffer)) leaves.push(value);
      else if (!isGiven(value)) kept.push(value);
      return value;
    }
    if (list !== undefined) transfer(copy, movedOf(list, moved));
    if (!isBytesOrDate(Object.getPrototypeOf(value)) && !ArrayBuffer.isView(value)) open.push([value, copy]);
    return copy;
  };
  const copy = convert(root);
  for (const [value, its] of open) fill(value, its, convert, codec);
  return { copy, leaves, kept };
}

/** Whether it is known to cross: what is live, and where no codec has to take it, what can be cloned. */
function isSure(part: unknown, codec: Codec | undefined): boolean {
  if ((typeof part !== 'object' && typeof part !== 'function') || part === null) return false;
  if (liveKind(part) !== undefined) return true;
  if (codec !== undefined) return false;
  try {
    cloneOf(part);
    return true;
  } catch {
    return false;
  }
}

/** A copy of bytes or a date, or an empty one of what has parts; else the value itself. */
function begin(value: object, codec: Codec | undefined, convert: (value: unknown) => unknown): object {
  if (liveKind(value) !== undefined) {
    if (value instanceof Promise) value.catch(() => undefined); // it is the other side's to hear it
    return value;
  }
  if (ArrayBuffer.isView(value)) return isBare(value) ? viewOn(value, convert(value.buffer)) : value;
  const canCopy = codec?.canCopy?.(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (isBytesOrDate(prototype)) return isBare(value) ? cloneOf(value) : value;
  if (canCopy === false) return value;
  if (Array.isArray(value)) return Object.assign([], { length: value.length });
  if (prototype === Map.prototype) return new Map();
  if (prototype === Set.prototype) return new Set();
  if (isPlain(value)) return Object.create(prototype) as object;
  if (codec !== undefined) return canCopy === true ? (Object.create(prototype) as object) : value;
  // What a class of the application made arrives as plain data.
  return prototype === null || extendsPlatform(prototype) ? value : {};
}

/** Bytes or a date with more than that are refused by a codec, or lose it: packing decides. To name all indexes takes longer than to copy them. */
function isBare(value: object): boolean {
  return (ArrayBuffer.isView(value) && !(value instanceof DataView)) || Reflect.ownKeys(value).length === 0;
}

/** Views of one buffer stay views of one. Memory that is shared is refused when it is sent. */
function viewOn(view: ArrayBufferView, buffer: unknown): object {
  if (!(buffer instanceof ArrayBuffer) || buffer === view.buffer) return view;
  const { constructor } = Object.getPrototypeOf(view) as { constructor: ViewType };
  const length = Reflect.get(view, 'length') as unknown;
  return new constructor(buffer, view.byteOffset, typeof length === 'number' ? length : view.byteLength);
}

type ViewType = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

function fill(value: object, copy: object, convert: (part: unknown) => unknown, codec: Codec | undefined): void {
  if (value instanceof Map && copy instanceof Map)
    for (const [key, part] of [...value]) copy.set(convert(key), convert(part));
  else if (value instanceof Set && copy instanceof Set) for (const part of [...value]) copy.add(convert(part));
  // A codec refuses what has symbols: they are to be found in the copy, too.
  const isError = value instanceof Error;
  for (const key of codec === undefined ? Object.keys(value) : Reflect.ownKeys(value)) {
    // The parts of an error are not enumerable.
    const enumerable = Object.prototype.propertyIsEnumerable.call(value, key);
    if (isError ? key === 'stack' : !enumerable) continue;
    const part = convert(Reflect.get(value, key));
    Object.defineProperty(copy, key, { value: part, enumerable, configurable: true, writable: true });
  }
}
