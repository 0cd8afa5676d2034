import { checkOptions, inspect, invalidOption } from '@muntin/core/internal';
import { type Framed, requireFrame } from '../framed.ts';
import { leave } from './leaving.ts';

type Styles = readonly (readonly [name: string, value: string, priority: string])[];

// What each parked frame was styled with, and with what it was while parked.
const parked = new WeakMap<
  HTMLIFrameElement,
  { readonly before: Styles; readonly during: Styles; readonly wasInert: boolean; stop: () => void }
>();

/**
 * Hides a guest and lets it live on: its document, its session and its scroll positions stay. Its frame takes no place in the page, keeps its size in
 * pixels, and is `inert`: neither the pointer, nor Tab, nor assistive technology reaches it. Its state is saved (`state` of `@muntin/host/state`). Returns
 * the mount, and does nothing to one that is parked already. Throws `INVALID_OPTION`.
 */
export function park<W extends Framed>(widget: W): W {
  requireFrame('park', widget);
  const { frame } = widget;
  if (parked.has(frame)) return widget;
  // As they are styled: without transforms, and as `box-sizing` has it.
  const style = frame.ownerDocument.defaultView?.getComputedStyle(frame);
  return hide(
    widget,
    (['width', 'height'] as const).map((name) => [name, style?.[name] ?? '', '']),
  );
}

/** Parks a guest with these sizes. */
export function hide<W extends Framed>(widget: W, sizes: Styles): W {
  const { frame } = widget;
  const during: Styles = [
    // Not `display: none`, which loses scroll positions in Chromium; and a guest that is resized lays itself out anew.
    ['visibility', 'hidden', 'important'],
    ['position', 'fixed', 'important'],
    ['top', '0px', 'important'],
    ['left', '0px', 'important'],
    ...sizes,
  ];
  const before = during.map(
    ([name]) => [name, frame.style.getPropertyValue(name), frame.style.getPropertyPriority(name)] as const,
  );
  const one = { before, during, wasInert: frame.hasAttribute('inert'), stop: (): void => undefined };
  parked.set(frame, one);
  if (isActive(frame)) takeFocusFrom(frame);
  frame.toggleAttribute('inert', true);
  for (const style of during) frame.style.setProperty(...style);
  void leave(widget);
  // An attached frame stays when its mount is over.
  const subscription = widget.state$.subscribe({ complete: () => void resume(widget) });
  one.stop = () => subscription.unsubscribe();
  return widget;
}

/** Shows a parked guest again, where its frame is. Returns the mount, and does nothing to one that is not parked. Throws `INVALID_OPTION`. */
export function resume<W extends Framed>(widget: W): W {
  requireFrame('resume', widget);
  const { frame } = widget;
  const was = parked.get(frame);
  if (was === undefined) return widget;
  parked.delete(frame);
  was.stop();
  frame.toggleAttribute('inert', was.wasInert);
  for (const [index, [name, value]] of was.during.entries()) {
    const [, ...before] = was.before[index] ?? [name, '', ''];
    // What somebody else has set meanwhile, such as the size that the guest has now, stays.
    if (frame.style.getPropertyValue(name) === value) frame.style.setProperty(name, ...before);
  }
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
