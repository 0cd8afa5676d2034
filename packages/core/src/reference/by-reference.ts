import type { DisposableIfKnown } from '../disposal.ts';
import { inspect, invalidOption } from '../errors.ts';
import { marks } from './mark.ts';
import { createReference, isAskedInPassing, releaseReference } from './remote.ts';

type AnyFunction = (...args: never[]) => unknown;
// What the language calls on any object by itself does not cross: see `isAskedInPassing`.
type Methods<T> = {
  readonly [Name in keyof T as T[Name] extends AnyFunction ? Exclude<Name, 'then' | 'toJSON'> : never]: T[Name];
};

/**
 * Something of the other side, passed by reference: a function that answers with a promise, or an object of which only the methods
 * are there, each answering with a promise. Nothing else of it can be read, set or constructed; methods named `then` and `toJSON`, which the
 * language calls on any object by itself, stay at home.
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
    throw invalidOption(`byReference was given ${inspect(original)}: give a function or an object with methods`);
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
  releaseReference(reference);
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
