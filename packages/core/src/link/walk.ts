import {
  type Budget,
  charBytes,
  type ExceededLimit,
  hiddenIn,
  holesPerNode,
  isFull,
  isRecord,
  isSparse,
  type Memory,
  nextSample,
  nodeBytes,
  readSize,
  smallEntries,
} from './budget.ts';

/** The place of what is not remembered. */
const weightless = 0;
/** The place of what a value was refused with, for whatever reason: who brings it again is over `valueNodes`. Honest values share nothing. */
const tooLarge = 1;
// What is added up must stay a number, also of what has no end.
const mostWeight = 2 ** 48;
// Of small objects that lead to one other object each, so many in a row are not remembered: reading them again costs less than the memory.
const shortChain = 3;
/** In the place of the length of a chain. */
const unchained = -1;
// A way back over so many objects is seen although none of them is remembered; in a longer circle, and in one of links, some count once more.
const shortCircle = 8;

/**
 * Weighs what plain recursion does not: other kinds of objects, deep values, circles, and what many places share. Each large object is read once:
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
  readonly bytesBefore: number[] = [];
  readonly levels: number[] = [];
  /** Whether its children are listed by their keys. */
  readonly isKeyed: boolean[] = [];
  /** Where it is remembered, or {@link weightless}. */
  readonly places: number[] = [];
  /** How many before it, and with it, are not remembered. */
  readonly chains: number[] = [];
  /** The chain of links that leads to it, if there is one. */
  readonly leading: (Links | undefined)[] = [];

  /** Lets go of what was walked. */
  clear(): void {
    this.size = 0;
    if (this.open.length > 0) this.open.length = this.children.length = this.leading.length = 0;
  }
}

const stack = /* @__PURE__ */ new Stack();

/** Objects that hold one other object each, and nothing else: a link travels in a few bytes, and takes no place on the stack. */
interface Links {
  count: number;
  /** Those that are remembered, the first among them: of how many links each is, and what had been counted before it. */
  readonly remembered: (readonly [place: number, before: number, nodes: number, chars: number])[];
  /** As many in all of them, since none holds a buffer itself. */
  readonly bytesBefore: number;
}

class Count {
  readonly #root: unknown;
  readonly #budget: Budget;
  readonly #memory: Memory;
  #nodes = 0;
  #chars = 0;
  /** Of each buffer once. */
  #bytes = 0;
  #buffers: Set<ArrayBuffer> | undefined;
  /** Of each buffer once per way, as objects are remembered: a later value may bring any of them. */
  #bytesByWay = 0;
  /** What is remembered at a place before it is of an earlier value. */
  readonly #firstPlace: number;
  #isUnsafe = false;
  #isDeep = false;
  #links = 0;
  #untilLink = nextLink();

  constructor(root: unknown, budget: Budget, memory: Memory) {
    this.#root = root;
    this.#budget = budget;
    this.#memory = memory;
    this.#firstPlace = memory.nodes.length;
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
    const { places, nodes } = this.#memory;
    for (let at = 0; at < stack.size; at++) {
      const node = stack.open[at];
      if (node !== undefined) places.set(node, tooLarge);
      for (const [place] of stack.leading[at]?.remembered ?? []) nodes[place] = Infinity;
    }
  }

  #over(): ExceededLimit {
    if (this.#isUnsafe) return 'unsafeKey';
    if (this.#nodes > this.#budget.valueNodes) return 'valueNodes';
    if (this.#chars > this.#budget.valueChars) return 'valueChars';
    return this.#isDeep || stack.size + this.#links > this.#budget.valueDepth ? 'valueDepth' : undefined;
  }

  #enter(node: unknown): void {
    this.#nodes++;
    if (typeof node === 'string') this.#chars += node.length;
    else if (typeof node === 'bigint') this.#chars += node.toString(16).length; // a long one takes minutes to write in decimals
    if (typeof node !== 'object' || node === null) return;
    if (node instanceof ArrayBuffer) return this.#hold(node);
    const { places } = this.#memory;
    const known = places.get(node);
    if (known !== undefined) return this.#meetAgain(known);
    if (this.#isShortCircle(node)) return;
    const nodes = this.#nodes;
    const chars = this.#chars;
    const isKeyed = isRecord(node);
    const children = isKeyed ? this.#keysOf(node) : this.#childrenOf(node);
    if (children.length === 0) return this.#rememberHollow(node, nodes, chars);
    const isLong = children.length === 1 && stack.size > 0 && stack.chains[stack.size - 1] === shortChain;
    const inner = isLong ? this.#linked(node, isKeyed, children[0]) : undefined;
    if (inner === undefined) this.#open(node, children, isKeyed, nodes, chars);
    else this.#follow(node, inner, nodes, chars);
  }

  /** A buffer is counted in each value that brings it, and has nothing to walk. */
  #hold(buffer: ArrayBuffer): void {
    const bytes = readSize(buffer);
    this.#bytesByWay += bytes;
    this.#buffers ??= new Set();
    if (!this.#buffers.has(buffer)) this.#bytes += bytes;
    this.#buffers.add(buffer);
  }

  #open(
    node: object,
    children: readonly unknown[],
    isKeyed: boolean,
    nodes: number,
    chars: number,
    leading?: Links,
  ): void {
    const chain = this.#chainWith(children, isKeyed ? (node as Record<string, unknown>) : undefined);
    const top = stack.size;
    stack.chains[top] = Math.max(0, chain);
    stack.places[top] = chain < 0 ? this.#remember(node) : weightless;
    stack.isKeyed[top] = isKeyed;
    stack.open[top] = node;
    stack.children[top] = children;
    stack.at[top] = 0;
    stack.nodesBefore[top] = nodes;
    stack.charsBefore[top] = chars;
    stack.bytesBefore[top] = this.#bytesByWay;
    stack.levels[top] = 0;
    stack.leading[top] = leading;
    stack.size = top + 1;
  }

  /** What the only child leads to, where it is a list or record that was not met yet. */
  #linked(node: object, isKeyed: boolean, child: unknown): object | undefined {
    if (!isKeyed && !Array.isArray(node)) return undefined;
    const inner = isKeyed ? (node as Record<string, unknown>)[String(child)] : child;
    if (typeof inner !== 'object' || inner === null || !(Array.isArray(inner) || isRecord(inner))) return undefined;
    return this.#memory.places.has(inner) || inner === node || this.#isShortCircle(inner) ? undefined : inner;
  }

