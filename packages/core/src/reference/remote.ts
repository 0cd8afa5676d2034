import { dispose } from '../disposal.ts';
import { inspect, invalidOption, MuntinError } from '../errors.ts';
import { findMarks, marks, type Referent, showAs } from './mark.ts';

// In a file of its own: bundlers assign files to chunks, and only what handles references needs this one.

/** What the language calls on any object by itself: as a method of the other side it would be called by whoever looks at it. */
export function isAskedInPassing(name: string): boolean {
  return name === 'then' || name === 'toJSON';
}

/** Makes the callable face of a referent. */
export function createReference(referent: Referent, onRelease?: () => void): object {
  const reference: object = referent.methods === undefined ? faceOf(referent) : Object.create(null);
  finish(reference, referent, reference);
  return register(reference, referent, onRelease);
}

function faceOf(referent: Referent, method?: string): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => referent.call(method, args);
}

/** Gives a reference its methods, and lets nothing be added; `itself` is what is known as the reference. */
export function finish(reference: object, referent: Referent, itself: object): void {
  for (const method of referent.methods ?? [])
    if (!isAskedInPassing(method))
      // A peer may name one twice. It is frozen below.
      Object.defineProperty(reference, method, {
        value: faceOf(referent, method),
        enumerable: true,
        configurable: true,
      });
  Object.defineProperty(reference, dispose, { value: () => releaseReference(itself) });
  if (referent.methods !== undefined) showAs(reference, 'Reference');
  Object.freeze(reference);
}

/** From now on it is known as a reference. */
export function register(reference: object, referent: Referent, onRelease: (() => void) | undefined): object {
  const { referents, releases } = marks();
  referents.set(reference, referent);
  if (onRelease !== undefined) releases.set(reference, onRelease);
  return reference;
}

/** Gives a reference back. Throws `INVALID_OPTION` for what is none. */
export function releaseReference(reference: object): void {
  const run = findMarks()?.releases.get(reference);
  if (run === undefined) throw invalidOption(`release was given ${inspect(reference)}, which is not a reference`);
  run();
}

/** The error for a reference that was given back. */
export function releasedError(name: string): MuntinError {
  return new MuntinError('REFERENCE_RELEASED', `"${name}" was released: the reference can no longer be called`);
}
