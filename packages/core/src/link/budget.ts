import type { Limits } from './limits.ts';

/** The limits that a single value from the peer must keep. */
export type Budget = Pick<Limits, 'valueNodes' | 'valueDepth' | 'valueChars' | 'valueBytes'>;

/**
 * Why a value of the peer is not read: the limit that it breaks, or a key that could become a prototype, or a part of this library that was
 * needed and could not be loaded. `undefined` when it may be read.
 */
export type Over = keyof Budget | 'attachments' | 'unsafeKey' | 'notLoaded' | undefined;

/** Weighs any value, and remembers what it has seen. It is loaded when the first value needs it: see `walk.ts`. */
export type Walk = (root: unknown, budget: Budget, memory: Memory) => Over;

/** What one large object of a batch comes to, when it is met again. */
export interface Weight {
  nodes: number;
  chars: number;
  levels: number;
}

/** What is remembered of one batch: no object in it is walked twice. */
export interface Memory {
  readonly weights: Map<object, Weight>;
  /** Nodes that objects came to when they were met again, in the whole batch. */
  again: number;
}

// Values of up to so many levels are counted by plain recursion.
const quickDepth = 200;
// So much takes a moment.
const largeNodes = 1000;
// An object of fewer entries is not worth remembering: reading it again is as cheap as asking.
export const smallEntries = 8;
// So many nodes, and half of all, may be met again before the walk that remembers takes over.
const freeAgain = 4000;
// In one batch, objects that are met again may stand for so many times `valueNodes`.
const sharedFactor = 32;

/**
 * Weighs the values of one batch, which structured clone has built at once: what is shared between its messages is seen here.
 *
 * Nodes are counted once per way that leads to them, because that is what a validator or a handler walks: 27 shared objects can have
 * 2^26 ways. The walk itself reads each large object once, or a few times at most: its cost follows the bytes that came. A reference back
 * to an object that is just being walked (a cycle) counts once and is not followed. What structured clone built has no getters: reading it
 * runs no code of the peer.
 */
export class Scales {
  readonly #budget: Budget;
  readonly #walk: () => Walk | undefined;
  readonly #quick: QuickCount;
  readonly #memory: Memory = { weights: new Map(), again: 0 };
  #isShared = false;
  /** How many values were refused so far: each has cost time that the peer has not paid for. */
  refused = 0;
  /** When the last value that took a moment was begun, about. */
  since = 0;

  /** `walk` answers nothing while the part is not loaded: most values never need it. */
  constructor(budget: Budget, walk: () => Walk | undefined) {
    this.#budget = budget;
    this.#walk = walk;
    this.#quick = new QuickCount(budget);
  }

  /** How many objects and entries were read for this batch so far; the walk of `walk.ts` counts its own. */
  get work(): number {
    return this.#quick.work;
  }

  /** What is wrong with a value; `unknown` where the walk is needed, and not there yet. */
  weigh(root: unknown): Over | 'unknown' {
    // Most values are one text or number: no walk.
    if (typeof root === 'string') return this.#refuse(root.length > this.#budget.valueChars ? 'valueChars' : undefined);
    if (typeof root !== 'bigint' && (typeof root !== 'object' || root === null)) return undefined;
    const quick = this.#quick;
    if (!this.#isShared) {
      const isFine = quick.begin(root) && quick.chars <= this.#budget.valueChars;
      if (!isFine || quick.nodes > largeNodes) this.since = performance.now();
      if (isFine) return undefined;
      if (quick.reason !== undefined) return this.#refuse(quick.reason);
      this.#isShared = quick.isShared;
    }
    this.since = performance.now();
    const walk = this.#walk();
    if (walk === undefined) return 'unknown';
    const over = walk(root, this.#budget, this.#memory);
    return this.#refuse(
      over ?? (this.#memory.again > sharedFactor * this.#budget.valueNodes ? 'valueNodes' : undefined),
    );
  }

  #refuse(over: Over): Over {
    if (over !== undefined) this.refused++;
    return over;
  }
}

let seed = (Math.random() * 2 ** 32) >>> 0;
/** From 1 to 32, not to be foreseen by a peer that wants to slip between two samples. */
function nextSample(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return (seed >>> 27) + 1;
}

/**
 * Counts plain values, which are most of all. What it does not know does not fit; `walk.ts` decides. It remembers a sample of what it has
 * seen: enough to notice that the same objects come again and again.
 */
class QuickCount {
  readonly #budget: Budget;
  #sample: Set<object> | undefined;
  #untilSample = nextSample();
  #again = 0;
  nodes = 1;
  chars = 0;
  bytes = 0;
  work = 0;
  /** Known without another walk. */
  reason: Over;
  /** The same objects come again and again. */
  isShared = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  begin(root: unknown): boolean {
    this.nodes = 1;
    this.chars = this.bytes = 0;
    this.reason = undefined;
    const isFine = this.#fits(root, Math.min(quickDepth, this.#budget.valueDepth));
    this.work += this.nodes;
    return isFine;
  }

