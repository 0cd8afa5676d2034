import { cloneOf } from '../clone.ts';
import { isBytesOrDate, keep } from '../link/copy.ts';
import { copyAround } from '../reference/copy-around.ts';
import { isPlain, liveKind, mayContainReference } from '../reference/detect.ts';
import { isMarked, transfer, transferOf } from '../reference/mark.ts';
import type { Values } from './pending.ts';

// For a codec a value with more parts is not cloned: without a session it is kept as it is, in one it is copied around its leaves.
const mostParts = 100_000;

/**
 * What is kept of an input that has to wait: for a session, or for a free place at the peer. It is what it was when it was passed, and what was
 * given away with it is gone. What structured clone would change, and a codec of this side (`hasCodec`) might not, and what has something live in
 * it, is copied around that; with a codec, only where there is a session that knows it.
 */
export function keptInput(input: unknown, values: Pick<Values, 'keep'> | undefined, hasCodec: boolean): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const list = transferOf(input);
  try {
    // What is given away crosses as it is.
    if (
      (list !== undefined || !mayContainReference(input, !hasCodec)) &&
      isCloneExact(input, new Set(list), hasCodec)
    ) {
      if (list === undefined) return keep(input);
      const [value, moved] = cloneOf([input, list] as const, list);
      return transfer(value, moved);
    }
  } catch {
    return input; // sending it tells what is wrong with it
  }
  if (values !== undefined) return values.keep(input, 'input');
  if (!hasCodec) return copyAround(input, undefined);
  hush(input);
  return input;
}

/** Promises in what waits are the other side's to hear: one that rejects meanwhile is no fault of this page. */
function hush(root: object): void {
  const seen = new Set<unknown>([root]);
  try {
    for (const node of seen) {
      if (seen.size > mostParts) return;
      if (node instanceof Promise) node.catch(() => undefined);
      else if (typeof node === 'object' && node !== null && (isPlain(node) || Array.isArray(node)))
        for (const part of Object.values(node)) seen.add(part);
    }
  } catch {
    // sending it tells what is wrong with it
  }
}

const kinds: readonly { readonly prototype: unknown }[] = [
  ...[Map, Set, RegExp, DataView],
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError],
];
const exact: ReadonlySet<unknown> = new Set(kinds.map(({ prototype }) => prototype));

/**
 * Whether a clone has everything: no instance of a class, and only plain objects with properties of their own. Without a codec, everything
 * crosses as its clone that is not live.
 */
function isCloneExact(root: object, seen: Set<object>, hasCodec: boolean): boolean {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (typeof node === 'function' || typeof node === 'symbol') return false;
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (
      hasCodec
        ? seen.size > mostParts || !isExact(node)
        : liveKind(node) !== undefined || (node !== root && isMarked(node))
    )
      return false;
    if (ArrayBuffer.isView(node)) continue;
    const parts = node instanceof Map ? [...node].flat(1) : node instanceof Set ? [...node] : Object.values(node);
    for (const part of parts) open.push(part); // not spread: a list can have more entries than a call has arguments
    if (node instanceof Error) open.push(node.cause);
  }
  return true;
}

function isExact(node: object): boolean {
  if (Object.getOwnPropertySymbols(node).length > 0) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  if (isPlain(node)) return true;
  if (!exact.has(prototype) && !isBytesOrDate(prototype)) return false;
  // To name all indexes of bytes takes longer than to send them.
  return (ArrayBuffer.isView(node) && !(node instanceof DataView)) || Object.keys(node).length === 0;
}
