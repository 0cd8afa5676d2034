import { type Origin, type OriginOptions, parseOrigin } from '@muntin/core';
import { inspect, invalidOption } from '@muntin/core/internal';

/** The pin. A guest on the host's own origin could take its sandbox off and reach everything of the host. */
export function readForeignOrigin(text: string, options: OriginOptions): Origin {
  const origin = parseOrigin(text, options);
  if (!ownOrigins().includes(origin)) return origin;
  throw invalidOption(
    `${inspect(origin)} is the host's own origin: a guest there could not be kept apart; serve it from another one`,
  );
}

/**
 * The origins that this page has, or that surround it. `location` has another one in `about:srcdoc` and `about:blank`, which inherit
 * theirs (HTML Standard, origin of a document). A page whose origin is opaque is part of the pages around it, as far as they show.
 */
export function ownOrigins(page: Pick<Window, 'origin' | 'location'> = self): readonly string[] {
  if (page.origin !== 'null') return [page.origin];
  return [page.location.origin, ...Array.from(page.location.ancestorOrigins ?? [])];
}

/** The address of a guest; relative to the page where it is relative. Throws `INVALID_OPTION`. */
export function readUrl(url: unknown): URL {
  const found = (typeof url === 'string' && url.trim() !== '') || url instanceof URL ? tryUrl(url) : undefined;
  // Nothing is this page, and what has no origin of its own, such as `data:`, is nobody's.
  if (found === undefined || found.origin === 'null')
    throw invalidOption(`url is ${inspect(url)}: give an address such as "https://widgets.example/ticker/"`);
  return found;
}

/** The same, or `undefined` where it is none. */
export function tryUrl(url: string | URL): URL | undefined {
  try {
    return new URL(url, location.href);
  } catch {
    return undefined;
  }
}
