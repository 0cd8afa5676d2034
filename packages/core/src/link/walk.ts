import { type Budget, hasHoles, isRecord, type Over, readSize } from './budget.ts';

/** An object that was come by: what there is to walk, and how far that is. */
interface Visit {
  readonly children: readonly unknown[];
  /** Characters of its keys. */
  readonly chars: number;
  at: number;
  isOpen: boolean;
}

/** What {@link overBudget} does not know, or does not remember, in one walk of its own. It is loaded when a value first needs it. */
export function walk(root: unknown, budget: Budget): Over {
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
