import {
  type Budget,
  charBytes,
  type ExceededLimit,
  holesPerNode,
  isRecord,
  isSparse,
  type Memory,
  nodeBytes,
  readSize,
  smallEntries,
} from './budget.ts';

/** The place of what has no weight of its own, and of what is not remembered. */
const weightless = 0;
/** The place of what a value was refused with, for whatever reason: who brings it again is over `valueNodes`. Honest values share nothing. */
const tooLarge = 1;
// What is added up must stay a number, also of what has no end.
const mostWeight = 2 ** 48;
// Of small objects that lead to one other object each, so many in a row are not remembered: reading them again costs less than the memory.
const shortChain = 3;
/** In the place of the length of a chain. */
const unchained = -1;
// A way back over so many objects is seen although none of them is remembered; in a longer circle, some count once more.
const shortCircle = 8;

/**
 * Weighs what plain recursion does not: other kinds of objects, deep values, circles, and what many places share. Each object is read once:
 * when it is met again, its weight is added. The walk keeps its own stack, so that depth is a limit and not a crash.
 */
export function walk(root: unknown, budget: Budget, memory: Memory): ExceededLimit {
  const count = new Count(root, budget, memory);
  try {
    const over = count.run();
    if (over !== undefined) count.refuseOpen();
    memory.weight = Math.min(count.weight, mostWeight);
    return over;
  } finally {
    stack.clear();
  }
}

/**
 * What is being walked, one list for each of its properties: it costs less than an object for each. There is one for all walks, which never
 * run one in another: a batch can bring thousands of values that take one each. What is at `size` or behind is left over, and means nothing.
 */
class Stack {
  size = 0;
  readonly open: object[] = [];
  readonly children: (readonly unknown[])[] = [];
  readonly at: number[] = [];
  /** What had been counted before it. */
  readonly nodesBefore: number[] = [];
  readonly charsBefore: number[] = [];
  readonly levels: number[] = [];
  /** Whether its children are listed by their keys. */
  readonly isKeyed: boolean[] = [];
  /** Where it is remembered, or {@link weightless}. */
  readonly places: number[] = [];
  /** How many before it, and with it, are not remembered. */
  readonly chains: number[] = [];

  /** Lets go of what was walked. */
  clear(): void {
    this.size = 0;
    if (this.open.length > 0) this.open.length = this.children.length = 0;
  }
}

const stack = /* @__PURE__ */ new Stack();

class Count {
  readonly #root: unknown;
  readonly #budget: Budget;
  readonly #memory: Memory;
  #nodes = 0;
  #chars = 0;
  #bytes = 0;
  #isUnsafe = false;
  #isDeep = false;

  constructor(root: unknown, budget: Budget, memory: Memory) {
    this.#root = root;
    this.#budget = budget;
    this.#memory = memory;
  }

  run(): ExceededLimit {
    this.#enter(this.#root);
    for (;;) {
      const over = this.#over();
      if (over !== undefined) return over;
      const top = stack.size - 1;
      if (top < 0) return this.#bytes > this.#budget.valueBytes ? 'valueBytes' : undefined;
      const children = stack.children[top] ?? [];
      const at = stack.at[top] ?? 0;
      stack.at[top] = at + 1;
      if (at < children.length) this.#enter(this.#childAt(top, children[at]));
      else this.#leave();
    }
  }

