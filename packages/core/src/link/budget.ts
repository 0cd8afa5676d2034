import type { Limits } from './limits.ts';

/** The limits that a single value from the peer must keep. */
export type Budget = Pick<Limits, 'valueNodes' | 'valueDepth' | 'valueChars' | 'valueBytes'>;

/**
 * Why a value of the peer is not read: the limit that it breaks, or a key that could become a prototype, or a part of this library that was
 * needed and could not be loaded. `undefined` when it may be read.
 */
export type ExceededLimit = keyof Budget | 'attachments' | 'unsafeKey' | 'notLoaded' | 'waitingBytes' | undefined;

/** Weighs any value, and remembers what it has seen. It is loaded when the first value needs it: see `walk.ts`. */
export type Walk = (root: unknown, budget: Budget, memory: Memory) => ExceededLimit;

/**
 * What is remembered of one batch: no large object in it is walked twice. An object has a number, which is its place in the lists of what it comes
 * to: lists of numbers take a fraction of the memory that an object for each would.
 */
export interface Memory {
  readonly places: Map<object, number>;
  readonly nodes: number[];
  readonly chars: number[];
  /** Of all buffers in it, for a later value that brings it again. */
  readonly bytes: number[];
  readonly levels: number[];
  /** Nodes that objects came to when they were met again, in the whole batch. */
  again: number;
  /** What the value that was walked last keeps, as {@link Scales.weightOf} says it. */
  weight: number;
}

// Values of up to so many levels are counted by plain recursion.
const quickDepth = 200;
// So much takes a moment.
const largeNodes = 1000;
// An object of fewer entries is not worth remembering: reading it again is as cheap as asking.
export const smallEntries = 8;
// When so many nodes of a batch were counted quickly and in vain, the walk takes over.
const mostWasted = 4000;
// Of an object of so many entries it is noticed at once that it leads back to itself.
const wideEntries = 64;
// In one batch, objects that are met again may stand for so many times `valueNodes`.
const sharedFactor = 8;
/** About what a node and a character keep, in bytes. */
export const nodeBytes = 8;
export const charBytes = 2;

