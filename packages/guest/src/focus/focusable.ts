import type { Use } from '@muntin/core';
import { type FocusRequest, focusing } from '@muntin/core/focus';
import { tabbable } from 'tabbable';
import { hasStates } from '../owner.ts';
import { findPlace, placeOf } from './element-place.ts';

// A page that draws itself with a framework has its elements some time after it is ready.
const longestWaitMs = 2000;

/**
 * Lets a host that uses `focusable` of `@muntin/host/focus` put the focus to the first or the last element that Tab reaches here, or to the one that had it, also
 * after this page was loaded anew: `use: [focusable()]` in `expose`. Elements are known again by their `id`, or by their place in the document.
 */
export function focusable(): Use {
  return focusing.onGuest((connected) => {
    let last: Element | undefined;
    const note = (): void => {
      last = activeElement() ?? last;
    };
    const leave = (): void => {
      const active = document.hasFocus() ? activeElement() : undefined;
      if (active !== undefined) connected.client.left(placeOf(active));
    };
    // Before what says goodbye listens, and so before the session is over.
    addEventListener('pagehide', leave);
    document.addEventListener('focusin', note);
    queueMicrotask(() => {
      if (!hasStates(connected.owner)) return;
      connected.owner.state$.subscribe({
        complete: () => {
          removeEventListener('pagehide', leave);
          document.removeEventListener('focusin', note);
        },
      });
    });
    return {
      where: () => {
        const active = activeElement();
        return active === undefined ? '' : placeOf(active);
      },
      focus: async ({ to, at }: FocusRequest) => {
        if (to !== 'restore')
          return give(tabbable(document.documentElement, { getShadowRoot: true }).at(to === 'first' ? 0 : -1));
        if (last?.isConnected === true) return give(last);
        return typeof at === 'string' && at !== '' && give(await waitFor(() => findPlace(at)));
      },
    };
  });
}

function give(element: Element | undefined): boolean {
  if (!(element instanceof HTMLElement || element instanceof SVGElement)) return false;
  element.focus();
  return activeElement() === element;
}

/** The element that has the focus, in whichever shadow tree; none where the page itself has it. */
function activeElement(): Element | undefined {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active === null || active === document.body || active === document.documentElement ? undefined : active;
}

/** What is found now, or soon; nothing where a person has chosen another element meanwhile. */
function waitFor(find: () => Element | undefined): Promise<Element | undefined> {
  return new Promise((resolve) => {
    const look = (): void => {
      const found = activeElement() === undefined ? find() : undefined;
      if (found === undefined && activeElement() === undefined) return;
      end(found);
    };
    const end = (found?: Element): void => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(found);
    };
    const observer = new MutationObserver(look);
    const timer = setTimeout(end, longestWaitMs);
    observer.observe(document, { childList: true, subtree: true, attributes: true });
    look();
  });
}