  /** Of a plain object the keys are listed, of everything else what is in it. */
  #childAt(top: number, child: unknown): unknown {
    const node = stack.open[top];
    return node !== undefined && stack.isKeyed[top] === true ? (node as Record<string, unknown>)[String(child)] : child;
  }

  get weight(): number {
    return nodeBytes * this.#nodes + charBytes * this.#chars + this.#bytes;
  }

  /** What was not walked to its end has no weight, and is not walked again for each message that brings it. */
  refuseOpen(): void {
    for (let at = 0; at < stack.size; at++) {
      const node = stack.open[at];
      if (node !== undefined) this.#memory.places.set(node, tooLarge);
    }
  }

  #over(): ExceededLimit {
    if (this.#isUnsafe) return 'unsafeKey';
    if (this.#nodes > this.#budget.valueNodes) return 'valueNodes';
    if (this.#chars > this.#budget.valueChars) return 'valueChars';
    return this.#isDeep || stack.size > this.#budget.valueDepth ? 'valueDepth' : undefined;
  }

  #enter(node: unknown): void {
    this.#nodes++;
    if (typeof node === 'string') this.#chars += node.length;
    else if (typeof node === 'bigint') this.#chars += node.toString(16).length; // a long one takes minutes to write in decimals
    if (typeof node !== 'object' || node === null) return;
    const { places } = this.#memory;
    const known = places.get(node);
    if (known !== undefined) return this.#meetAgain(known);
    if (this.#isShortCircle(node)) return;
    const nodes = this.#nodes;
    const chars = this.#chars;
    if (node instanceof ArrayBuffer) {
      this.#bytes += readSize(node);
      places.set(node, weightless);
    }
    const isKeyed = isRecord(node);
    const children = isKeyed ? this.#keysOf(node) : this.#childrenOf(node);
    if (children.length === 0) return this.#rememberHollow(node, nodes, chars);
    const top = stack.size;
    const chain = this.#chainWith(children, isKeyed ? node : undefined);
    stack.chains[top] = Math.max(0, chain);
    stack.places[top] = chain < 0 ? this.#remember(node) : weightless;
    stack.isKeyed[top] = isKeyed;
    stack.open[top] = node;
    stack.children[top] = children;
    stack.at[top] = 0;
    stack.nodesBefore[top] = nodes;
    stack.charsBefore[top] = chars;
    stack.levels[top] = 0;
    stack.size = top + 1;
  }

  /** What has nothing to walk, and yet was counted: a list of holes is listed to be seen as one. */
  #rememberHollow(node: object, nodesBefore: number, charsBefore: number): void {
    if (this.#nodes - nodesBefore <= smallEntries) return;
    const { places, nodes, chars, levels } = this.#memory;
    nodes.push(this.#nodes - nodesBefore);
    chars.push(this.#chars - charsBefore);
    places.set(node, levels.push(0) - 1);
  }

  #isShortCircle(node: object): boolean {
    const { open, size } = stack;
    for (let at = size - 1; at >= 0 && at >= size - shortCircle; at--) if (open[at] === node) return true;
    return false;
  }

  /**
   * How long a chain of objects that are not remembered is with one of such children: all but the links of a short one are, if they are large,
   * or lead to others. {@link unchained} where it is remembered.
   */
  #chainWith(children: readonly unknown[], record: Record<string, unknown> | undefined): number {
    if (children.length > smallEntries) return unchained;
    let objects = 0;
    for (let at = 0; at < children.length; at++) {
      const child: unknown = record === undefined ? children[at] : record[String(children[at])];
      if (typeof child === 'object' && child !== null) objects++;
    }
    if (objects === 0) return 0;
    const chain = stack.size === 0 ? 1 : (stack.chains[stack.size - 1] ?? 0) + 1;
    return objects === 1 && chain <= shortChain ? chain : unchained;
  }

  /** Until it is left it has no weight: a way back to it counts nothing more. */
  #remember(node: object): number {
    const { places, nodes, chars, levels } = this.#memory;
    const place = nodes.push(0) - 1;
    chars.push(0);
    levels.push(0);
    places.set(node, place);
    return place;
  }

  #meetAgain(place: number): void {
    const { nodes, chars, levels } = this.#memory;
    const [count = 0, length = 0, depth = 0] = [nodes[place], chars[place], levels[place]];
    this.#nodes += count;
    this.#chars += length;
    this.#memory.again += count;
    this.#deepen(depth);
    this.#isDeep ||= stack.size + depth > this.#budget.valueDepth;
  }

  #leave(): void {
    const top = --stack.size;
    const levels = (stack.levels[top] ?? 0) + 1;
    this.#deepen(levels);
    const place = stack.places[top] ?? weightless;
    if (place === weightless) return;
    const memory = this.#memory;
    memory.nodes[place] = this.#nodes - (stack.nodesBefore[top] ?? 0);
    memory.chars[place] = this.#chars - (stack.charsBefore[top] ?? 0);
    memory.levels[place] = levels;
  }

  /** Under what is open there are so many levels. */
  #deepen(levels: number): void {
    const top = stack.size - 1;
    if (top >= 0 && (stack.levels[top] ?? 0) < levels) stack.levels[top] = levels;
  }

  // A sparse array of 2^32 - 1 entries travels in a few bytes, and a million keys take a second to read: counted first.
  #fits(count: number): boolean {
    if (this.#nodes + count <= this.#budget.valueNodes) return true;
    this.#nodes = Infinity;
    return false;
  }

  #childrenOf(node: object): readonly unknown[] {
    if (Array.isArray(node)) return this.#listed(node);
    if (node instanceof Map) return this.#fits(2 * node.size) ? entriesOf(node) : [];
    if (node instanceof Set) return this.#fits(node.size) ? [...node] : [];
    if (ArrayBuffer.isView(node)) return [node.buffer];
    if (node instanceof Error) return [node.message, node.stack, node.cause, Reflect.get(node, 'errors')];
    if (node instanceof RegExp) return [node.source];
    // Every character of a boxed text is a key of its own.
    if (Object.getPrototypeOf(node) === String.prototype) return [node.valueOf()];
    return typeof ImageData === 'function' && node instanceof ImageData ? [node.data] : this.#named(node);
  }

  /** The entries of an array, and what it has under names: structured clone keeps both. Holes are counted, and not walked. */
  #listed(array: readonly unknown[]): readonly unknown[] {
    if (isSparse(array)) return this.#listedByKey(array);
    if (!this.#fits(array.length)) return [];
    const values = Object.values(array); // much cheaper than the keys, of which every index is one
    if (values.length === array.length && !hasHoles(array, values)) return values;
    if (!this.#fits(array.length + values.length)) return [];
    if (values.length === 0) {
      // Holes alone, and no names: their keys, for each of which an engine would take memory again, say nothing more.
      this.#nodes += array.length;
      return values;
    }
    const keys = Object.keys(array);
    let entries = 0;
    // The names come behind the entries.
    while (entries < keys.length && isIndex(keys[entries], array.length)) entries++;
    this.#nodes += array.length - entries;
    for (let at = entries; at < keys.length; at++) {
      const name = keys[at] ?? '';
      this.#nodes++;
      this.#chars += name.length;
      this.#isUnsafe ||= name === '__proto__';
    }
    return values;
  }

  /** Of holes, some count as one node: who walks the array by index passes them, too. */
  #listedByKey(array: readonly unknown[]): readonly unknown[] {
    const holes = Math.ceil(array.length / holesPerNode);
    if (!this.#fits(holes)) return [];
    this.#nodes += holes;
    const values: unknown[] = [];
    for (const key of this.#keysOf(array)) {
      this.#nodes += isIndex(key, array.length) ? 0 : 1;
      values.push(Reflect.get(array, key));
    }
    return values;
  }

  #named(node: object): readonly unknown[] {
    return this.#keysOf(node).length === 0 ? [] : Object.values(node);
  }

  #keysOf(node: object): readonly string[] {
    const keys = Object.keys(node);
    if (!this.#fits(keys.length)) return [];
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] ?? '';
      this.#chars += key.length;
      this.#isUnsafe ||= key === '__proto__';
    }
    return keys;
  }
}

function isIndex(key: string | undefined, length: number): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index < length;
}

function hasHoles(array: readonly unknown[], values: readonly unknown[]): boolean {
  for (let index = 0; index < values.length; index++)
    if (values[index] === undefined && !Object.hasOwn(array, index)) return true;
  return false;
}

function entriesOf(map: ReadonlyMap<unknown, unknown>): readonly unknown[] {
  const entries: unknown[] = [];
  map.forEach((value, key) => {
    entries.push(key, value);
  });
  return entries;
}
