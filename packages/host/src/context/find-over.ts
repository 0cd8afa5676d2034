import type { Limits } from '@muntin/core';
import type { assertWithinBudget } from '@muntin/core/internal';

type Over = Parameters<typeof assertWithinBudget>[0];

/**
 * Which limit a value breaks that cannot be counted quickly. What counts such values from a peer is loaded when it is needed; a context has to be
 * refused at once. A part that is in it twice is counted once here, and as often as it is there by the guest.
 */
export function findOver(root: unknown, limits: Limits): Over {
  const depths = new Map<object, number>();
  let [nodes, chars, bytes] = [0, 0, 0];
  const visit = (part: unknown, depth: number): void => {
    nodes++;
    if (typeof part === 'string') chars += part.length;
    else if (typeof part === 'object' && part !== null && !depths.has(part)) depths.set(part, depth);
  };
  const overNow = (): Over =>
    nodes > limits.valueNodes
      ? 'valueNodes'
      : chars > limits.valueChars
        ? 'valueChars'
        : bytes > limits.valueBytes
          ? 'valueBytes'
          : undefined;
  visit(root, 1);
  for (const [node, depth] of depths) {
    if (depth > limits.valueDepth) return 'valueDepth';
    if (node instanceof ArrayBuffer) bytes += node.byteLength;
    else if (ArrayBuffer.isView(node)) visit(node.buffer, depth);
    else if (node instanceof Map)
      for (const [key, item] of node) {
        visit(key, depth + 1);
        visit(item, depth + 1);
      }
    else if (node instanceof Set || Array.isArray(node)) for (const item of node) visit(item, depth + 1);
    else
      for (const key of Object.keys(node)) {
        if (key === '__proto__') return 'unsafeKey';
        chars += key.length;
        visit(Reflect.get(node, key), depth + 1);
      }
    if (node instanceof Error) {
      chars += node.message.length;
      visit(node.cause, depth + 1);
    }
    const over = overNow();
    if (over !== undefined) return over;
  }
  return overNow();
}
