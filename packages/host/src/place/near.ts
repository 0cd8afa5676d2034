import { MuntinError } from '@muntin/core';
import { checkOptions, inspect, invalidOption, requirePage } from '@muntin/core/internal';
import type { Framed } from '../framed.ts';
import { hide, isParked, park, resume } from './park.ts';

/** Options of {@link near}. */
export interface NearOptions {
  /** How near, in CSS pixels from 0 to 1,000,000. Where this page is itself in a frame of another origin, browsers take 0. @defaultValue 200 */
  readonly marginPx?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** What browsers know beside the DOM types: the margin also within elements that scroll. */
interface ScrollMargin extends IntersectionObserverInit {
  readonly scrollMargin: string;
}

/**
 * Waits until an element comes near to what is in view, so that a guest is mounted then: `await near(slot); mount(…, { into: slot })`. An element without
 * a box (`display: none`, or not in the page) is not near. Rejects with `CALL_CANCELLED` when the signal fires, and with `INVALID_OPTION`.
 */
export function near(element: Element, options: NearOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    requirePage('near()');
    if (!isElement(element)) throw invalidOption(`element is ${inspect(element)}: give an element`);
    checkOptions('near', options, { marginPx: 'number', signal: 'signal' });
    const { marginPx = 200, signal } = options;
    // With more, browsers leave the range of their own numbers, and find nothing near.
    if (!(marginPx >= 0 && marginPx <= 1_000_000))
      throw invalidOption(`marginPx is ${inspect(marginPx)}: give pixels from 0 to 1000000`);
    const margin = `${marginPx}px`;
    const init: ScrollMargin = { rootMargin: margin, scrollMargin: margin };
    const end = (): void => {
      observer.disconnect();
      signal?.removeEventListener('abort', cancel);
    };
    const cancel = (): void => {
      end();
      reject(new MuntinError('CALL_CANCELLED', 'The signal of near() fired', { cause: signal?.reason }));
    };
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      end();
      resolve();
    }, init);
    if (signal?.aborted === true) return cancel();
    signal?.addEventListener('abort', cancel);
    observer.observe(element);
  });
}

/** Also of another window: `instanceof` knows those of this one only. */
function isElement(element: Partial<Node> | null | undefined): boolean {
  return element?.nodeType === 1;
}

/** A guest that is mounted once, when it is first wanted. */
export interface Prefetched<W extends Framed> {
  /** Mounts the guest, parked: it loads, and is not seen. Does nothing the second time. */
  load(): W;
  /** Shows the guest, which loads now if it has not yet. */
  show(): W;
}

/**
 * Loads a guest before it is shown, and once: `const news = prefetch(() => mount(…))`, `news.load()` when it is likely to be wanted, and `news.show()` when it is.
 * After it was unmounted, it is mounted anew.
 */
export function prefetch<W extends Framed>(mount: () => W): Prefetched<W> {
  if (typeof mount !== 'function')
    throw invalidOption(`mount is ${inspect(mount)}: give a function that mounts the guest`);
  let widget: W | undefined;
  const get = (isShown: boolean): W => {
    if (widget !== undefined && widget.state.name !== 'unmounted') return widget;
    const made = mount();
    widget = made;
    if (isShown) return made;
    // Extensions, such as `size`, style a frame when this turn is over: with the size that it has then it is parked.
    queueMicrotask(() => {
      if (isParked(made)) park(resume(made));
    });
    return hide(made, []);
  };
  return Object.freeze({ load: () => get(false), show: () => resume(get(true)) });
}
