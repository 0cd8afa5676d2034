import type { Limits } from './limits.ts';

/** The limits that a single value from the peer must keep. */
export type Budget = Pick<Limits, 'valueNodes' | 'valueDepth' | 'valueChars' | 'valueBytes'>;

// Values of up to so many nodes and levels are counted without remembering anything. All others, those that go round in a circle among
// them, are walked again, by the way that remembers.
const quickNodes = 100_000;
const quickDepth = 200;
// So much takes a moment.
const largeNodes = 1000;

/** What walking has cost this page: when the last large value was begun, and how many were refused. Who dispatches watches it. */
export const work: { since: number; refused: number } = { since: 0, refused: 0 };

/**
 * Walks a value that came through structured clone and says which limit it breaks; `undefined` when it fits.
 *
 * Nodes are counted once per way that leads to them, because that is what a validator or a handler walks: 27 shared objects can have
 * 2^26 ways. A reference back to an object that is just being walked (a cycle) counts once and is not followed. The walk keeps its
 * own stack, so that depth is a limit and not a crash. What structured clone built has no getters: reading it runs no code of the peer.
 */
export function overBudget(root: unknown, budget: Budget): keyof Budget | undefined {
  // Most values are one text or number: no walk.
  if (typeof root === 'string') return root.length > budget.valueChars ? 'valueChars' : undefined;
  if (typeof root !== 'bigint' && (typeof root !== 'object' || root === null)) return undefined;
  const quick = new QuickCount(budget);
  const isFine = quick.fits(root, Math.min(quickDepth, budget.valueDepth)) && quick.chars <= budget.valueChars;
  if (!isFine || quick.nodes > largeNodes) work.since = performance.now();
  if (isFine) return undefined;
  const over = quick.isTooLarge ? 'valueNodes' : walk(root, budget);
  if (over !== undefined) work.refused++;
  return over;
}

/** Counts plain values, which are most of all. What it does not know, or does not remember, does not fit; {@link walk} decides. */
class QuickCount {
  readonly #budget: Budget;
  nodes = 1;
  chars = 0;
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
      if (values.length !== node.length || hasHoles(node)) return false; // then it may have names, too
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
function hasHoles(array: readonly unknown[]): boolean {
  return Array.prototype.includes.call(array, undefined);
}

function isRecord(node: object): node is Record<string, unknown> {
  return Object.getPrototypeOf(node) === Object.prototype;
}

/** An object that was come by: what there is to walk, and how far that is. */
interface Visit {
  readonly children: readonly unknown[];
  /** Characters of its keys. */
  readonly chars: number;
  at: number;
  isOpen: boolean;
}

function walk(root: unknown, budget: Budget): keyof Budget | undefined {
  const visits = new Map<object, Visit>();
  const most = budget.valueNodes;
  let nodes = 0;
  let chars = 0;
  let bytes = 0;
  const open: Visit[] = [];

  // A sparse array of 2^32 - 1 entries travels in a few bytes, and a million keys take a second to read: counted first.
  const fits = (count: number): boolean => {
    if (nodes + count <= most) return true;
    nodes = Infinity;
    return false;
  };
  /** The entries of an array, holes too, and what it has under names: structured clone keeps both. */
  const listed = (array: readonly unknown[]): readonly unknown[] => {
    if (!fits(array.length)) return [];
    const values = Object.values(array); // much cheaper than the keys, of which every index is one
    if (values.length === array.length && !hasHoles(array)) return values;
    if (!fits(values.length)) return [];
    const names = Object.keys(array).filter((key) => String(Number(key) >>> 0) !== key || Number(key) >= array.length);
    return names.length === 0
      ? array
      : [...array, ...names.flatMap((name): unknown[] => [name, Reflect.get(array, name)])];
  };
  const named = (node: object): readonly unknown[] => {
    const keys = Object.keys(node);
    if (!fits(keys.length)) return [];
    for (const key of keys) chars += key.length;
    return Object.values(node);
  };
  const childrenOf = (node: object): readonly unknown[] => {
    if (Array.isArray(node)) return listed(node);
    if (isRecord(node)) return named(node);
    if (node instanceof Map) return fits(node.size) ? [...node].flat(1) : [];
    if (node instanceof Set) return fits(node.size) ? [...node] : [];
    if (ArrayBuffer.isView(node)) return [node.buffer];
    if (node instanceof Error) return [node.message, node.stack, node.cause, Reflect.get(node, 'errors')];
    if (node instanceof RegExp) return [node.source];
    // Every character of a boxed text is a key of its own.
    if (Object.getPrototypeOf(node) === String.prototype) return [node.valueOf()];
    return typeof ImageData === 'function' && node instanceof ImageData ? [node.data] : named(node);
  };
  const enter = (node: unknown): void => {
    nodes++;
    if (typeof node === 'string') chars += node.length;
    else if (typeof node === 'bigint') chars += node.toString(16).length; // a long one takes minutes to write in decimals
    if (typeof node !== 'object' || node === null) return;
    let visit = visits.get(node);
    if (visit?.isOpen === true) return;
    if (visit === undefined) {
      const before = chars;
      if (node instanceof ArrayBuffer) bytes += readSize(node);
      const children = childrenOf(node);
      visit = { children, chars: chars - before, at: 0, isOpen: false };
      visits.set(node, visit);
    } else chars += visit.chars;
    if (visit.children.length === 0) return;
    visit.at = 0;
    visit.isOpen = true;
    open.push(visit);
  };

  enter(root);
  for (;;) {
    if (nodes > most) return 'valueNodes';
    if (chars > budget.valueChars) return 'valueChars';
    if (open.length > budget.valueDepth) return 'valueDepth';
    const top = open.at(-1);
    if (top === undefined) break;
    if (top.at < top.children.length) enter(top.children[top.at++]);
    else {
      open.pop();
      top.isOpen = false;
    }
  }
  return bytes > budget.valueBytes ? 'valueBytes' : undefined;
}

/** How large a buffer is, or may become: as much is set aside for it. */
function readSize(buffer: ArrayBuffer): number {
  return Number(Reflect.get(buffer, 'maxByteLength') ?? buffer.byteLength);
}
