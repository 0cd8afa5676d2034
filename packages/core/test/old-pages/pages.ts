// What old libraries do to the globals of their page. Each answers what undoes it.

/** One page that is not as the language left it. */
export type OldPage = () => () => void;

type Holder = Readonly<Record<string, unknown>> | object;

/** Puts something in the place of a property, with the attributes that an assignment gives it, and answers what undoes that. */
function replace(holder: Holder, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? true,
  });
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  };
}

const all =
  (...pages: readonly OldPage[]): OldPage =>
  () => {
    const undo = pages.map((page) => page());
    return () => {
      for (let index = undo.length - 1; index >= 0; index--) undo[index]?.();
    };
  };

const add =
  (holder: Holder, name: string, value: unknown): OldPage =>
  () =>
    replace(holder, name, value);

const array = Array.prototype;

/** As Prototype.js 1.6: `Array.from` knows lists by their length, and `entries` answers the array itself. */
function listFrom(iterable: ArrayLike<unknown> | null | undefined): unknown[] {
  const list: unknown[] = [];
  for (let index = 0; index < (iterable?.length ?? 0); index++) list.push(iterable?.[index]);
  return list;
}

/** As zone.js and bluebird: a promise of their own, which is none for `instanceof` of those that functions answer with. */
function otherPromise(): PromiseConstructor {
  const Native = Promise;
  class OtherPromise<T> extends Native<T> {
    static override get [Symbol.species](): PromiseConstructor {
      return Native;
    }
  }
  void Object.defineProperty(OtherPromise, Symbol.hasInstance, {
    value: (value: unknown) =>
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === OtherPromise.prototype,
  });
  return OtherPromise;
}

/** As an early polyfill: others by the same names. */
function otherCollections(): { readonly Map: MapConstructor; readonly Set: SetConstructor } {
  const [NativeMap, NativeSet] = [Map, Set];
  return { Map: class Map<K, V> extends NativeMap<K, V> {}, Set: class Set<T> extends NativeSet<T> {} };
}

export const oldPages: Readonly<Record<string, OldPage>> = {
  untouched: () => () => undefined,
  'a method more for every object': add(Object.prototype, 'extend', function extend() {}),
  'values more for every object, by names of our own': all(
    add(Object.prototype, 'cause', 'polluted'),
    add(Object.prototype, 'code', 'polluted'),
    add(Object.prototype, 'signal', undefined),
  ),
  'a method more for every array': all(
    add(array, 'each', function each() {}),
    add(array, 'without', function without() {}),
  ),
  'a method more for every function': add(Function.prototype, 'argumentNames', function argumentNames() {}),
  'entries of arrays that are arrays': add(array, 'entries', function entries(this: unknown[]) {
    return this.slice();
  }),
  'keys and values of arrays that are arrays': all(
    add(array, 'keys', function keys(this: unknown[]) {
      return this.map((_, index) => index);
    }),
    add(array, 'values', function values(this: unknown[]) {
      return this.slice();
    }),
  ),
  'find that answers null': add(array, 'find', function find(this: unknown[], fits: (item: unknown) => boolean) {
    for (const item of this) if (fits(item)) return item;
    return null;
  }),
  'includes and indexOf by the weak equality': all(
    add(array, 'includes', function includes(this: unknown[], wanted: unknown) {
      for (const item of this) if (item == wanted) return true; // eslint-disable-line eqeqeq
      return false;
    }),
  ),
  'Array.from that knows no iterables': add(Array, 'from', listFrom),
  'toJSON of arrays, strings and objects, as texts': all(
    add(array, 'toJSON', function toJSON(this: unknown[]) {
      return `[${this.map((item) => JSON.stringify(item)).join(', ')}]`;
    }),
    add(String.prototype, 'toJSON', function toJSON(this: string) {
      return this.slice();
    }),
  ),
  'flat, flatMap and at of their own': all(
    add(array, 'flat', function flat(this: unknown[]): unknown[] {
      return this.reduce<unknown[]>((made, item) => made.concat(item), []);
    }),
    add(array, 'at', function at(this: unknown[], index: number) {
      return this[index < 0 ? this.length + index : index];
    }),
  ),
  'another Promise': () => replace(globalThis, 'Promise', otherPromise()),
  'another Map and Set': () => {
    const { Map: OtherMap, Set: OtherSet } = otherCollections();
    return all(add(globalThis, 'Map', OtherMap), add(globalThis, 'Set', OtherSet))();
  },
  'a JSON of its own': () =>
    replace(globalThis, 'JSON', { stringify: JSON.stringify.bind(JSON), parse: JSON.parse.bind(JSON) }),
  'a structuredClone that copies plain objects only': () =>
    replace(globalThis, 'structuredClone', (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown),
  'a bind of its own': add(
    Function.prototype,
    'bind',
    function bind(this: (...args: unknown[]) => unknown, self: unknown, ...first: unknown[]) {
      const bound = this; // oxlint-disable-line no-this-alias, consistent-this -- as it was written then
      return function later(...rest: unknown[]) {
        return Reflect.apply(bound, self, [...first, ...rest]);
      };
    },
  ),
  'timers that are objects': () => {
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    const timers = new WeakMap<object, ReturnType<typeof setTimeout>>();
    const undoSet = replace(globalThis, 'setTimeout', (...args: Parameters<typeof setTimeout>) => {
      const task = { zone: 'root' };
      timers.set(task, set(...args));
      return task;
    });
    const undoClear = replace(globalThis, 'clearTimeout', (task: object | undefined) => {
      clear(task === undefined ? task : (timers.get(task) ?? (task as ReturnType<typeof setTimeout>)));
    });
    return () => {
      undoClear();
      undoSet();
    };
  },
};
