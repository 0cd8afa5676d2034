// A value with more is posted at once instead: the browser clones it faster than we copy it.
const maxNodes = 256;
const maxObjects = 32;

/**
 * A copy of a small value of plain objects, arrays and primitives: what a source does to its object afterwards is not sent, and no two values
 * share a part. `undefined` for everything else. What one value shares with itself, its copy shares, too.
 */
export function copyPlain(root: object): object | undefined {
  const originals: object[] = [];
  const copies: object[] = [];
  let left = maxNodes;
  /** Throws where it cannot. */
  const copy = (value: unknown): unknown => {
    if (left-- === 0 || typeof value === 'function' || typeof value === 'symbol') throw unusual;
    if (typeof value !== 'object' || value === null) return value;
    const known = originals.indexOf(value);
    return known >= 0 ? copies[known] : copyParts(value);
  };
  const copyParts = (value: object): object => {
    const keys = Object.keys(value);
    const made = emptyLike(value, keys);
    if (originals.push(value) > maxObjects) throw unusual;
    copies.push(made);
    for (const key of keys) {
      if (key === '__proto__') throw unusual;
      Reflect.set(made, key, copy(Reflect.get(value, key)));
    }
    return made;
  };
  try {
    return copyParts(root);
  } catch {
    return undefined; // also for a getter or a proxy that throws: sending it tells what is wrong with it
  }
}

const unusual = new Error('not a small plain value');

function emptyLike(value: object, keys: readonly string[]): object {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype && keys.length === value.length) return [];
  if (!Array.isArray(value) && (prototype === Object.prototype || prototype === null)) return {};
  throw unusual;
}
