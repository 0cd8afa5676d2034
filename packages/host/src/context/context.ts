import type { Limits } from '@muntin/core';
import {
  assertWithinBudget,
  cloneOf,
  contextPath,
  mayContainReference,
  NOTE,
  notCloneableNow,
  Scales,
  type Session,
  whereLive,
} from '@muntin/core/internal';
import { findOver } from './find-over.ts';

/** What a mount tells its guest without being asked: with each welcome, and each time it changes. */
export class GuestContext {
  #value: unknown;
  readonly #limits: Limits;
  // By what the present guest knows it; nothing where it does not.
  #mark = -1;

  /** Throws `VALUE_NOT_CLONEABLE`, `VALUE_UNSAFE` or `VALUE_TOO_LARGE`. */
  constructor(initial: unknown, limits: Limits) {
    this.#limits = limits;
    this.#value = snapshot(initial, limits);
  }

  /** What a guest that serves so is told with its welcome. */
  first(serves: readonly string[]): readonly unknown[] {
    this.#mark = serves.indexOf(contextPath);
    return this.#mark < 0 ? [] : [[NOTE, this.#mark, this.#value]];
  }

  /** Changes some of its values, and tells the guest that there is. Throws as the constructor does. */
  change(change: object, session: Session | undefined): void {
    this.#value = snapshot({ ...Object(this.#value), ...change }, this.#limits);
    if (this.#mark >= 0) session?.note(this.#mark, this.#value);
  }
}

/**
 * A copy that the application cannot change behind our back, and the proof that the value can cross. Nobody hears that a guest has refused it: what
 * this side would not take itself is refused here.
 */
function snapshot(context: unknown, limits: Limits): unknown {
  if (context === undefined) return undefined;
  let copy: unknown;
  try {
    copy = cloneOf(context);
  } catch (cause) {
    throw notCloneableNow(context, 'context', cause);
  }
  // It may clone in silence, and arrive as a wreck or not at all.
  if (mayContainReference(context, true))
    throw notCloneableNow(
      context,
      'context',
      new TypeError(`${whereLive(context, 'context')} is live; pass it in a call`),
    );
  const over = new Scales(limits, () => undefined).weigh(copy);
  assertWithinBudget(over === 'unknown' ? findOver(copy, limits) : over, 'value', 'context', limits);
  return copy;
}
