import type { Limits } from './limits.ts';

/** The limits that a single value from the peer must keep. */
export type Budget = Pick<Limits, 'valueNodes' | 'valueDepth' | 'valueChars' | 'valueBytes'>;

/** Which limit a value breaks; `undefined` when it fits. */
export type Over = keyof Budget | undefined;

/** Counts any value, by the way that remembers. It is loaded when the first value needs it: see `walk.ts`. */
export type Walk = (root: unknown, budget: Budget) => Over;

// Values of up to so many nodes and levels are counted without remembering anything. All others, those that go round in a circle among
// them, are walked again, by the way that remembers.
const quickNodes = 100_000;
const quickDepth = 200;
// So much takes a moment.
const largeNodes = 1000;

/** What walking has cost this page: when the last large value was begun, and how many were refused. Who dispatches watches it. */
export const work: { since: number; refused: number } = { since: 0, refused: 0 };

/**
 * Walks a value that came through structured clone and says which limit it breaks; `undefined` when it fits. `unknown` where `walk` is
 * needed, and not there yet: most values never need it.
 *
 * Nodes are counted once per way that leads to them, because that is what a validator or a handler walks: 27 shared objects can have
 * 2^26 ways. A reference back to an object that is just being walked (a cycle) counts once and is not followed. The walk keeps its
 * own stack, so that depth is a limit and not a crash. What structured clone built has no getters: reading it runs no code of the peer.
 */
export function overBudget(root: unknown, budget: Budget, walk: () => Walk | undefined): Over | 'unknown' {
  // Most values are one text or number: no walk.
  if (typeof root === 'string') return root.length > budget.valueChars ? 'valueChars' : undefined;
  if (typeof root !== 'bigint' && (typeof root !== 'object' || root === null)) return undefined;
  const quick = new QuickCount(budget);
  const isFine = quick.fits(root, Math.min(quickDepth, budget.valueDepth)) && quick.chars <= budget.valueChars;
  if (!isFine || quick.nodes > largeNodes) work.since = performance.now();
  if (isFine) return undefined;
  let over: Over = 'valueNodes';
  if (!quick.isTooLarge) {
    const thorough = walk();
    if (thorough === undefined) return 'unknown';
    over = thorough(root, budget);
  }
  if (over !== undefined) work.refused++;
  return over;
}

/** Counts plain values, which are most of all. What it does not know, or does not remember, does not fit; `walk.ts` decides. */
class QuickCount {
  readonly #budget: Budget;
  nodes = 1;
  chars = 0;
  bytes = 0;
  /** A list alone is over the limit: nobody has to read it again. */
  isTooLarge = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  fits(node: unknown, depth: number): boolean {
    if (typeof node === 'string') {
      this.chars += node.length;
      return true;
    }
    if (typeof node !== 'object') return typeof node !== 'bigint';
    if (node === null) return true;
    if (depth === 0) return false;
    if (Array.isArray(node)) {
      // A sparse array of 2^32 - 1 entries travels in a few bytes.
      if (!this.#hasRoom(node.length)) return false;
      const values = Object.values(node);
      // What is more than its entries it has under names: counted here, so that a million of them are listed once.
      if (!this.#hasRoom(values.length - node.length) || values.length !== node.length || hasHoles(node)) return false;
      for (const value of values) if (!this.fits(value, depth - 1)) return false;
      return true;
    }
    if (isRecord(node)) {
      const keys = Object.keys(node);
      if (!this.#hasRoom(keys.length)) return false;
      for (const key of keys) {
        this.chars += key.length;
        if (!this.fits(node[key], depth - 1)) return false;
      }
      return true;
    }
    if (node instanceof Date) return true;
    const buffer = ArrayBuffer.isView(node) ? node.buffer : node;
    if (buffer instanceof ArrayBuffer) {
      this.bytes += readSize(buffer); // once for each view: then they may be over the limit, or share it
      return this.#hasRoom(1) && this.bytes <= this.#budget.valueBytes;
    }
    if (!(node instanceof Map && this.#hasRoom(2 * node.size))) return false;
    for (const [key, value] of node) if (!(this.fits(key, depth - 1) && this.fits(value, depth - 1))) return false;
    return true;
  }

  /** Counted before they are read: a million keys, or a circle of them, take long. */
  #hasRoom(count: number): boolean {
    this.nodes += count;
    this.isTooLarge = count > this.#budget.valueNodes;
    return this.nodes <= Math.min(quickNodes, this.#budget.valueNodes);
  }
}

/** Not by a method of the array itself, which can be anything. A list with `undefined` in it counts as one with holes. */
export function hasHoles(array: readonly unknown[]): boolean {
  return Array.prototype.includes.call(array, undefined);
}

export function isRecord(node: object): node is Record<string, unknown> {
  return Object.getPrototypeOf(node) === Object.prototype;
}

/** How large a buffer is, or may become: as much is set aside for it. */
export function readSize(buffer: ArrayBuffer): number {
  return Number(Reflect.get(buffer, 'maxByteLength') ?? buffer.byteLength);
}
