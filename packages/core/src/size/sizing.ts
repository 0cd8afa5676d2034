import { event, type NoErrors, query } from '../contract/define.ts';
import type { Procedure } from '../contract/types.ts';
import { type Extension, extension } from '../extension/extension.ts';

/** From how many CSS pixels to how many. */
export type Bounds = readonly [minPx: number, maxPx: number];

/** What the host wants of the guest: which sides of its content it follows, within which bounds. */
export interface Fit {
  readonly height?: Bounds | undefined;
  readonly width?: Bounds | undefined;
  /** The frame does not follow for now: what does not fit has to scroll. */
  readonly isHeld: boolean;
}

/** The size of the content in CSS pixels, within the bounds; a side that is not followed is 0. */
export type Report = readonly [heightPx: number, widthPx: number];

/** What travels between `size` of `@muntin/host/size` and `size` of `@muntin/guest/size`. */
export const sizing: Extension<
  {
    /** The content has another size. */
    readonly report: Procedure<'event', Report, Report, void, void, NoErrors>;
  },
  {
    /** Begins to follow the content, or follows it otherwise. */
    readonly fit: Procedure<'event', Fit, Fit, void, void, NoErrors>;
    /** Which element reaches the lowest, in development builds; others answer nothing. */
    readonly blame: Procedure<'query', void, void, string, string, NoErrors>;
  }
> = extension('muntin/size', {
  host: { report: event<Report>() },
  guest: { fit: event<Fit>(), blame: query<void, string>() },
});
