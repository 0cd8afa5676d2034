import type { Extensible, Live, Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, type OptionKinds } from '@muntin/core/internal';
import { sizing } from '@muntin/core/size';
import { isFramed } from '../framed.ts';
import { readBounds } from './bounds.ts';
import { Sizer } from './sizer.ts';

/** Options of {@link size}. At least one of `height` and `width` is given. Pixels are CSS pixels of the page inside, without borders. */
export interface SizeOptions {
  /** `'content'`: the frame is as high as its content. @defaultValue the height is yours */
  readonly height?: 'content';
  /** `'content'`: the frame is as wide as its content wants to be where nothing limits it. @defaultValue the width is yours */
  readonly width?: 'content';
  /** The least height, which the frame also has until the guest has told its own. @defaultValue 0 */
  readonly minPx?: number;
  /** The greatest height: what is higher scrolls. @defaultValue 20_000 */
  readonly maxPx?: number;
  /** The least width. @defaultValue 0 */
  readonly minWidthPx?: number;
  /** The greatest width. @defaultValue 20_000 */
  readonly maxWidthPx?: number;
}

/** What a frame measures inside, and who has decided that. */
export interface Size {
  /** How wide it is inside, in CSS pixels. */
  readonly widthPx: number;
  /** How high it is inside, in CSS pixels. */
  readonly heightPx: number;
  /**
   * `host`: the guest has told nothing yet, or does not use `size`. `guest`: its content. `held`: its content follows the frame, which would
   * never end, so that the frame has stopped to follow; it goes on when the content changes by itself.
   */
  readonly by: 'host' | 'guest' | 'held';
  /** Whether the content is larger than the greatest size, or smaller than the least. */
  readonly clamped: boolean;
  /** While it is held: the element that reaches the lowest, where the guest is a development build; else empty. */
  readonly heldBy: string;
}

/** What `of` finds: the size of one mount. */
export interface Sized {
  /** The present size at once, then every other; completes when unmounted. */
  readonly size$: Live<Size>;
}

/** What {@link size} makes, for `use`. */
export interface SizeUse extends Use {
  /** The size of a mount. Throws `INVALID_OPTION` for one that does not use this. */
  of(widget: Extensible): Sized;
}

const kinds: OptionKinds<SizeOptions> = {
  height: ['content'],
  width: ['content'],
  minPx: 'number',
  maxPx: 'number',
  minWidthPx: 'number',
  maxWidthPx: 'number',
};

/**
 * Makes frames as large as their content: `use: [size({ height: 'content' })]` in `mount` or `attach`, for guests that use `size` of
 * `@muntin/guest/size`. Sizes are checked and bounded here, and applied once a frame at most. Throws `INVALID_OPTION`; in `open` and
 * `mountWorker`, whose guests have no frame, that is reported as an uncaught error, and the guest goes on.
 */
export function size(options: SizeOptions): SizeUse {
  checkOptions('size', options, kinds);
  const { height, width, minPx, maxPx, minWidthPx, maxWidthPx } = options;
  if (height === undefined && width === undefined)
    throw invalidOption("size is given neither height nor width: give height: 'content'");
  const fit = {
    height: height && readBounds('minPx', minPx, 'maxPx', maxPx),
    width: width && readBounds('minWidthPx', minWidthPx, 'maxWidthPx', maxWidthPx),
  };
  const sizers = new WeakMap<object, Sizer>();
  const attached = sizing.onHost((connected) => {
    const { client } = connected;
    const sizer = new Sizer(fit, client);
    sizers.set(client, sizer);
    // The mount is made in this turn, or has thrown.
    queueMicrotask(() => {
      const { owner } = connected;
      if (isFramed(owner)) sizer.begin(owner);
      else {
        sizer.end();
        if (owner !== undefined) throw invalidOption('size is for guests in frames: use it with mount() or attach()');
      }
    });
    return { report: (report) => sizer.report(report) };
  });
  return Object.freeze({
    ...attached,
    of(widget: Extensible): Sized {
      const sizer = sizers.get(attached.of(widget));
      if (sizer === undefined) throw invalidOption(`of was given ${inspect(widget)}: give a mount that uses this`);
      return sizer.sized;
    },
  });
}
