import { checkOptions, inspect, invalidOption } from '@muntin/core/internal';
import { type Framed, requireFrame } from '../framed.ts';
import { leave } from './leaving.ts';

type Styles = readonly (readonly [name: string, value: string, priority: string])[];

/** A parked frame: what it is styled with, and was before. */
interface Parked {
  readonly styles: readonly (readonly [name: string, value: string, before: string, priority: string])[];
  readonly wasInert: boolean;
  /** Told when the mount is over: an attached frame stays. */
  readonly over: ReturnType<Framed['state$']['subscribe']>;
}

const parked = new WeakMap<HTMLIFrameElement, Parked>();

/**
 * Hides a guest and lets it live on: its document, its session and its scroll positions stay. Its frame takes no place in the page, keeps its size in
 * pixels, and is `inert`: neither the pointer, nor Tab, nor assistive technology reaches it. Its state is saved (`state` of `@muntin/host/state`). Returns
 * the mount, and does nothing to one that is parked already, or over. Throws `INVALID_OPTION`.
 */
export function park<W extends Framed>(widget: W): W {
  requireFrame('park', widget);
  const { frame } = widget;
  // As they are styled: without transforms, and as `box-sizing` has it.
  const { width, height } = getComputedStyle(frame);
  return hide(widget, [
    ['width', width, ''],
    ['height', height, ''],
  ]);
}

/** Parks a guest with these sizes. */
export function hide<W extends Framed>(widget: W, sizes: Styles): W {
  const { frame, state, state$ } = widget;
  const { style } = frame;
  if (parked.has(frame) || state.name === 'unmounted') return widget;
  const during: Styles = [
    // Not `display: none`, which loses scroll positions in Chromium; and a guest that is resized lays itself out anew.
    ['visibility', 'hidden', 'important'],
    ['position', 'fixed', 'important'],
    ['top', '0px', 'important'],
    ['left', '0px', 'important'],
    ...sizes,
  ];
  parked.set(frame, {
    styles: during.map(([name, value]) => [name, value, style.getPropertyValue(name), style.getPropertyPriority(name)]),
    wasInert: frame.hasAttribute('inert'),
    over: state$.subscribe({ complete: () => void resume(widget) }),
  });
  if (isActive(frame)) takeFocusFrom(frame);
  frame.toggleAttribute('inert', true);
  for (const one of during) style.setProperty(...one);
  void leave(widget);
  return widget;
}

/** Shows a parked guest again, where its frame is. Returns the mount, and does nothing to one that is not parked. Throws `INVALID_OPTION`. */
export function resume<W extends Framed>(widget: W): W {
  requireFrame('resume', widget);
  const { frame } = widget;
  const was = parked.get(frame);
  if (was === undefined) return widget;
  parked.delete(frame);
  was.over.unsubscribe();
  frame.toggleAttribute('inert', was.wasInert);
  // What somebody else has set meanwhile, such as the size that the guest has now, stays.
  for (const [name, value, ...before] of was.styles)
    if (frame.style.getPropertyValue(name) === value) frame.style.setProperty(name, ...before);
  return widget;
}

/** Whether a guest is parked. */
export function isParked({ frame }: Framed): boolean {
  return parked.has(frame);
}

function isActive(frame: HTMLIFrameElement): boolean {
  const root = frame.getRootNode();
  return 'activeElement' in root && root.activeElement === frame;
}

/**
 * Takes the focus out of a frame, and leaves it where that is, so that Tab goes on from there. In WebKit `blur` of a frame, and `focus` of its window, do not.
 */
function takeFocusFrom(frame: HTMLIFrameElement): void {
  const place = frame.ownerDocument.createElement('span');
  place.tabIndex = -1;
  frame.before(place);
  place.focus({ preventScroll: true });
  place.remove();
}

/** Options of {@link keepAlive}. */
export interface KeepAliveOptions {
  /** How many guests are shown at most, from 1; `Infinity` is allowed. */
  readonly max: number;
  /**
   * How many are parked at most. Of more, the one that was used least recently is asked for its state and unmounted: mount it again when it is wanted.
   * @defaultValue Infinity
   */
  readonly maxParked?: number;
}

/** Guests of which the last used are shown. */
export interface KeepAlive {
  /** Shows a guest, which is now the last used. Where there are too many, the one that was used least recently is parked. */
  show(widget: Framed): void;
  /** The guests, the last used first; those that are over are not in it. */
  readonly widgets: readonly Framed[];
}

/** Keeps so many guests shown, parks the others, and may unmount the rest. Throws `INVALID_OPTION`. */
export function keepAlive(options: KeepAliveOptions): KeepAlive {
  checkOptions('keepAlive', options, { max: 'number', maxParked: 'number' });
  const { max, maxParked = Infinity } = options;
  if (!(max >= 1)) throw invalidOption(`max is ${inspect(max)}: give how many guests are shown, from 1`);
  if (!(maxParked >= 0))
    throw invalidOption(`maxParked is ${inspect(maxParked)}: give how many guests are parked, from 0`);
  let used: readonly Framed[] = [];
  const alive = (): readonly Framed[] => {
    used = used.filter(({ state }) => state.name !== 'unmounted');
    return used;
  };
  return Object.freeze({
    show(widget: Framed): void {
      requireFrame('show', widget);
      if (widget.state.name === 'unmounted') return;
      used = [widget, ...alive().filter(({ frame }) => frame !== widget.frame)];
      resume(widget);
      for (const other of used.slice(max)) park(other);
      const gone = used.slice(max + maxParked);
      used = used.slice(0, max + maxParked);
      // It may be shown again while it is asked.
      for (const other of gone) void evict(other, () => !used.some(({ frame }) => frame === other.frame));
    },
    get widgets() {
      return alive();
    },
  });
}

async function evict(widget: Framed, isStillOver: () => boolean): Promise<void> {
  await leave(widget);
  if (isStillOver()) await widget.unmount();
}
