/**
 * Whether two values are the same to somebody who looks at all of them: identity of shared parts and cycles, prototypes, own keys and their order,
 * holes, `-0`, `NaN`, bytes.
 */
export function isSame(a: unknown, b: unknown): boolean {
  const pairs = new Map<unknown, unknown>();
  const open: [unknown, unknown][] = [[a, b]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [left, right] = pair;
    if (typeof left !== 'object' || left === null) {
      if (!Object.is(left, right)) return false;
      continue;
    }
    if (typeof right !== 'object' || right === null) return false;
    if (pairs.has(left)) {
      if (pairs.get(left) !== right) return false;
      continue;
    }
    pairs.set(left, right);
    if (tagOf(left) !== tagOf(right)) return false;
    const parts = [partsOf(left), partsOf(right)] as const;
    if (parts[0].length !== parts[1].length) return false;
    for (const [index, part] of parts[0].entries()) open.push([part, parts[1][index]]);
  }
  return true;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

/** Everything that two objects of one kind are compared by, in order. */
function partsOf(value: object): readonly unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof RegExp) return [value.source, value.flags, value.lastIndex];
  if (value instanceof Map) return [...value].flat(1);
  if (value instanceof Set) return [...value];
  if (value instanceof ArrayBuffer)
    return [value.byteLength, Reflect.get(value, 'resizable'), Reflect.get(value, 'maxByteLength'), text(value)];
  if (ArrayBuffer.isView(value)) return [value.byteOffset, value.byteLength, value.buffer];
  if (value instanceof Error) return [value.name, value.message, value.cause];
  if (/ (Number|String|Boolean|BigInt)\]$/.test(tagOf(value))) return [value.valueOf()];
  const keys = Reflect.ownKeys(value);
  return [
    Array.isArray(value) ? value.length : Object.getPrototypeOf(value) === Object.prototype,
    ...keys,
    ...keys.map((key) => Reflect.get(value, key) as unknown),
  ];
}

function text(buffer: ArrayBuffer): string {
  let bytes = '';
  for (const byte of new Uint8Array(buffer)) bytes += String.fromCharCode(byte);
  return bytes;
}
