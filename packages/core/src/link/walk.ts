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

/** The place of what is not walked to its end yet, and of what has no weight of its own: a way back to it counts nothing more. */
const weightless = 0;
/** The place of what a value was refused with, for whatever reason: who brings it again is over `valueNodes`. Honest values share nothing. */
const tooLarge = 1;
// What is added up must stay a number, also of what has no end.
const mostWeight = 2 ** 48;
// Of small objects that lead to one other object each, so many in a row are not remembered: reading them again costs less than the memory.
const shortChain = 3;
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
 * run one in another: a batch can bring thousands of values that take one each.
 */
class Stack {
  readonly open: object[] = [];
  readonly children: (readonly unknown[])[] = [];
  readonly at: number[] = [];
  /** What had been counted before it. */
  readonly nodesBefore: number[] = [];
  readonly charsBefore: number[] = [];
  readonly levels: number[] = [];
  /** Whether its children are listed by their keys. */
  readonly isKeyed: boolean[] = [];
  /** How many before it, and with it, are not remembered. */
  readonly chains: number[] = [];

  clear(): void {
    if (this.open.length === 0) return;
    for (const list of [this.open, this.children, this.at, this.nodesBefore, this.charsBefore, this.levels])
      list.length = 0;
    this.isKeyed.length = this.chains.length = 0;
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
      const top = stack.open.length - 1;
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
    for (const node of stack.open) this.#memory.places.set(node, tooLarge);
  }

  #over(): ExceededLimit {
    if (this.#isUnsafe) return 'unsafeKey';
    if (this.#nodes > this.#budget.valueNodes) return 'valueNodes';
    if (this.#chars > this.#budget.valueChars) return 'valueChars';
    return this.#isDeep || stack.open.length > this.#budget.valueDepth ? 'valueDepth' : undefined;
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
    const [nodes, chars] = [this.#nodes, this.#chars];
    if (node instanceof ArrayBuffer) {
      this.#bytes += readSize(node);
      places.set(node, weightless);
    }
    const isKeyed = isRecord(node);
    const children = isKeyed ? this.#keysOf(node) : this.#childrenOf(node);
    if (children.length === 0) return this.#rememberHollow(node, nodes, chars);
    const chain = this.#remember(node, children, isKeyed ? node : undefined);
    stack.chains.push(chain);
    stack.isKeyed.push(isKeyed);
    stack.open.push(node);
    stack.children.push(children);
    stack.at.push(0);
    stack.nodesBefore.push(nodes);
    stack.charsBefore.push(chars);
    stack.levels.push(0);
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
    const open = stack.open;
    for (let at = open.length - 1; at >= 0 && at >= open.length - shortCircle; at--) if (open[at] === node) return true;
    return false;
  }

  /** What is large, or leads to others, is remembered: all but the links of a short chain. Returns how long the chain is with it. */
  #remember(node: object, children: readonly unknown[], record: Record<string, unknown> | undefined): number {
    if (children.length <= smallEntries) {
      let objects = 0;
      for (let at = 0; at < children.length; at++) {
        const child: unknown = record === undefined ? children[at] : record[String(children[at])];
        if (typeof child === 'object' && child !== null) objects++;
      }
      if (objects === 0) return 0;
      const chain = (stack.chains.at(-1) ?? 0) + 1;
      if (objects === 1 && chain <= shortChain) return chain;
    }
    this.#memory.places.set(node, weightless);
    return 0;
  }

  #meetAgain(place: number): void {
    const { nodes, chars, levels } = this.#memory;
    const [count = 0, length = 0, depth = 0] = [nodes[place], chars[place], levels[place]];
    this.#nodes += count;
    this.#chars += length;
    this.#memory.again += count;
    this.#deepen(depth);
    this.#isDeep ||= stack.open.length + depth > this.#budget.valueDepth;
  }

  #leave(): void {
    const { places, nodes, chars, levels } = this.#memory;
    const [node, own = 0] = [stack.open.pop(), stack.levels.pop()];
    const [nodesBefore = 0, charsBefore = 0] = [stack.nodesBefore.pop(), stack.charsBefore.pop()];
    stack.children.pop();
    stack.at.pop();
    stack.chains.pop();
    stack.isKeyed.pop();
    this.#deepen(own + 1);
    if (node === undefined || !places.has(node)) return;
    nodes.push(this.#nodes - nodesBefore);
    chars.push(this.#chars - charsBefore);
    places.set(node, levels.push(own + 1) - 1);
  }

  #deepen(levels: number): void {
    const top = stack.levels.length - 1;
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
