import { hasMethod, isPromiseLike, isStream } from '../stream/kinds.ts';
import { findMarks, isMarked, referentOf } from './mark.ts';

/** What a live part of a value is: how it is offered and what the other side makes of it. */
export const FUNCTION = 0;
export const OBJECT = 1;
export const STREAM = 2;
export const READABLE = 3;
export const PROMISE = 4;
export const SIGNAL = 5;

// So many parts of a value are looked at. Only what clones silently can hide behind them: all else is found when cloning fails.
const shortLook = 256;
// And so many of what is passed seldom, and has nobody to tell.
const longLook = 2 ** 16;
// A value of fewer is seen whole, and at once.
const quickParts = 64;

/**
 * A look at the first parts of a value, level by level: small values are seen whole, large ones are not walked. It is not sure of errors, which may be
 * parts of their own causes; who asks whether something `isForSure` there does not hear of them.
 */
export function mayContainReference(root: unknown, isForSure = false): boolean {
  if (!isObject(root)) return false;
  try {
    const marks = findMarks();
    return seeAll(root, quickParts, marks) < 0 && hasLive(root, isForSure);
  } catch {
    return true; // a getter or a proxy: packing it tells what is wrong with it
  }
}

/**
 * Looks at all of a small plain value without making anything: most are. Answers how many more parts it would have looked at; less than none
 * where there is more in it, or anything but plain objects, arrays and primitives.
 */
function seeAll(node: object, most: number, marks: ReturnType<typeof findMarks>): number {
  if (marks !== undefined && (marks.referents.has(node) || marks.transfers.has(node))) return -1;
  const prototype: unknown = Object.getPrototypeOf(node);
  const isList = prototype === Array.prototype && Array.isArray(node);
  if (!isList && (prototype !== Object.prototype || isStream(node))) return -1;
  let left = most;
  if (isList)
    for (let index = 0; index < node.length && left >= 0; index++) left = seePart(node[index], left - 1, marks);
  else for (const key in node) if ((left = seePart((node as Record<string, unknown>)[key], left - 1, marks)) < 0) break;
  return left;
}

function seePart(part: unknown, left: number, marks: ReturnType<typeof findMarks>): number {
  if (typeof part === 'object' && part !== null && left >= 0) return seeAll(part, left, marks);
  return typeof part === 'function' ? -1 : left;
}

function hasLive(root: object, isForSure: boolean): boolean {
  let left = isForSure ? longLook : shortLook;
  let later: object[] | undefined; // most values hold no other: nothing is made for them
  for (let node: object | undefined = root, at = 0; node !== undefined; node = later?.[at++]) {
    if (typeof node === 'function' || isMarked(node) || liveKind(node) !== undefined) return true;
    if (!isForSure && node instanceof Error && isObject(node.cause)) return true;
    if (!isPlain(node) && unreadable.test(Object.prototype.toString.call(node))) return true;
    const parts = partsOf(node, left);
    for (let index = 0; index < parts.length && left-- > 0; index++) {
      const part = parts[index];
      if (isObject(part)) (later ??= []).push(part);
    }
  }
  return false;
}

/** What is bound to a page, or its process: it can be cloned, and the other page gets a message that cannot be read. */
export const unreadable: RegExp = /\.Module|VideoFrame|AudioData|Encoded.*Chunk|FileSystem.*Handle/;

function partsOf(node: object, most: number): readonly unknown[] {
  if (Array.isArray(node)) return node;
  if (node instanceof Error) return [node.cause];
  if (!(node instanceof Map || node instanceof Set)) return ArrayBuffer.isView(node) ? [] : Object.values(node);
  const parts: unknown[] = [];
  for (const [key, part] of node.entries()) {
    if (parts.length >= most) break;
    parts.push(key, part);
  }
  return parts;
}

/** What is passed by reference without being asked: a copy of it would mean nothing. */
export function liveKind(value: object): number | undefined {
  const referent = isMarked(value) ? referentOf(value) : undefined;
  if (referent !== undefined) return referent.methods === undefined ? FUNCTION : OBJECT;
  if (typeof value === 'function' || Array.isArray(value)) return undefined;
  const streams = isStream(value);
  if (isPlain(value)) return streams ? STREAM : undefined;
  if (streams && !isReadable(value)) return STREAM;
  if (value instanceof AbortSignal) return SIGNAL;
  if (isPromiseLike(value)) return PROMISE;
  if (isReadable(value)) return READABLE;
  return hasMethod(value, 'subscribe') ? STREAM : undefined;
}

function isReadable(value: object): boolean {
  return typeof ReadableStream === 'function' && value instanceof ReadableStream;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/** An object, or an array, that no class made. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || prototype === Array.prototype;
}
