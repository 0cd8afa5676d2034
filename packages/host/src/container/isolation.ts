import { inspect } from '@muntin/core/internal';
import { ownOrigins } from '../address.ts';

// What whoever develops reads about a guest that is not kept apart. Production builds have it without a body: see scripts/production.mjs.

/** What a guest of ours does to its own frame where it can read this page's document: only then is there a frame for it. */
const told = 'muntin-not-isolated';

// By container: what ends it.
const watches = new WeakMap<object, () => void>();

/**
 * Proves the isolation of what a frame shows, each time it has loaded: tries its document from here, and hears whether the guest could read
 * this page's. Where either succeeds, one line in the console for each document says so, and what has let it.
 */
export function watchIsolation(owner: object, frame: HTMLIFrameElement, origin: string): void {
  const seen = new WeakSet<Document>();
  const prove = ({ type }: Event): void => {
    const document = documentIn(frame);
    // Nothing has loaded, or a policy has blocked it: the blank page in its place has this page's origin.
    if (document === undefined || document.URL === 'about:blank' || seen.has(document)) return;
    seen.add(document);
    const what = type === told ? 'the guest can read the document of this page' : 'this page can read its document';
    console.error(
      `Muntin: the guest of ${inspect(origin)} is not isolated: ${what}, which is at ${inspect(withoutQuery(type === told ? self.document.URL : document.URL))}. ${culpritOf(frame, document)}. See docs/guide/origins.md#isolation-is-proved-while-you-develop`,
    );
  };
  frame.addEventListener('load', prove);
  frame.addEventListener(told, prove);
  watches.set(owner, () => {
    frame.removeEventListener('load', prove);
    frame.removeEventListener(told, prove);
  });
}

/** The mount is over. */
export function unwatchIsolation(owner: object): void {
  watches.get(owner)?.();
}

/** The document, where the browser gives it to this page. */
function documentIn(frame: HTMLIFrameElement): Document | undefined {
  try {
    return frame.contentDocument ?? undefined;
  } catch {
    return undefined;
  }
}

/** Which part of the policy has let it. */
function culpritOf(frame: HTMLIFrameElement, document: Document): string {
  const isOwn = ownOrigins().includes(document.defaultView?.origin ?? '');
  // In a sandbox nobody can set it (HTML Standard, "sandboxed document.domain browsing context flag").
  if (!isOwn)
    return 'Its origin is another one, so both have set "document.domain", or this browser runs without the same-origin policy: do neither';
  if (!frame.hasAttribute('sandbox'))
    return "The frame has no sandbox, and what it shows has this page's own origin: serve the guest from another origin";
  return 'The sandbox has the token "allow-same-origin", and what the frame shows has this page\'s own origin: serve the guest from another origin, let nothing of it be redirected here, or mount it with opaque: true';
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*/, '');
}
