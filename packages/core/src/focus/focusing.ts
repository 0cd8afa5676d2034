import { event, mutation, type NoErrors, query } from '../contract/define.ts';
import type { Procedure } from '../contract/types.ts';
import { type Extension, extension } from '../extension/extension.ts';

/** Which element of a guest gets the focus: the first or the last that Tab reaches, or the one that had it. */
export type FocusTarget = 'first' | 'last' | 'restore';

/** What the guest is asked for. */
export interface FocusRequest {
  readonly to: FocusTarget;
  /** For `restore` in another document: what `where` has said of the one before. */
  readonly at?: string | undefined;
}

/** What travels between `focusable` of `@muntin/host/focus` and `focusable` of `@muntin/guest/focus`. */
export const focusing: Extension<
  {
    /** The document goes away, and had the focus: where, in the guest's own words. */
    readonly left: Procedure<'event', string, string, void, void, NoErrors>;
  },
  {
    /** Gives an element the focus; whether there was one. */
    readonly focus: Procedure<'mutation', FocusRequest, FocusRequest, boolean, boolean, NoErrors>;
    /** Which element has the focus, in the guest's own words; empty: none. */
    readonly where: Procedure<'query', void, void, string, string, NoErrors>;
  }
> = extension('muntin/focus', {
  host: { left: event<string>() },
  guest: { focus: mutation<FocusRequest, boolean>(), where: query<void, string>() },
});
