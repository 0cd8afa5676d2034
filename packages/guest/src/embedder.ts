import { MuntinError, type Origin } from '@muntin/core';
import { type HostEndpoint, inspect, windowHost } from '@muntin/core/internal';

/**
 * The origins to say hello to: the embedder's, where the browser tells it; else each that is allowed, for a port that is posted to
 * another origin than the given one is delivered to nobody. Throws `NOT_EMBEDDED` and `HOST_NOT_ALLOWED`.
 *
 * `location.ancestorOrigins` (HTML Standard, the Location interface) is right also in sandboxed frames; some browsers lack it, and Firefox
 * says `null` where the frame has the referrer policy `no-referrer`.
 */
export function findHosts(window: Window, hosts: readonly Origin[]): readonly Origin[] {
  if (window.parent === window)
    throw new MuntinError(
      'NOT_EMBEDDED',
      'This page is not in a frame: open it through its host, or give "standalone" to develop it alone',
    );
  const embedder = window.location.ancestorOrigins?.[0];
  if (embedder === undefined || embedder === 'null') return hosts;
  const found = hosts.filter((host) => host === embedder);
  if (found.length > 0) return found;
  const text = `${inspect(embedder)} embeds this guest of ${inspect(window.location.origin)}, which allows ${hosts.map(inspect).join(', ')} only`;
  throw new MuntinError('HOST_NOT_ALLOWED', `${text}: add it to "hosts" if it is trusted`);
}

/** The page whose frame this is. Throws as {@link findHosts} does. */
export function findParent(window: Window, hosts: readonly Origin[]): HostEndpoint {
  return windowHost(window.parent, findHosts(window, hosts), findSecret(window));
}

/** What a host gives a document with an opaque origin to be known by: in the fragment of its address, or in its text. */
function findSecret({ document, location }: Window): string | undefined {
  return (
    document.querySelector<HTMLMetaElement>('meta[name=muntin]')?.content ?? /^#muntin=(.*)/.exec(location.hash)?.[1]
  );
}
