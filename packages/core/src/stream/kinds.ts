/**
 * What foreign observables are known by. A polyfill may define the symbol after this file has run, and code that ran before it knows the
 * string only: both count, and are looked up at each use.
 */
export function observableKeys(): readonly PropertyKey[] {
  return typeof Symbol.observable === 'symbol' ? [Symbol.observable, '@@observable'] : ['@@observable'];
}

/** The key by which a value says that it is observable; `undefined` where it does not. For values of our own side only. */
export function observableKeyOf(value: unknown): PropertyKey | undefined {
  const key = Symbol.observable;
  if (typeof key === 'symbol' && hasMethod(value, key)) return key;
  return hasMethod(value, '@@observable') ? '@@observable' : undefined;
}

/** Whether a value is an iterator, such as a generator or `map.values()`: it can be read once, and only where it is. */
export function isIterator(value: unknown): boolean {
  return hasMethod(value, 'next') && hasMethod(value, Symbol.iterator);
}

/** What makes an object a stream; each is read by its own name, which is much quicker than by one that changes. */
interface MayStream {
  readonly [Symbol.asyncIterator]?: unknown;
  readonly [Symbol.iterator]?: unknown;
  readonly next?: unknown;
  readonly '@@observable'?: unknown;
}

/** Whether an object is an iterator or an AsyncIterable, or says that it is observable. It is asked of every object that is sent. */
export function isStream(value: MayStream): boolean {
  return (
    typeof value[Symbol.asyncIterator] === 'function' ||
    typeof value['@@observable'] === 'function' ||
    (typeof value.next === 'function' && typeof value[Symbol.iterator] === 'function') ||
    (typeof Symbol.observable === 'symbol' && hasMethod(value, Symbol.observable))
  );
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
