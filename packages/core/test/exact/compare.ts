import { inspect } from 'node:util';
import { Known, KnownError, type Live, Unknown } from './graphs.ts';

/** What crosses, and what has arrived for it. */
interface Arrived {
  readonly live: Live;
  readonly got: unknown;
}

/** What somebody who looks at all of both sees that is not the same, with its path; and what is live in both. */
export interface Comparison {
  readonly difference: string | undefined;
  readonly arrived: readonly Arrived[];
}

/**
 * Compares what was passed with what arrived: identity of shared parts and cycles in both directions, prototypes, own keys and their order,
 * holes, `-0`, `NaN`, bytes. Without a codec, what structured clone makes of instances is right.
 */
export function compare(sent: unknown, got: unknown, live: ReadonlyMap<object, Live>, hasCodec: boolean): Comparison {
  const there = new Map<unknown, unknown>();
  const back = new Map<unknown, unknown>();
  const arrived: Arrived[] = [];
  const open: (readonly [sent: unknown, got: unknown, path: string])[] = [[sent, got, '']];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [left, right, path] = next;
    const differ = (why: string): Comparison => ({ difference: `${path || 'the value'}: ${why}`, arrived });
    if (typeof left !== 'object' && !live.has(left as object)) {
      if (!Object.is(left, right)) return differ(`${inspect(left)} is ${inspect(right)}`);
      continue;
    }
    if (left === null) {
      if (right !== null) return differ('null is something');
      continue;
    }
    if (right === null || (typeof right !== 'object' && typeof right !== 'function')) return differ('it is no object');
    if (there.has(left) !== back.has(right) || (there.has(left) && there.get(left) !== right))
      return differ(there.has(left) ? 'one became two' : 'two became one');
    if (there.has(left)) continue;
    there.set(left, right);
    back.set(right, left);
    const known = live.get(left as object);
    if (known !== undefined) {
      arrived.push({ live: known, got: right });
      continue;
    }
    const why = differenceOfKind(left as object, right, hasCodec);
    if (why !== undefined) return differ(why);
    const parts = [partsOf(left as object, hasCodec), partsOf(right, hasCodec)] as const;
    const [ours, theirs] = [[...parts[0].keys()].join(), [...parts[1].keys()].join()];
    if (ours !== theirs) return differ(`its keys are ${theirs}, not ${ours}`);
    for (const [key, part] of parts[0]) open.push([part, parts[1].get(key), `${path}[${key}]`]);
  }
  return { difference: undefined, arrived };
}

function differenceOfKind(left: object, right: object, hasCodec: boolean): string | undefined {
  const prototype = prototypeThere(left, hasCodec);
  if (Object.getPrototypeOf(right) !== prototype)
    return `it is of another class: ${Object.prototype.toString.call(right)}`;
  const tags = [Object.prototype.toString.call(left), Object.prototype.toString.call(right)];
  return tags[0] === tags[1] ? undefined : `${tags[0]} is ${tags[1]}`;
}

function prototypeThere(value: object, hasCodec: boolean): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return Object.prototype;
  if (hasCodec) return prototype;
  if (value instanceof Known || value instanceof Unknown) return Object.prototype;
  return value instanceof KnownError ? RangeError.prototype : prototype;
}

/** Everything in a value, by where it is. */
function partsOf(value: object, hasCodec: boolean): ReadonlyMap<string, unknown> {
  if (value instanceof Date) return new Map([['ms', value.getTime()]]);
  if (value instanceof RegExp) return new Map([['pattern', String(value)]]);
  if (value instanceof URL) return new Map([['href', value.href]]);
  if (value instanceof Map) return new Map([...value].flat(1).map((part, at) => [String(at), part as unknown]));
  if (value instanceof Set) return new Map([...value].map((part, at) => [String(at), part as unknown]));
  if (value instanceof ArrayBuffer) return new Map([['bytes', String(new Uint8Array(value))]]);
  if (ArrayBuffer.isView(value))
    return new Map<string, unknown>([
      ['place', `${value.byteOffset} ${value.byteLength}`],
      ['buffer', value.buffer],
    ]);
  if (value instanceof Error) {
    const parts = new Map<string, unknown>([['message', value.message]]);
    if (Object.hasOwn(value, 'cause')) parts.set('cause', value.cause);
    if (hasCodec) parts.set('name', value.name);
    return parts;
  }
  if (/Number|String/u.test(Object.prototype.toString.call(value))) return new Map([['boxed', value.valueOf()]]);
  const keys = Object.keys(value);
  const parts = new Map<string, unknown>(keys.map((key) => [JSON.stringify(key), Reflect.get(value, key)]));
  if (Array.isArray(value)) parts.set('length', value.length);
  return parts;
}

/** Where a message of a refusal says that the culprit is, and what is found there: the last thing of ours that its path leads to. */
export function culprit(root: unknown, message: string, live: ReadonlyMap<object, Live>): unknown {
  const path = /^(?:input|result|value|data|context|message)((?:\.[\w$]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*) \(/u.exec(
    message,
  )?.[1];
  if (path === undefined) return undefined;
  let node = root;
  for (const [segment] of path.matchAll(/\.[\w$]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]/gu)) {
    if (typeof node === 'object' && node !== null && live.has(node)) return node;
    const key = segment.startsWith('.') ? segment.slice(1) : String(JSON.parse(segment.slice(1, -1)));
    const parts: unknown = node instanceof Map || node instanceof Set ? [...node] : node;
    node = typeof parts === 'object' && parts !== null ? Reflect.get(parts, key) : undefined;
  }
  return node;
}
