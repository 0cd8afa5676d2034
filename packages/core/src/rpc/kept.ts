import { cloneOf } from '../clone.ts';
import { keep } from '../link/copy.ts';
import { mayHaveLive } from '../reference/glance.ts';
import { transfer, transferOf } from '../reference/mark.ts';

// A value with more parts that has to wait is kept as it is.
const mostParts = 100_000;

/**
 * What is kept of an input that has to wait: for a session, or for a free place at the peer. It is what it was when it was passed, and what was
 * given away with it is gone. What structured clone would change, and a codec might not, is kept as it is; so is what is live.
 */
export function keptInput(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const list = transferOf(input);
  if (list !== undefined) return takeOver(input, list);
  return !mayHaveLive(input) && isCloneExact(input) ? keep(input) : input;
}

function takeOver(input: object, list: readonly Transferable[]): unknown {
  // What is given away crosses as it is.
  if (!isCloneExact(input, new Set(list))) return input;
  try {
    const [value, moved] = cloneOf([input, list] as const, list);
    return transfer(value, moved);
  } catch {
    return input; // sending it tells what is wrong with it
  }
}

const exact: ReadonlySet<unknown> = new Set([
  null,
  ...[Object, Array, Map, Set, Date, RegExp, ArrayBuffer, DataView].map(({ prototype }): unknown => prototype),
  ...[Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map(
    ({ prototype }): unknown => prototype,
  ),
]);

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
