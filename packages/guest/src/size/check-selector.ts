import { inspect, invalidOption } from '@muntin/core/internal';

// Production builds have this without a body: see scripts/production.mjs.

/** Throws `INVALID_OPTION` for what is no CSS selector. On a server, which has no document, whoever renders is believed. */
export function checkSelector(of: unknown): void {
  if (of === undefined) return;
  try {
    if (typeof of === 'string') {
      if (typeof document !== 'undefined') document.createDocumentFragment().querySelector(of);
      return;
    }
  } catch {
    // It is none.
  }
  throw invalidOption(`of is ${inspect(of)}: give a CSS selector, as in "#root"`);
}
