import { cloneOf } from '../clone.ts';

// A value with more is posted at once instead: the browser clones it faster than we copy it.
const maxNodes = 256;
const maxObjects = 32;

/** What was copied so far, and how much more may be. */
interface Copying {
  left: number;
  readonly originals: object[];
  readonly copies: object[];
}

const unusual = new Error('not a small plain value');

/**
 * A copy of a small value of plain objects, arrays and primitives: what its owner does to it afterwards is not sent, and no two values share
 * a part. `undefined` for everything else. What one value shares with itself, its copy shares, too.
 */
export function copyPlain(root: object): object | undefined {
  try {
    return copyParts(root, { left: maxNodes, originals: [], copies: [] });
  } catch {
    return undefined; // also for a getter or a proxy that throws: sending it tells what is wrong with it
  }
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
  return Array.isArray(value) ? copyList(value, copying) : copyRecord(value, copying);
}

function copyRecord(value: object, copying: Copying): object {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unusual;
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
