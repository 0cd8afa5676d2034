import type { Extensible, Use } from '@muntin/core';
import { type FocusTarget, focusing } from '@muntin/core/focus';
import { inspect, invalidOption, wrongWord } from '@muntin/core/internal';
import { FocusKeeper } from './keeper.ts';

export type { FocusTarget } from '@muntin/core/focus';

const keepers = new WeakMap<object, FocusKeeper>();
const targets: readonly FocusTarget[] = ['first', 'last', 'restore'];

/** What {@link focusable} makes, for `use`. */
export interface FocusUse extends Use {
  /** Gives the focus to an element of the guest. Throws `INVALID_OPTION` for a mount that does not use this. */
  of(widget: Extensible): { focus(to: FocusTarget): Promise<boolean> };
}

/**
 * Puts the focus into guests that use `focusable` of `@muntin/guest/focus` (`of(widget).focus("first")`), and gives it back to the element that had it when such a
 * guest has loaded anew: `use: [focusable()]` in `mount` or `attach`. Only where it was in the guest's frame before, and nothing else has got it since.
 */
export function focusable(): FocusUse {
  const attached = focusing.onHost((connected) => {
    const keeper = new FocusKeeper(connected.client);
    keepers.set(connected.client, keeper);
    // The mount is made in this turn, or has thrown.
    queueMicrotask(() => keeper.begin(connected.owner));
    return { left: (at) => keeper.left(at) };
  });
  return Object.freeze({
    ...attached,
    of(widget: Extensible) {
      const keeper = keepers.get(attached.of(widget));
      if (keeper === undefined) throw invalidOption(`of was given ${inspect(widget)}: give a mount that uses this`);
      return {
        focus: async (to: FocusTarget) => {
          if (!targets.includes(to)) throw wrongWord('to', to, targets);
          return keeper.focus(to);
        },
      };
    },
  });
}