  #fits(node: unknown, depth: number): boolean {
    if (typeof node === 'string') {
      this.chars += node.length;
      return true;
    }
    if (typeof node !== 'object') return typeof node !== 'bigint';
    if (node === null) return true;
    if (depth === 0) return false;
    const before = this.nodes;
    const isKnown = this.#sample?.has(node) === true;
    return this.#fitsObject(node, depth - 1) && this.#leave(node, this.nodes - before, isKnown);
  }

  #fitsObject(node: object, depth: number): boolean {
    if (Array.isArray(node)) return this.#fitsList(node, depth);
    if (isRecord(node)) return this.#fitsRecord(node, depth);
    if (node instanceof Date) return true;
    if (node instanceof Map) return this.#fitsMap(node, depth);
    const buffer = ArrayBuffer.isView(node) ? node.buffer : node;
    if (!(buffer instanceof ArrayBuffer)) return false;
    this.bytes += readSize(buffer); // once for each view: then they may be over the limit, or share it
    return this.#hasRoom(1) && this.bytes <= this.#budget.valueBytes;
  }

  #fitsList(node: readonly unknown[], depth: number): boolean {
    // A sparse array of 2^32 - 1 entries travels in a few bytes.
    if (!this.#hasRoom(node.length)) return false;
    const values = Object.values(node);
    // What is more than its entries it has under names: counted here, so that a million of them are listed once.
    if (!this.#hasRoom(values.length - node.length) || values.length !== node.length) return false;
    for (let index = 0; index < values.length; index++) {
      const value: unknown = values[index];
      // A hole, and a name in its place.
      if (value === undefined && !Object.hasOwn(node, index)) return false;
      if (!this.#fits(value, depth)) return false;
    }
    return true;
  }

  #fitsRecord(node: Record<string, unknown>, depth: number): boolean {
    const keys = Object.keys(node);
    if (!this.#hasRoom(keys.length)) return false;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] ?? '';
      if (key === '__proto__') {
        this.reason = 'unsafeKey';
        return false;
      }
      this.chars += key.length;
      if (!this.#fits(node[key], depth)) return false;
    }
    return true;
  }

  #fitsMap(node: ReadonlyMap<unknown, unknown>, depth: number): boolean {
    if (!this.#hasRoom(2 * node.size)) return false;
    let isFine = true;
    node.forEach((value, key) => {
      isFine &&= this.#fits(key, depth) && this.#fits(value, depth);
    });
    return isFine;
  }

  /** Behind an object: whether what came again is still less than what is new. Wide ones are remembered, and of the others a few. */
  #leave(node: object, entries: number, isKnown: boolean): boolean {
    const sofar = this.work + this.nodes;
    if (isKnown) {
      this.#again += entries;
      this.isShared = this.#again > freeAgain + sofar / 2;
      return !this.isShared;
    }
    if (entries <= smallEntries || sofar < largeNodes) return true;
    if (entries < 256 && --this.#untilSample > 0) return true;
    this.#untilSample = nextSample();
    (this.#sample ??= new Set()).add(node);
    return true;
  }

  /** Counted before they are read: a million keys, or a circle of them, take long. */
  #hasRoom(count: number): boolean {
    this.nodes += count;
    if (count > this.#budget.valueNodes) this.reason = 'valueNodes';
    return this.nodes <= this.#budget.valueNodes;
  }
}

export function isRecord(node: object): node is Record<string, unknown> {
  return Object.getPrototypeOf(node) === Object.prototype;
}

/** How large a buffer is, or may become: as much is set aside for it. */
export function readSize(buffer: ArrayBuffer): number {
  return Number(Reflect.get(buffer, 'maxByteLength') ?? buffer.byteLength);
}

/**
 * About how many bytes a batch keeps for as long as it waits: each object once. It stops when it has counted more than `most`; what
 * structured clone does not copy, such as a Blob, counts as one node.
 */
export function bytesOf(batch: unknown, most: number): number {
  const seen = new Set<object>();
  const open: unknown[] = [batch];
  let bytes = 0;
  const add = (value: unknown): void => {
    bytes += 8;
    if (typeof value === 'string') bytes += 2 * value.length;
    else if (typeof value === 'bigint') bytes += value.toString(16).length / 2;
    else if (typeof value === 'object' && value !== null) open.push(value);
  };
  while (open.length > 0 && bytes <= most) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const buffer = ArrayBuffer.isView(node) ? node.buffer : node;
    if (buffer instanceof ArrayBuffer) {
      if (buffer === node || !seen.has(buffer)) bytes += readSize(buffer);
      seen.add(buffer);
    } else if (node instanceof Map)
      node.forEach((value, key) => {
        add(key);
        add(value);
      });
    else if (node instanceof Set) node.forEach(add);
    else if (node instanceof Error) [node.message, node.stack, node.cause].forEach(add);
    else if (Object.getPrototypeOf(node) === String.prototype) add(node.valueOf());
    else if (Array.isArray(node)) Object.values(node).forEach(add);
    else {
      for (const key of Object.keys(node)) {
        bytes += 2 * key.length;
        add(Reflect.get(node, key));
      }
    }
  }
  return bytes;
}
