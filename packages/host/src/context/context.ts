import {
  cloneOf,
  contextPath,
  mayContainReference,
  NOTE,
  notCloneableNow,
  type Session,
  whereLive,
} from '@muntin/core/internal';

/** What a mount tells its guest without being asked: with each welcome, and each time it changes. */
export class GuestContext {
  #value: unknown;
  // By what the present guest knows it; nothing where it does not.
  #mark = -1;

  /** Throws `VALUE_NOT_CLONEABLE`. */
  constructor(initial: unknown) {
    this.#value = snapshot(initial);
  }

  /** What a guest that serves so is told with its welcome. */
  first(serves: readonly string[]): readonly unknown[] {
    this.#mark = serves.indexOf(contextPath);
    return this.#mark < 0 ? [] : [[NOTE, this.#mark, this.#value]];
  }

  /** Changes some of its values, and tells the guest that there is. Throws `VALUE_NOT_CLONEABLE`. */
  change(change: object, session: Session | undefined): void {
    this.#value = snapshot({ ...Object(this.#value), ...change });
    if (this.#mark >= 0) session?.note(this.#mark, this.#value);
  }
}

/** A copy that the application cannot change behind our back, and the proof that the value can cross. */
function snapshot(context: unknown): unknown {
  try {
    const copy = cloneOf(context);
    // It may clone in silence, and arrive as a wreck or not at all.
    if (!mayContainReference(context, true)) return copy;
  } catch (cause) {
    throw notCloneableNow(context, 'context', cause);
  }
  throw notCloneableNow(
    context,
    'context',
    new TypeError(`${whereLive(context, 'context')} is live; pass it in a call`),
  );
}