/**
 * Weighs the values of one batch after the other. Structured clone has built a batch at once: what is shared between its messages is seen
 * here.
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
  #memory: Memory | undefined;
  #isWalked = false;
  // What was counted quickly, and in vain.
  #wasted = 0;
  /** When the last value that took a moment was begun, about. */
  since = 0;

  /** `walk` answers nothing while the part is not loaded: most values never need it. */
  constructor(budget: Budget, walk: () => Walk | undefined) {
    this.#budget = budget;
    this.#walk = walk;
    this.#quick = new QuickCount(budget);
  }

  /** The next batch begins. */
  begin(): void {
    this.#memory = undefined;
    this.#wasted = 0;
    this.#quick.forget();
  }

  /** How many objects and entries were read for this batch so far; the walk of `walk.ts` counts its own. */
  get work(): number {
    return this.#quick.work;
  }

  /** What is wrong with a value; `unknown` where the walk is needed, and not there yet. */
  weigh(root: unknown): ExceededLimit | 'unknown' {
    // Most values are one text or number: no walk.
    if (typeof root === 'string') return root.length > this.#budget.valueChars ? 'valueChars' : undefined;
    if (typeof root !== 'bigint' && (typeof root !== 'object' || root === null)) return undefined;
    const quick = this.#quick;
    this.#isWalked = false;
    if (this.#wasted <= mostWasted) {
      const isFine = quick.begin(root) && quick.chars <= this.#budget.valueChars;
      if (!isFine || quick.nodes > largeNodes) this.since = performance.now();
      if (isFine) return this.#overShared();
      // Or a thousand messages would bring the same deep value, and each be counted quickly until that is too deep.
      this.#wasted += quick.nodes;
      if (quick.reason !== undefined) return quick.reason;
    }
    this.since = performance.now();
    const walk = this.#walk();
    if (walk === undefined) return 'unknown';
    const memory = (this.#memory ??= newMemory());
    this.#isWalked = true;
    const over = walk(root, this.#budget, memory);
    return over ?? this.#overShared();
  }

  #overShared(): ExceededLimit {
    const again = this.#quick.again + (this.#memory?.again ?? 0);
    return again > sharedFactor * this.#budget.valueNodes ? 'valueNodes' : undefined;
  }

  /**
   * About how many bytes a value keeps that was weighed last: 8 for each node, 2 for each character, and all buffers; what is shared counts
   * once per way, as everywhere in this budget.
   */
  weightOf(root: unknown): number {
    if (typeof root === 'string') return nodeBytes + charBytes * root.length;
    if (typeof root !== 'bigint' && (typeof root !== 'object' || root === null)) return nodeBytes;
    if (this.#isWalked) return this.#memory?.weight ?? 0;
    const { nodes, chars, bytes } = this.#quick;
    return nodeBytes * nodes + charBytes * chars + bytes;
  }
}

let seed = (Math.random() * 2 ** 32) >>> 0;
/** From 1 to 256 entries, not to be foreseen by a peer that wants to slip between two samples. */
export function nextSample(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return (seed >>> 24) + 1;
}

/** What an object came to, with all that it leads to, once per way. */
interface Weight {
  readonly nodes: number;
  readonly chars: number;
  readonly bytes: number;
  /** At most. */
  readonly levels: number;
}

/**
 * Counts plain values, which are most of all. What it does not know does not fit; `walk.ts` decides. It remembers a sample of what it has
 * seen, so that what comes again and again is not read each time.
 */
class QuickCount {
  readonly #budget: Budget;
  readonly #depth: number;
  #known: Map<object, Weight> | undefined;
  #untilSample = nextSample();
  /** The lowest level that was read of this value. */
  #deepest = 0;
  #notRead = 0;
  /** What is open and has many entries. */
  readonly #wide: object[] = [];
  nodes = 1;
  chars = 0;
  bytes = 0;
  work = 0;
  /** Nodes that objects came to when they were met again, in the whole batch. */
  again = 0;
  /** Known without another walk. */
  reason: ExceededLimit;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#depth = Math.min(quickDepth, budget.valueDepth);
  }

  forget(): void {
    this.#known = undefined;
    this.again = this.work = 0;
  }

  begin(root: unknown): boolean {
    this.nodes = 1;
    this.chars = this.bytes = this.#notRead = this.#deepest = 0;
    this.#wide.length = 0;
    this.reason = undefined;
    const isFine = this.#fits(root, this.#depth);
    this.work += this.nodes - this.#notRead;
    return isFine;
  }

  #fits(node: unknown, depth: number): boolean {
    if (typeof node === 'string') {
      this.chars += node.length;
      return true;
    }
    if (typeof node !== 'object') return typeof node !== 'bigint';
    if (node === null) return true;
    const level = this.#enter(depth);
    if (depth === 0) return false;
    const known = this.#known?.get(node);
    if (known !== undefined) return this.#meetAgain(known, level);
    const { nodes, chars, bytes } = this;
    if (!this.#fitsObject(node, depth - 1)) return false;
    const entries = this.nodes - nodes;
    if (entries >= wideEntries && this.#wide.at(-1) === node) this.#wide.pop();
    if (entries > smallEntries && this.#isSampled(entries)) this.#remember(node, level, nodes, chars, bytes);
    return true;
  }

  #enter(depth: number): number {
    const level = this.#depth - depth;
    if (level > this.#deepest) this.#deepest = level;
    return level;
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
    if (isSparse(node)) {
      this.#hasRoom(Math.ceil(node.length / holesPerNode));
      return false;
    }
    if (!this.#open(node, node.length)) return false;
    const values = Object.values(node);
    // What is more than its entries it has under names: counted here, so that a million of them are listed once.
    // A list with holes does not fit: what was counted for it stays, as it was looked at.
    if (!this.#hasRoom(Math.max(0, values.length - node.length)) || values.length !== node.length) return false;
    for (let index = 0; index < node.length; index++) {
      const value = node[index];
      if (typeof value === 'number') continue;
      // A hole, and a name in its place among the values.
      if (value === undefined && !Object.hasOwn(node, index)) return false;
      if (!this.#fits(value, depth)) return false;
    }
    return true;
  }

  #fitsRecord(node: Record<string, unknown>, depth: number): boolean {
    const keys = Object.keys(node);
    if (!this.#open(node, keys.length)) return false;
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
    if (!this.#open(node, 2 * node.size)) return false;
    let isFine = true;
    node.forEach((value, key) => {
      isFine &&= this.#fits(key, depth) && this.#fits(value, depth);
    });
    return isFine;
  }

  /** Whether there is room for what is in it. What is wide is not read again inside itself, as its children may lead back to it. */
  #open(node: object, count: number): boolean {
    if (!this.#hasRoom(count)) return false;
    if (count < wideEntries) return true;
    if (this.#wide.includes(node)) return false;
    this.#wide.push(node);
    return true;
  }

  /** It counts once more, and is not read again. */
  #meetAgain({ nodes, chars, bytes, levels }: Weight, level: number): boolean {
    this.nodes += nodes;
    this.chars += chars;
    this.bytes += bytes;
    this.again += nodes;
    this.#notRead += nodes;
    if (level + levels > this.#deepest) this.#deepest = level + levels;
    const isFine = this.nodes <= this.#budget.valueNodes && this.bytes <= this.#budget.valueBytes;
    return isFine && level + levels < this.#budget.valueDepth;
  }

  /**
   * One object is remembered for every so many entries: what is wide, and takes long to read again, nearly always; what is small when it has
   * come a few times.
   */
  #isSampled(entries: number): boolean {
    if (this.work + this.nodes < largeNodes) return false;
    this.#untilSample -= entries;
    if (this.#untilSample > 0) return false;
    this.#untilSample = nextSample();
    return true;
  }

  /** What it came to, since there were so many nodes, characters and bytes. */
  #remember(node: object, level: number, nodes: number, chars: number, bytes: number): void {
    this.#known ??= new Map();
    this.#known.set(node, {
      nodes: this.nodes - nodes,
      chars: this.chars - chars,
      bytes: this.bytes - bytes,
      levels: this.#deepest - level,
    });
  }

  /** Counted before they are read: a million keys, or a circle of them, take long. */
  #hasRoom(count: number): boolean {
    this.nodes += count;
    if (count > this.#budget.valueNodes) this.reason = 'valueNodes';
    return this.nodes <= this.#budget.valueNodes;
  }
}

function newMemory(): Memory {
  return { places: new Map(), nodes: [0, Infinity], chars: [0, 0], bytes: [0, 0], levels: [0, 0], again: 0, weight: 0 };
}

// Who walks an array by index passes its holes, too.
export const holesPerNode = 16;
// So many places of a long array are looked at.
const probes = 8;

/**
 * Whether a long array has holes where one looks: such a one travels in a few bytes, and to list its values takes engines longer than
 * to list its keys.
 */
export function isSparse(list: readonly unknown[]): boolean {
  if (list.length < 4096) return false;
  let holes = 0;
  for (let probe = 0; probe < probes; probe++)
    if (!Object.hasOwn(list, Math.floor((probe * list.length) / probes))) holes++;
  return holes > probes / 2;
}

export function isRecord(node: object): node is Record<string, unknown> {
  return Object.getPrototypeOf(node) === Object.prototype;
}

/** Whether an array has these values at its indexes, and nothing else: no holes, and no names in their place. */
export function isFull(array: readonly unknown[], values: readonly unknown[]): boolean {
  if (values.length !== array.length) return false;
  for (let index = 0; index < array.length; index++)
    if (array[index] === undefined && !Object.hasOwn(array, index)) return false;
  return true;
}

/** What is in an object of a kind that structured clone knows, and that no property shows; `undefined` for every other object. */
export function hiddenIn(node: object): readonly unknown[] | undefined {
  if (ArrayBuffer.isView(node)) return [node.buffer];
  // The name of a DOMException is as long as the peer likes.
  if (node instanceof Error)
    return [node.message, node.stack, node.cause, Reflect.get(node, 'errors') as unknown, node.name];
  if (node instanceof RegExp) return [node.source];
  // Every character of a boxed text is a key of its own.
  const prototype: unknown = Object.getPrototypeOf(node);
  if (prototype === String.prototype || prototype === BigInt.prototype) return [node.valueOf()];
  return typeof ImageData === 'function' && node instanceof ImageData ? [node.data] : undefined;
}

/** How large a buffer is, or may become: as much is set aside for it. A proxy of one, of this page, has no size. */
export function readSize(buffer: ArrayBuffer): number {
  try {
    return Number(Reflect.get(buffer, 'maxByteLength') ?? buffer.byteLength);
  } catch {
    return 0;
  }
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
    if (node instanceof ArrayBuffer) {
      bytes += readSize(node);
      continue;
    }
    if (node instanceof Map)
      node.forEach((value, key) => {
        add(key);
        add(value);
      });
    else if (node instanceof Set) node.forEach(add);
    else {
      const parts = hiddenIn(node) ?? (Array.isArray(node) ? Object.values(node) : undefined);
      if (parts !== undefined && (!Array.isArray(node) || isFull(node, parts))) parts.forEach(add);
      else
        for (const key of Object.keys(node)) {
          bytes += 2 * key.length;
          add(Reflect.get(node, key));
        }
    }
  }
  return bytes;
}
