import { cloneOf } from '../clone.ts';
import { keep } from '../link/copy.ts';
import { liveKind, mayContainReference } from '../reference/detect.ts';
import { isMarked, transfer, transferOf } from '../reference/mark.ts';
import type { Values } from './pending.ts';

// For a codec a value with more parts is not cloned: without a session it is kept as it is, in one it is copied around its leaves.
const mostParts = 100_000;

/**
 * What is kept of an input that has to wait: for a session, or for a free place at the peer. It is what it was when it was passed, and what was
 * given away with it is gone. What structured clone would change, and a codec of this side (`hasCodec`) might not, and what has something live in
 * it, is kept as it is where there is no session that could copy around that.
 */
export function keptInput(input: unknown, values: Pick<Values, 'keep'> | undefined, hasCodec: boolean): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const list = transferOf(input);
  if (list !== undefined) return takeOver(input, list, values, hasCodec);
  const isExact = hasCodec ? !mayContainReference(input) && isCloneExact(input) : !mayContainReference(input, true);
  return isExact ? keep(input) : keepAround(input, values);
}

function keepAround(input: object, values: Pick<Values, 'keep'> | undefined): unknown {
  return values === undefined ? input : values.keep(input, 'input');
}

function takeOver(
  input: object,
  list: readonly Transferable[],
  values: Pick<Values, 'keep'> | undefined,
  hasCodec: boolean,
): unknown {
  // What is given away crosses as it is.
  const isExact = hasCodec ? isCloneExact(input, new Set(list)) : hasNothingLive(input, new Set(list));
  if (!isExact) return keepAround(input, values);
  try {
    const [value, moved] = cloneOf([input, list] as const, list);
    return transfer(value, moved);
  } catch {
    return input; // sending it tells what is wrong with it
  }
}

/** What structured clone carries whole; it has no parts. */
const wholes: readonly { readonly prototype: unknown }[] = [
  ...[Date, RegExp, ArrayBuffer, DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array],
  ...[Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array],
];
const kinds: readonly { readonly prototype: unknown }[] = [
  ...[Object, Array, Map, Set],
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError],
];
const prototypesOf = (types: readonly { readonly prototype: unknown }[]): readonly unknown[] =>
  types.map(({ prototype }) => prototype);
const exact: ReadonlySet<unknown> = new Set([null, ...prototypesOf(kinds), ...prototypesOf(wholes)]);
const plain: ReadonlySet<unknown> = new Set([null, Object.prototype, Array.prototype]);

/** Whether a clone has everything: no instance of a class, and only plain objects with properties of their own. */
function isCloneExact(root: object, seen?: Set<object>): boolean {
  return isAll(root, seen, mostParts, (node) => {
    const prototype: unknown = Object.getPrototypeOf(node);
    if (!exact.has(prototype) || Object.getOwnPropertySymbols(node).length > 0) return false;
    return plain.has(prototype) || isBytes(node) || Object.keys(node).length === 0;
  });
}

/** To name all their indexes takes longer than to send them. */
function isBytes(node: object): boolean {
  return ArrayBuffer.isView(node) && !(node instanceof DataView);
}

/** Without a codec, everything crosses as its clone that is not live. */
function hasNothingLive(root: object, seen: Set<object>): boolean {
  const list = transferOf(root);
  return isAll(
    root,
    seen,
    Infinity,
    (node) => liveKind(node) === undefined && (!isMarked(node) || transferOf(node) === list),
  );
}

/** Looks at everything in a value that is not `seen`. */
function isAll(root: object, seen: Set<object> = new Set(), most: number, isFine: (node: object) => boolean): boolean {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (typeof node === 'function' || typeof node === 'symbol') return false;
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    if (seen.add(node).size > most || !isFine(node)) return false;
    if (ArrayBuffer.isView(node)) continue;
    const parts = node instanceof Map ? [...node].flat(1) : node instanceof Set ? [...node] : Object.values(node);
    for (const part of parts) open.push(part); // not spread: a list can have more entries than a call has arguments
    if (node instanceof Error) open.push(node.cause);
  }
  return true;
}
