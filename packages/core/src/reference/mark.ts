import { type DisposableIfKnown, dispose } from '../disposal.ts';
import { invalidOption, MuntinError, show } from '../errors.ts';

type AnyFunction = (...args: never[]) => unknown;
type Methods<T> = { readonly [Name in keyof T as T[Name] extends AnyFunction ? Name : never]: T[Name] };

/**
 * Something of the other side, passed by reference: a function that answers with a promise, or an object of which only the methods
 * are there, each answering with a promise. Nothing else of it can be read, set or constructed.
 *
 * Write it in a contract where a callback or an object crosses: `mutation<{ file: Blob; onProgress: Remote<(part: number) => void> }, void>()`.
 */
export type Remote<T> = (T extends (...args: infer Args) => infer Result
  ? (...args: Args) => Promise<Awaited<Result>>
  : {
      readonly [Name in keyof Methods<T>]: T[Name] extends (...args: infer Args) => infer Result
        ? (...args: Args) => Promise<Awaited<Result>>
        : never;
    }) &
  DisposableIfKnown;

/** What is behind a reference: what to run, and by which names. */
export interface Referent {
  /** The names of an object's methods; `undefined` for a function. */
  readonly methods: readonly string[] | undefined;
  call(method: string | undefined, args: readonly unknown[]): unknown;
}

/** What was marked in this page: values are known by identity, and so stay as they are. */
interface Marks {
  /** What is behind a reference. */
  readonly referents: WeakMap<object, Referent>;
  /** What tells the other side that a reference is released. */
  readonly releases: WeakMap<object, () => void>;
  /** The reference that was made for an original. */
  readonly made: WeakMap<object, object>;
  /** What is given away with a value. */
  readonly transfers: WeakMap<object, readonly Transferable[]>;
}

// One for all copies of core in a page, so that what one copy marks is known to the others. The number is that of the shape of `Marks`.
const registry = Symbol.for('muntin.marks.1');
let known: Marks | undefined;

/** The marks of this page; `undefined` while nothing is marked. */
function findMarks(): Marks | undefined {
  known ??= (globalThis as { [registry]?: Marks })[registry]; // ours: no other code has a reason to use this symbol
  return known;
}

function marks(): Marks {
  known = findMarks() ?? {
    referents: new WeakMap(),
    releases: new WeakMap(),
    made: new WeakMap(),
    transfers: new WeakMap(),
  };
  if (!Object.hasOwn(globalThis, registry)) Object.defineProperty(globalThis, registry, { value: known });
  return known;
}

/**
 * Marks a function or an object to be passed live, not copied: the other side can call it, or its own and class methods, for as long
 * as the session lasts or until it releases it. What it returns is what the other side may pass on; calling it here calls the original.
 *
 * The same original always makes the same reference, and a reference stays what it is. Throws `INVALID_OPTION` for anything else.
 */
export function byReference<T extends object>(original: T): Remote<T> {
  const { referents, releases, made } = marks();
  const present = referents.has(original) ? original : made.get(original);
  if (present !== undefined) return present as Remote<T>; // made below for this very original, or a reference itself
  if (typeof original !== 'function' && (typeof original !== 'object' || original === null))
    throw invalidOption(`byReference was given ${show(original)}: give a function or an object with methods`);
  const methods = typeof original === 'function' ? undefined : methodsOf(original);
  const reference = createReference({
    methods,
    call: (method, args) => {
      const target: unknown = method === undefined ? original : Reflect.get(original, method);
      const receiver = method === undefined ? undefined : original;
      return typeof target === 'function' ? (Reflect.apply(target, receiver, args) as unknown) : undefined;
    },
  });
  releases.set(reference, () => undefined); // the original is ours: there is nobody to tell
  made.set(original, reference);
  return reference as Remote<T>;
}

/**
 * Tells the other side that a reference is no longer needed here; calls of it reject with `REFERENCE_RELEASED` from now on. `using` and
 * `Symbol.dispose` do the same. Without it the reference is released when it is garbage collected, and with the session.
 */
export function release(reference: object): void {
  const run = findMarks()?.releases.get(reference);
  if (run === undefined) throw invalidOption(`release was given ${show(reference)}, which is not a reference`);
  run();
}

/** What the language calls on any object by itself: as a method of the other side it would be called by whoever looks at it. */
function isAskedInPassing(name: string): boolean {
  return name === 'then' || name === 'toJSON';
}

/** Lets an object without a prototype be shown: in a template, by `String()` and by `%s`, whatever its methods are called. */
export function showAs(target: object, what: string): void {
  Object.defineProperty(target, Symbol.toPrimitive, {
    value: (hint: string) => (hint === 'number' ? Number.NaN : `[object ${what}]`),
  });
}

/** Makes the callable face of a referent. */
export function createReference(referent: Referent, onRelease?: () => void): object {
  const face = (method?: string) => {
    return async (...args: unknown[]): Promise<unknown> => referent.call(method, args);
  };
  const reference: object = referent.methods === undefined ? face() : Object.create(null);
  for (const method of referent.methods ?? [])
    if (!isAskedInPassing(method)) Object.defineProperty(reference, method, { value: face(method), enumerable: true });
  Object.defineProperty(reference, dispose, { value: () => release(reference) });
  if (referent.methods !== undefined) showAs(reference, 'Reference');
  Object.freeze(reference);
  const { referents, releases } = marks();
  referents.set(reference, referent);
  if (onRelease !== undefined) releases.set(reference, onRelease);
  return reference;
}

/** Whether a value was marked, by {@link byReference} or {@link transfer}: a quick no for pages that mark nothing. */
export function isMarked(value: object): boolean {
  const found = findMarks();
  return found !== undefined && (found.referents.has(value) || found.transfers.has(value));
}

/** What is behind a reference; `undefined` for everything else. */
export function referentOf(value: object): Referent | undefined {
  return findMarks()?.referents.get(value);
}

/** Own methods, and those of its class and the classes that extends, without what every object inherits. */
function methodsOf(original: object): readonly string[] {
  const names = new Set<string>();
  for (
    let from: unknown = original;
    typeof from === 'object' && from !== null && from !== Object.prototype;
    from = Object.getPrototypeOf(from)
  )
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(from)))
      if (typeof value === 'function' && name !== 'constructor' && !isAskedInPassing(name)) names.add(name);
  return [...names];
}

/**
 * Gives up ownership of buffers, ports or streams instead of copying them, when `value` crosses: as an input, a result or a stream
 * value, or inside one. `value` is returned as it is. Like `postMessage`'s transfer list (HTML Standard, StructuredSerializeWithTransfer):
 * what is in the list is detached here once it has been sent, and nothing is when sending fails.
 */
export function transfer<T extends object>(value: T, list: readonly Transferable[]): T {
  if (!Array.isArray(list))
    throw invalidOption(`the transfer list is ${show(list)}: give an array, as in transfer(bytes, [bytes.buffer])`);
  marks().transfers.set(value, list);
  return value;
}

/** What {@link transfer} was given for a value. */
export function transferOf(value: object): readonly Transferable[] | undefined {
  return findMarks()?.transfers.get(value);
}

/** The error for a reference that was given back. */
export function releasedError(name: string): MuntinError {
  return new MuntinError('REFERENCE_RELEASED', `"${name}" was released: the reference can no longer be called`);
}
