import { inspect, invalidOption } from '../errors.ts';

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
export function findMarks(): Marks | undefined {
  known ??= (globalThis as { [registry]?: Marks })[registry]; // ours: no other code has a reason to use this symbol
  return known;
}

/** The same; made where there were none. */
export function marks(): Marks {
  known = findMarks() ?? {
    referents: new WeakMap(),
    releases: new WeakMap(),
    made: new WeakMap(),
    transfers: new WeakMap(),
  };
  if (!Object.hasOwn(globalThis, registry)) Object.defineProperty(globalThis, registry, { value: known });
  return known;
}

/** Lets an object without a prototype be shown: in a template, by `String()` and by `%s`, whatever its methods are called. */
export function showAs(target: object, what: string): void {
  Object.defineProperty(target, Symbol.toPrimitive, {
    value: (hint: string) => (hint === 'number' ? Number.NaN : `[object ${what}]`),
  });
}

/** Whether a value was marked, by `byReference` or {@link transfer}: a quick no for pages that mark nothing. */
export function isMarked(value: object): boolean {
  const found = findMarks();
  return found !== undefined && (found.referents.has(value) || found.transfers.has(value));
}

/** What is behind a reference; `undefined` for everything else. */
export function referentOf(value: object): Referent | undefined {
  return findMarks()?.referents.get(value);
}

/**
 * Gives up ownership of buffers, ports or streams instead of copying them, when `value` crosses: as an input, a result or a stream
 * value, or inside one. `value` is returned as it is. Like `postMessage`'s transfer list (HTML Standard, StructuredSerializeWithTransfer):
 * what is in the list is detached here once it has been sent, and nothing is when sending fails.
 */
export function transfer<T extends object>(value: T, list: readonly Transferable[]): T {
  if (!Array.isArray(list))
    throw invalidOption(`the transfer list is ${inspect(list)}: give an array, as in transfer(bytes, [bytes.buffer])`);
  marks().transfers.set(value, list);
  return value;
}

/** What {@link transfer} was given for a value. */
export function transferOf(value: object): readonly Transferable[] | undefined {
  return findMarks()?.transfers.get(value);
}
