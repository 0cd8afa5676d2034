/**
 * Whether two values are the same, or are arrays or plain objects of values that are: a template may make them anew each time. What contains
 * itself is the same as what contains itself alike.
 */
export function isSame(
  first: unknown,
  second: unknown,
  compared: Map<unknown, Set<unknown>> = new Map<unknown, Set<unknown>>(),
): boolean {
  if (Object.is(first, second)) return true;
  if (!isPlain(first) || !isPlain(second) || Array.isArray(first) !== Array.isArray(second)) return false;
  const others = compared.get(first) ?? new Set();
  if (others.has(second)) return true; // one difference anywhere is enough
  compared.set(first, others.add(second));
  const keys = Object.keys(first);
  if (keys.length !== Object.keys(second).length) return false;
  return keys.every(
    (key) => Object.hasOwn(second, key) && isSame(Reflect.get(first, key), Reflect.get(second, key), compared),
  );
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
