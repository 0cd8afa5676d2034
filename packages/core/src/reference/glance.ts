import { hasMethod, isIterator, isPromiseLike, observableKeyOf } from '../stream/kinds.ts';
import { isMarked, referentOf } from './mark.ts';

/** What a live part of a value is: how it is offered and what the other side makes of it. */
export const FUNCTION = 0;
export const OBJECT = 1;
export const STREAM = 2;
export const READABLE = 3;
export const PROMISE = 4;
export const SIGNAL = 5;

// So many parts of a value are looked at. Only what clones silently can hide behind them: all else is found when cloning fails.
const glance = 256;

/** A look at the first parts of a value, level by level: small values are seen whole, large ones are not walked. */
export function mayHaveLive(root: unknown): boolean {
  if (!isObject(root)) return false;
  try {
    return hasLive(root);
  } catch {
    return true; // a getter or a proxy: packing it tells what is wrong with it
  }
}

function hasLive(root: object): boolean {
  let left = glance;
  let later: object[] | undefined; // most values hold no other: nothing is made for them
  for (let node: object | undefined = root, at = 0; node !== undefined; node = later?.[at++]) {
    if (typeof node === 'function' || isMarked(node) || liveKind(node) !== undefined) return true;
    for (const part of partsOf(node)) {
      if (left-- <= 0) break;
      if (isObject(part)) (later ??= []).push(part);
    }
  }
  return false;
}

function partsOf(node: object): Iterable<unknown> {
  if (node instanceof Map) return node.values();
  const items: readonly unknown[] = Array.isArray(node) ? node : isPlain(node) ? Object.values(node) : [];
  return items;
}

/** What is passed by reference without being asked: a copy of it would mean nothing. */
export function liveKind(value: object): number | undefined {
  const referent = isMarked(value) ? referentOf(value) : undefined;
  if (referent !== undefined) return referent.methods === undefined ? FUNCTION : OBJECT;
  if (typeof value === 'function' || Array.isArray(value)) return undefined;
  const isStream = hasMethod(value, Symbol.asyncIterator) || observableKeyOf(value) !== undefined || isIterator(value);
  if (isPlain(value)) return isStream ? STREAM : undefined;
  if (isStream && !isReadable(value)) return STREAM;
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
