import { event, type NoErrors, query } from '../contract/define.ts';
import type { Procedure } from '../contract/types.ts';
import { type Extension, extension } from '../extension/extension.ts';

/** What the host has kept of a guest: a text of the guest's, or none, and how many bytes it keeps at most. */
export interface Kept {
  /** As the guest, perhaps an earlier version of it, has given it. */
  readonly text?: string;
  readonly maxBytes: number;
}

/** What travels between `state` of `@muntin/host/state` and `state` of `@muntin/guest/state`. To the host the state is a text and nothing else. */
export const keeping: Extension<
  {
    /** The guest's state is another one now, or its document goes away. */
    readonly keep: Procedure<'event', string, string, void, void, NoErrors>;
    /** What was kept; asked once by each document. */
    readonly kept: Procedure<'query', void, void, Kept, Kept, NoErrors>;
  },
  {
    /** The present state; none where there is nothing to keep yet. */
    readonly save: Procedure<'query', void, void, string | undefined, string | undefined, NoErrors>;
    /** Whether this document has got a state back; answered when it is known. */
    readonly restored: Procedure<'query', void, void, boolean, boolean, NoErrors>;
  }
> = extension('muntin/state', {
  host: { keep: event<string>(), kept: query<void, Kept>() },
  guest: { save: query<void, string | undefined>(), restored: query<void, boolean>() },
});
