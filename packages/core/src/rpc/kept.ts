import { cloneOf } from '../clone.ts';
import { keep } from '../link/copy.ts';
import { mayContainReference } from '../reference/detect.ts';
import { transfer, transferOf } from '../reference/mark.ts';
import type { Values } from './pending.ts';

// A value with more parts is not cloned: without a session it is kept as it is, in one it is copied around its leaves.
const mostParts = 100_000;

/**
 * What is kept of an input that has to wait: for a session, or for a free place at the peer. It is what it was when it was passed, and what was
 * given away with it is gone. What structured clone would change, and a codec might not, and what has something live in it, is kept as it is
 * where there is no session that could copy around that.
 */
export function keptInput(input: unknown, values: Pick<Values, 'keep'> | undefined): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const list = transferOf(input);
  if (list !== undefined) return takeOver(input, list, values);
  return !mayContainReference(input) && isCloneExact(input) ? keep(input) : keepAround(input, values);
}

function keepAround(input: object, values: Pick<Values, 'keep'> | undefined): unknown {
  return values === undefined ? input : values.keep(input, 'input');
}

function takeOver(input: object, list: readonly Transferable[], values: Pick<Values, 'keep'> | undefined): unknown {
  // What is given away crosses as it is.
  if (!isCloneExact(input, new Set(list))) return keepAround(input, values);
  try {
    const [value, moved] = cloneOf([input, list] as const, list);
    return transfer(value, moved);
  } catch {
    return input; // sending it tells what is wrong with it
  }
}

const kinds: readonly { readonly prototype: unknown }[] = [
  ...[Object, Array, Map, Set, Date, RegExp, ArrayBuffer, DataView],
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError],
];
const exact: ReadonlySet<unknown> = new Set([null, ...kinds.map(({ prototype }) => prototype)]);

/** Whether a clone has everything: no instance of a class, and of errors only those without more than their message. */
function isCloneExact(root: object, seen: Set<object> = new Set()): boolean {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (typeof node === 'function' || typeof node === 'symbol') return false;
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    if (seen.add(node).size > mostParts) return false;
    if (ArrayBuffer.isView(node)) continue;
    if (!exact.has(Object.getPrototypeOf(node)) || (node instanceof Error && Object.keys(node).length > 0))
      return false;
    const parts = node instanceof Map ? [...node].flat(1) : node instanceof Set ? [...node] : Object.values(node);
    for (const part of parts) open.push(part); // not spread: a list can have more entries than a call has arguments
  }
  return true;
}
