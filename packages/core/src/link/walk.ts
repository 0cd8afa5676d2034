import { type Budget, isRecord, type Memory, type Over, readSize, smallEntries, type Weight } from './budget.ts';

/** An object that is being walked. */
interface Visit {
  readonly node: object;
  readonly children: readonly unknown[];
  /** What had been counted before it. */
  readonly nodes: number;
  readonly chars: number;
  levels: number;
  at: number;
}

const weightless: Weight = { nodes: 0, chars: 0, levels: 0 };

/**
 * Weighs what plain recursion does not: other kinds of objects, deep values, circles, and what many places share. Each object is read once:
 * when it is met again, its weight is added. The walk keeps its own stack, so that depth is a limit and not a crash.
 */
export function walk(root: unknown, budget: Budget, memory: Memory): Over {
  const count = new Count(root, budget, memory);
  const over = count.run();
  if (over !== undefined) count.forgetOpen();
  return over;
}

class Count {
  readonly #root: unknown;
  readonly #budget: Budget;
  readonly #memory: Memory;
  readonly #open: Visit[] = [];
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

  run(): Over {
    this.#enter(this.#root);
    for (;;) {
      const over = this.#over();
      if (over !== undefined) return over;
      const top = this.#open.at(-1);
      if (top === undefined) return this.#bytes > this.#budget.valueBytes ? 'valueBytes' : undefined;
      if (top.at < top.children.length) this.#enter(top.children[top.at++]);
      else this.#leave(top);
    }
  }

  /** What was not walked to its end has no weight yet. */
  forgetOpen(): void {
    for (const { node } of this.#open) this.#memory.weights.delete(node);
  }

  #over(): Over {
    if (this.#isUnsafe) return 'unsafeKey';
    if (this.#nodes > this.#budget.valueNodes) return 'valueNodes';
    if (this.#chars > this.#budget.valueChars) return 'valueChars';
    return this.#isDeep || this.#open.length > this.#budget.valueDepth ? 'valueDepth' : undefined;
  }

  #enter(node: unknown): void {
    this.#nodes++;
    if (typeof node === 'string') this.#chars += node.length;
    else if (typeof node === 'bigint') this.#chars += node.toString(16).length; // a long one takes minutes to write in decimals
    if (typeof node !== 'object' || node === null) return;
    const known = this.#memory.weights.get(node);
    if (known !== undefined) return this.#meetAgain(known);
    const { nodes, chars } = { nodes: this.#nodes, chars: this.#chars };
    if (node instanceof ArrayBuffer) {
      this.#bytes += readSize(node);
      this.#memory.weights.set(node, weightless);
    }
    const children = this.#childrenOf(node);
    if (children.length === 0) return;
    if (children.length > smallEntries || children.some(isObject)) this.#memory.weights.set(node, weightless); // a way back counts nothing more
    this.#open.push({ node, children, nodes, chars, levels: 0, at: 0 });
  }

  #meetAgain({ nodes, chars, levels }: Weight): void {
    this.#nodes += nodes;
    this.#chars += chars;
    this.#memory.again += nodes;
    this.#deepen(levels);
    this.#isDeep ||= this.#open.length + levels > this.#budget.valueDepth;
  }

  #leave({ node, nodes, chars, levels }: Visit): void {
    this.#open.pop();
    this.#deepen(levels + 1);
    if (!this.#memory.weights.has(node)) return;
    this.#memory.weights.set(node, { nodes: this.#nodes - nodes, chars: this.#chars - chars, levels: levels + 1 });
  }

  #deepen(levels: number): void {
    const top = this.#open.at(-1);
    if (top !== undefined && top.levels < levels) top.levels = levels;
  }

  // A sparse array of 2^32 - 1 entries travels in a few bytes, and a million keys take a second to read: counted first.
  #fits(count: number): boolean {
    if (this.#nodes + count <= this.#budget.valueNodes) return true;
    this.#nodes = Infinity;
    return false;
  }

  #childrenOf(node: object): readonly unknown[] {
    if (Array.isArray(node)) return this.#listed(node);
    if (isRecord(node)) return this.#named(node);
    if (node instanceof Map) return this.#fits(2 * node.size) ? entriesOf(node) : [];
    if (node instanceof Set) return this.#fits(node.size) ? [...node] : [];
    if (ArrayBuffer.isView(node)) return [node.buffer];
    if (node instanceof Error) return [node.message, node.stack, node.cause, Reflect.get(node, 'errors')];
    if (node instanceof RegExp) return [node.source];
    // Every character of a boxed text is a key of its own.
    if (Object.getPrototypeOf(node) === String.prototype) return [node.valueOf()];
    return typeof ImageData === 'function' && node instanceof ImageData ? [node.data] : this.#named(node);
  }

  /** The entries of an array, holes too, and what it has under names: structured clone keeps both. */
  #listed(array: readonly unknown[]): readonly unknown[] {
    if (!this.#fits(array.length)) return [];
    const values = Object.values(array); // much cheaper than the keys, of which every index is one
    if (values.length === array.length && !hasHoles(array, values)) return values;
    if (!this.#fits(values.length)) return [];
    const names = Object.keys(array).filter((key) => String(Number(key) >>> 0) !== key || Number(key) >= array.length);
    this.#isUnsafe ||= names.includes('__proto__');
    return names.length === 0
      ? array
      : [...array, ...names.flatMap((name): unknown[] => [name, Reflect.get(array, name)])];
  }

  #named(node: object): readonly unknown[] {
    const keys = Object.keys(node);
    if (!this.#fits(keys.length)) return [];
    for (const key of keys) {
      this.#chars += key.length;
      this.#isUnsafe ||= key === '__proto__';
    }
    return Object.values(node);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
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