  /** From link to link to what is none, where a chain is not short. A circle comes back to a link that is remembered. */
  #follow(first: object, second: object, nodesBefore: number, charsBefore: number): void {
    const links: Links = { count: 0, remembered: [], bytesBefore: this.#bytesByWay };
    let [node, last, nodes, chars] = [first, first, nodesBefore, charsBefore];
    let next: object | undefined = second;
    let children: readonly unknown[] = [];
    let isKeyed = false;
    while (next !== undefined) {
      if (links.count === 0 || --this.#untilLink <= 0) {
        this.#untilLink = nextLink();
        links.remembered.push([this.#remember(node), links.count, nodes, chars]);
      }
      links.count++;
      this.#nodes++;
      [last, node] = [node, next];
      nodes = this.#nodes;
      chars = this.#chars;
      isKeyed = isRecord(node);
      children = isKeyed ? this.#keysOf(node) : this.#childrenOf(node);
      const isOver =
        this.#nodes > this.#budget.valueNodes || stack.size + this.#links + links.count > this.#budget.valueDepth;
      next = isOver || children.length !== 1 ? undefined : this.#linked(node, isKeyed, children[0]);
    }
    if (children.length === 0) {
      // What is empty is no level: the chain ends with the link before it.
      this.#rememberHollow(node, nodes, chars);
      links.count--;
      node = last;
    }
    this.#links += links.count;
    this.#open(node, children, isKeyed, nodes, chars, links);
  }

  /** What has nothing to walk, and yet was counted: a list of holes is listed to be seen as one. */
  #rememberHollow(node: object, nodesBefore: number, charsBefore: number): void {
    if (this.#nodes - nodesBefore <= smallEntries) return;
    const { places, nodes, chars, bytes, levels } = this.#memory;
    nodes.push(this.#nodes - nodesBefore);
    chars.push(this.#chars - charsBefore);
    bytes.push(0);
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
    const { places, nodes, chars, bytes, levels } = this.#memory;
    const place = nodes.push(0) - 1;
    chars.push(0);
    bytes.push(0);
    levels.push(0);
    places.set(node, place);
    return place;
  }

  #meetAgain(place: number): void {
    const { nodes, chars, bytes, levels } = this.#memory;
    const [count = 0, length = 0, depth = 0] = [nodes[place], chars[place], levels[place]];
    this.#nodes += count;
    this.#chars += length;
    // In this value, its buffers are counted already. Honest values share nothing with an earlier one.
    const held = bytes[place] ?? 0;
    this.#bytesByWay += held;
    if (place < this.#firstPlace) this.#bytes += held;
    this.#memory.again += count;
    this.#deepen(depth);
    this.#isDeep ||= stack.size + this.#links + depth > this.#budget.valueDepth;
  }

  #leave(): void {
    const top = --stack.size;
    const levels = (stack.levels[top] ?? 0) + 1;
    const links = stack.leading[top];
    const place = stack.places[top] ?? weightless;
    if (place !== weightless)
      this.#weigh(place, stack.nodesBefore[top] ?? 0, stack.charsBefore[top] ?? 0, stack.bytesBefore[top] ?? 0, levels);
    if (links === undefined) return this.#deepen(levels);
    this.#links -= links.count;
    for (const [link, before, nodes, chars] of links.remembered)
      this.#weigh(link, nodes, chars, links.bytesBefore, levels + links.count - before);
    this.#deepen(levels + links.count);
  }

  /** What an object that is remembered has come to, behind it. */
  #weigh(place: number, nodesBefore: number, charsBefore: number, bytesBefore: number, levels: number): void {
    const memory = this.#memory;
    memory.bytes[place] = Math.min(this.#bytesByWay - bytesBefore, mostWeight);
    memory.nodes[place] = this.#nodes - nodesBefore;
    memory.chars[place] = this.#chars - charsBefore;
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
    return hiddenIn(node) ?? this.#named(node);
  }

  /** The entries of an array, and what it has under names: structured clone keeps both. Holes are counted, and not walked. */
  #listed(array: readonly unknown[]): readonly unknown[] {
    if (isSparse(array)) return this.#listedByKey(array);
    if (!this.#fits(array.length)) return [];
    const values = Object.values(array); // much cheaper than the keys, of which every index is one
    if (isFull(array, values)) return values;
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

/** From 1 to 16, not to be foreseen. */
function nextLink(): number {
  return (nextSample() % 16) + 1;
}

function isIndex(key: string | undefined, length: number): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index < length;
}

function entriesOf(map: ReadonlyMap<unknown, unknown>): readonly unknown[] {
  const entries: unknown[] = [];
  map.forEach((value, key) => {
    entries.push(key, value);
  });
  return entries;
}
