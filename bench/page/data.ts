// Values that are sent and come back, and the proof that they came back whole.

/** About one megabyte of JSON at depth 8: each object has texts, numbers, an array and two more objects. */
export function nested(depth: number): unknown {
  return {
    name: `node at depth ${depth}`,
    weight: depth / 3,
    isLeaf: depth === 0,
    tags: Array.from({ length: 40 }, (_, index) => ({ id: index, label: `tag number ${index} of this node` })),
    children: depth === 0 ? [] : [nested(depth - 1), nested(depth - 1)],
  };
}

const bytesPerNode = 2150;

/** The same kind of objects, in a tree of as many as have about so many bytes of JSON. */
export function tree(length: number): unknown {
  const count = Math.max(1, Math.round(length / bytesPerNode));
  const node = (index: number): unknown => ({
    name: `node ${index}`,
    weight: index / 3,
    isLeaf: index * 2 + 1 >= count,
    tags: Array.from({ length: 40 }, (_, tag) => ({ id: tag, label: `tag number ${tag} of this node` })),
    children: [index * 2 + 1, index * 2 + 2].filter((child) => child < count).map(node),
  });
  return node(0);
}

/** Records as a table would show them. */
export function rows(count: number): unknown {
  return Array.from({ length: count }, (_, index) => ({
    id: index,
    name: `row ${index}`,
    at: new Date(Date.UTC(2026, 0, 1) + index * 60_000),
    scores: new Map([
      ['north', index],
      ['south', index / 2],
    ]),
    isOpen: index % 3 === 0,
  }));
}

/** The same records, and one thing that only a codec carries: that it arrives shows that there is one. */
export function coded(count: number): unknown {
  return { rows: rows(count), source: new URL('https://data.example/rows?page=1') };
}

/** Bytes that are not all alike. */
export function bytes(length: number): ArrayBuffer {
  const view = new Uint8Array(length);
  for (let index = 0; index < length; index += 997) view[index] = index % 251;
  return view.buffer;
}

/** Throws unless both are the same value: the kinds that structured clone keeps, compared by what they hold. */
export function expectSame(sent: unknown, came: unknown, path = 'the answer'): void {
  if (typeof sent !== 'object' || sent === null) {
    if (!Object.is(sent, came)) throw new Error(`${path} is ${String(came)}, not ${String(sent)}`);
    return;
  }
  const name = Object.prototype.toString.call(sent);
  if (Object.prototype.toString.call(came) !== name) throw new Error(`${path} is no ${name}`);
  if (sent instanceof Date) return expectSame(sent.getTime(), (came as Date).getTime(), path);
  if (sent instanceof Map) return expectSame([...sent], [...(came as Map<unknown, unknown>)], path);
  if (sent instanceof URL) return expectSame(sent.href, (came as URL).href, path);
  if (sent instanceof ArrayBuffer) return expectSameBytes(sent, came as ArrayBuffer, path);
  const keys = Object.keys(sent);
  expectSame(keys.length, Object.keys(came as object).length, `the size of ${path}`);
  for (const key of keys) expectSame(Reflect.get(sent, key), Reflect.get(came as object, key), `${path}.${key}`);
}

function expectSameBytes(sent: ArrayBuffer, came: ArrayBuffer, path: string): void {
  const [left, right] = [new Uint8Array(sent), new Uint8Array(came)];
  if (left.length !== right.length || left.some((byte, index) => byte !== right[index]))
    throw new Error(`${path} has other bytes`);
}
