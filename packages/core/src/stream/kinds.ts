/**
 * What foreign observables are known by. A polyfill may define the symbol after this file has run, and code that ran before it knows the
 * string only: both count, and are looked up at each use.
 */
export function observableKeys(): readonly PropertyKey[] {
  return typeof Symbol.observable === 'symbol' ? [Symbol.observable, '@@observable'] : ['@@observable'];
}

/** The key by which a value says that it is observable; `undefined` where it does not. For values of our own side only. */
export function observableKeyOf(value: unknown): PropertyKey | undefined {
  const keys = observableKeys();
  // By index, since a page may have replaced `find`.
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    if (key !== undefined && hasMethod(value, key)) return key;
  }
  return undefined;
}

/** Whether a value is an iterator, such as a generator or `map.values()`: it can be read once, and only where it is. */
export function isIterator(value: unknown): boolean {
  return hasMethod(value, 'next') && hasMethod(value, Symbol.iterator);
}

/** Whether something can be awaited. By its `then`: a page may have replaced Promise, and a schema may bring one of its own. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return hasMethod(value, 'then');
}

/** Whether something has a method, own or inherited, by this name. For values of our own side only. */
export function hasMethod<Name extends PropertyKey>(
  value: unknown,
  name: Name,
): value is Record<Name, (...args: readonly unknown[]) => unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof Reflect.get(value, name) === 'function'
  );
}
