import { transferOf } from '../reference/mark.ts';
import { hasMethod, observableKeyOf } from '../stream/kinds.ts';

// So many parts are looked at. What is larger is not sent again: looking at it would take longer than asking for it again.
const mostParts = 500_000;

/**
 * Why a value cannot be sent a second time, naming where in it: something was given away with it, or can be read only once.
 * `undefined` when it can. It is asked when a session is lost, not when a value is sent.
 */
export function whyOnlyOnce(root: unknown): string | undefined {
  const seen = new Set<object>();
  const open: { readonly value: unknown; readonly path: string }[] = [{ value: root, path: 'its input' }];
  try {
    for (let at = 0; at < open.length; at++) {
      const { value, path } = open[at] ?? { value: undefined, path: '' };
      if (!isObject(value) || seen.has(value)) continue;
      seen.add(value);
      const reason = onlyOnce(value);
      if (reason !== undefined) return `${path} ${reason}`;
      for (const [key, part] of partsOf(value)) if (isObject(part)) open.push({ value: part, path: `${path}${key}` });
      if (open.length > mostParts) return 'its input is too large to look for what can be sent only once';
    }
  } catch {
    return 'its input cannot be looked at';
  }
  return undefined;
}

function onlyOnce(value: object): string | undefined {
  if ((transferOf(value)?.length ?? 0) > 0) return 'was transferred';
  if (isOf('MessagePort', value)) return 'is a port, which was given away';
  if (['ReadableStream', 'WritableStream', 'TransformStream'].some((name) => isOf(name, value)))
    return 'is a stream, which can be read only once';
  if (typeof value === 'function' || hasMethod(value, 'subscribe') || observableKeyOf(value) !== undefined)
    return undefined;
  const isIterable = hasMethod(value, Symbol.asyncIterator) || hasMethod(value, Symbol.iterator);
  if (hasMethod(value, 'next') && isIterable) return 'is an iterator, which can be read only once';
  // An iterable that can be read again makes a new iterator each time.
  if (hasMethod(value, Symbol.asyncIterator) && value[Symbol.asyncIterator]() === value[Symbol.asyncIterator]())
    return 'can be iterated only once';
  return undefined;
}

function isOf(name: string, value: object): boolean {
  const known: unknown = Reflect.get(globalThis, name);
  return typeof known === 'function' && value instanceof known;
}

function* partsOf(value: object): Generator<readonly [key: string, part: unknown]> {
  if (value instanceof Map)
    for (const [key, item] of value) {
      yield ['.keys()', key];
      yield ['.values()', item];
    }
  else if (value instanceof Set) for (const item of value) yield ['.values()', item];
  else if (typeof value !== 'function' && !ArrayBuffer.isView(value))
    for (const key of Object.keys(value))
      yield [Array.isArray(value) ? `[${key}]` : `.${key}`, Reflect.get(value, key)];
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
