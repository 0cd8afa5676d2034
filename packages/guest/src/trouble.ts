import type { MuntinError } from '@muntin/core';
import { pageOf } from '@muntin/core/internal';

// What helps whoever develops a guest. Production builds have it without a body: see scripts/production.mjs.

/**
 * Whether this page may tell whoever embeds it why there is no guest: by the option, `<meta name="muntin-debug">`, or
 * `localStorage['muntin.debug']`. Otherwise nobody but the pages in `hosts` learns that it is a guest at all.
 */
function mayTell(debug: boolean | undefined): boolean {
  if (debug !== undefined) return debug;
  if (globalThis.document?.querySelector?.('meta[name=muntin-debug]')) return true;
  try {
    return typeof globalThis.localStorage?.getItem('muntin.debug') === 'string';
  } catch {
    return false; // a page whose storage is closed
  }
}

/** One word without data, to exactly the origin that embeds this page, where the browser tells it. */
function tell(why: 'refused' | 'threw'): void {
  if (typeof window !== 'object' || window.parent === window) return;
  const embedder = window.location.ancestorOrigins?.[0];
  if (embedder !== undefined && embedder !== 'null') window.parent.postMessage({ muntin: 'trouble', why }, embedder);
}

function onError(event: Event): void {
  if (event instanceof ErrorEvent && mayTell(undefined)) tell('threw');
}

// What is thrown between the loading of this module and the first `expose`.
if (typeof window === 'object' && typeof window.addEventListener === 'function')
  window.addEventListener('error', onError);

/** `expose` was called, and did not throw. */
export function booted(): void {
  if (typeof window === 'object' && typeof window.removeEventListener === 'function')
    window.removeEventListener('error', onError);
  proveIsolation();
}

/**
 * Tries the document of the page that embeds this one. Where that can be read, the frame that this page is in can be reached, too: the mount,
 * which listens there, is told, and says what has let it.
 */
function proveIsolation(): void {
  if (typeof window !== 'object' || window.parent === window) return;
  try {
    if (window.parent.document.URL === '') return;
  } catch {
    return; // as it is to be
  }
  window.frameElement?.dispatchEvent(new Event('muntin-not-isolated'));
}

/** There is no host for this guest. */
export function refused({ code, message }: MuntinError, debug: boolean | undefined): void {
  if (code !== 'HOST_NOT_ALLOWED') return;
  console.error(`Muntin: this guest has no host: ${code}. ${message}. See ${pageOf(code)}`);
  if (mayTell(debug)) tell('refused');
}
