import type { Extensible } from '@muntin/core';
import { checkOptions, inspect, invalidOption, Latest } from '@muntin/core/internal';
import { type Framed, isFramed } from '../framed.ts';
import type { MountState } from '../lifecycle.ts';
import { readBounds } from '../size/bounds.ts';
import type { Sized, SizeUse } from '../size/size.ts';
import { Sizer } from '../size/sizer.ts';
import { greetings, heightIn } from './messages.ts';

/** Options of {@link legacySize}. Pixels are CSS pixels of the page inside, without borders. */
export interface LegacySizeOptions {
  /** The least height, which the frame also has until the page has told its own. @defaultValue 0 */
  readonly minPx?: number;
  /** The greatest height: what is higher scrolls. @defaultValue 20_000 */
  readonly maxPx?: number;
}

/** What {@link legacySize} makes, for `use`. */
export type LegacySizeUse = SizeUse;

// A script that loads late has not heard what was said before.
const againMs = 500;
const mostGreetings = 20;

interface Pinned extends Framed {
  readonly origin: string;
}

/**
 * Makes frames as high as pages say that still have the script of iframe-resizer 4 or open-iframe-resizer 2 in them, and nothing of Muntin:
 * `use: [legacySize()]` in `attach` or `mount`. Only messages of that frame's window and of exactly the pinned origin count; what they say is checked, bounded and applied
 * as by `size`. Throws `INVALID_OPTION`; for guests without a frame or an origin that is reported as an uncaught error, and the guest goes on.
 */
export function legacySize(options: LegacySizeOptions = {}): LegacySizeUse {
  checkOptions('legacySize', options, { minPx: 'number', maxPx: 'number' });
  const height = readBounds('minPx', options.minPx, 'maxPx', options.maxPx);
  const sized = new WeakMap<object, Sized>();
  return Object.freeze({
    'muntin.install': (endpoint: Extensible['muntin.endpoint']) => {
      // The page knows nothing of what `size` tells a guest.
      const sizer = new Sizer({ height, width: undefined }, { fit: () => undefined, blame: () => Promise.resolve('') });
      sized.set(endpoint, sizer.sized);
      // The mount is made in this turn, or has thrown.
      queueMicrotask(() => {
        const { owner } = endpoint;
        if (isFramed(owner) && hasOrigin(owner)) return follow(owner, sizer);
        sizer.end();
        if (owner !== undefined)
          throw invalidOption('legacySize is for guests in frames with an origin: use it with mount() or attach()');
      });
    },
    of(widget: Extensible): Sized {
      const found = sized.get(widget?.['muntin.endpoint']);
      if (found === undefined) throw invalidOption(`of was given ${inspect(widget)}: give a mount that uses this`);
      return found;
    },
  });
}

function hasOrigin(owner: Framed): owner is Pinned {
  return 'origin' in owner && owner.origin !== 'null';
}

/** For as long as the mount is there, whatever its state: the page is no guest. */
function follow({ frame, state$, origin }: Pinned, sizer: Sizer): void {
  let view = frame.ownerDocument.defaultView ?? window;
  const documents = new Latest<MountState>({ name: 'loading' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [hasLoaded, isHeard] = [false, false];
  const greet = (left: number): void => {
    clearTimeout(timer);
    if (left === 0) return;
    timer = setTimeout(() => greet(left - 1), againMs);
    // A document that can be read is still the blank one.
    if (frame.contentDocument !== null) return;
    for (const greeting of greetings) frame.contentWindow?.postMessage(greeting, origin);
  };
  const receive = ({ isTrusted, source, origin: from, data }: MessageEvent): void => {
    if (!isTrusted || source !== frame.contentWindow || from !== origin) return;
    const height = heightIn(data);
    if (height === undefined) return;
    clearTimeout(timer);
    isHeard = true;
    sizer.report([height, 0]);
  };
  const loaded = (): void => {
    // It may have been moved into another window, whose page it then speaks to.
    view.removeEventListener('message', receive);
    view = frame.ownerDocument.defaultView ?? window;
    view.addEventListener('message', receive);
    // A frame that was there before may show a page that has spoken before all of it has come.
    if (hasLoaded || !isHeard) {
      documents.set({ name: 'loading' });
      greet(mostGreetings);
    }
    hasLoaded = true;
  };
  sizer.begin({ frame, state$: documents.changes$ });
  view.addEventListener('message', receive);
  frame.addEventListener('load', loaded);
  greet(mostGreetings);
  state$.subscribe({
    complete: () => {
      clearTimeout(timer);
      view.removeEventListener('message', receive);
      frame.removeEventListener('load', loaded);
      documents.end();
    },
  });
}
