import type { Limits } from './limits.ts';

/** The limits that a single value from the peer must keep. */
export type Budget = Pick<Limits, 'valueNodes' | 'valueDepth' | 'valueChars' | 'valueBytes'>;

// Smaller values are walked without remembering anything: a cycle leaves this way of walking after as many rounds.
const smallNodes = 1000;

/**
 * Walks a value that came through structured clone and says which limit it breaks; `undefined` when it fits.
 *
 * Nodes are counted once per way that leads to them, because that is what a validator or a handler walks: 27 shared objects can have
 * 2^26 ways. A reference back to an object that is just being walked (a cycle) counts once and is not followed. The walk keeps its
 * own stack, so that depth is a limit and not a crash. What structured clone built has no getters: reading it runs no code of the peer.
 */
export function overBudget(root: unknown, budget: Budget): keyof Budget | undefined {
  if (typeof root === 'string') return root.length > budget.valueChars ? 'valueChars' : undefined;
  if (typeof root !== 'object' || root === null) return undefined;
  let nodes = 0;
  let chars = 0;
  let bytes = 0;
  const open: { readonly node: object; readonly children: readonly unknown[]; at: number }[] = [];
  let buffers: Set<unknown> | undefined;
  let ancestors: Set<unknown> | undefined;

  const enter = (node: unknown): void => {
    nodes++;
    if (typeof node === 'string') chars += node.length;
    if (typeof node !== 'object' || node === null || ancestors?.has(node)) return;
    let children: readonly unknown[] = [];
    if (Array.isArray(node)) {
      // A sparse array of 2^32 - 1 entries travels in a few bytes: its length counts, not what it holds.
      if (nodes + node.length > budget.valueNodes) nodes = Infinity;
      else children = node;
    } else if (node instanceof Map) children = [...node].flat(1);
    else if (node instanceof Set) children = [...node];
    else if (ArrayBuffer.isView(node)) children = [node.buffer];
    else if (node instanceof ArrayBuffer) {
      buffers ??= new Set();
      if (!buffers.has(node)) bytes += node.byteLength;
      buffers.add(node);
    } else {
      children = Object.values(node);
      for (const key in node) chars += key.length;
      if (node instanceof Error) children = [node.message, node.stack, node.cause];
    }
    if (children.length === 0) return;
    open.push({ node, children, at: 0 });
    ancestors?.add(node);
  };

  enter(root);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.at < top.children.length) enter(top.children[top.at++]);
    else {
      open.pop();
      ancestors?.delete(top.node);
    }
    if (nodes > budget.valueNodes) return 'valueNodes';
    if (open.length > budget.valueDepth) return 'valueDepth';
    if (nodes > smallNodes) ancestors ??= new Set(open.map(({ node }) => node));
  }
  return chars > budget.valueChars ? 'valueChars' : bytes > budget.valueBytes ? 'valueBytes' : undefined;
}
