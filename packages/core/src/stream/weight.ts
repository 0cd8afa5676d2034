// What the place of a value in a queue takes, whatever the value.
const perValue = 64;
// A key and a number, a reference, or a header of a string or an object.
const perNode = 16;

/**
 * About how many bytes of memory a value holds: an estimate that is quick and never too small by much. Counts no further than `most`.
 */
export function weigh(value: unknown, most: number): number {
  let bytes = perValue;
  // Most values hold no other: nothing is made for them.
  let seen: Set<object> | undefined;
  const open: object[] = [];
  const add = (part: unknown): void => {
    bytes += perNode;
    if (typeof part === 'string') bytes += part.length * 2;
    else if (typeof part === 'object' && part !== null) open.push(part);
  };
  if (typeof value === 'string') return perValue + value.length * 2;
  if (typeof value === 'object' && value !== null) open.push(value);
  for (let node = open.pop(); node !== undefined && bytes <= most; node = open.pop()) {
    if (seen?.has(node)) continue;
    bytes += bytesOf(node);
    forEachPart(node, add);
    if (open.length > 0) (seen ??= new Set()).add(node);
  }
  return bytes;
}

/** Of the platform's own objects that hold bytes; others are weighed by their parts. */
function bytesOf(node: object): number {
  if (node instanceof ArrayBuffer) return node.byteLength;
  return ArrayBuffer.isView(node) ? node.buffer.byteLength : 0;
}

function forEachPart(node: object, add: (part: unknown) => void): void {
  if (ArrayBuffer.isView(node)) return;
  if (node instanceof Map)
    for (const [key, item] of node) {
      add(key);
      add(item);
    }
  else if (node instanceof Set) for (const item of node) add(item);
  else for (const key of Object.keys(node)) add(partOf(node, key));
}

function partOf(node: object, key: string): unknown {
  try {
    return Reflect.get(node, key);
  } catch {
    return undefined; // sending it will say what is wrong with it
  }
}
