import type { Evidence, Probe, Scene, Timing } from './evidence.ts';

// Together with loading this part less than what is left of a call's default time when the guest's has run out.
const probeMs = 1000;
const pauseMs = 50;
// The browser keeps so many entries by default (Resource Timing, 4.2), and drops later ones.
const mostEntries = 250;

/** Collects what the platform shows about a guest that did not connect. It never rejects. */
export async function gather(scene: Scene, probes: boolean): Promise<Evidence> {
  const { address, origin, since } = scene;
  const url = address === undefined ? undefined : new URL(address, location.href);
  return {
    engineHidesBlocked: hidesBlocked(),
    timing: scene.what === 'frame' && url !== undefined ? timingOf(url.href, 'iframe', since) : 'unknown',
    isMixed: url?.protocol === 'http:' && location.protocol === 'https:' && !isLoopback(url.hostname),
    isOffline: !navigator.onLine && url !== undefined && !isLoopback(url.hostname),
    isIsolated: globalThis.crossOriginIsolated,
    probe: probes && url !== undefined ? await probe(url, origin) : undefined,
  };
}

/** Chromium and WebKit show no times of a document that they have fetched and do not show; Firefox does. */
function hidesBlocked(): boolean {
  return !('InstallTrigger' in globalThis) && !('mozInnerScreenX' in globalThis);
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(name);
}

/** What all entries of an address since a moment agree on. */
function timingOf(href: string, initiator: string, since: number): Timing {
  const all = performance.getEntriesByType('resource');
  const wanted = href.replace(/#.*$/, '');
  const found = all.filter(
    (entry): entry is PerformanceResourceTiming =>
      entry instanceof PerformanceResourceTiming &&
      entry.initiatorType === initiator &&
      entry.name.replace(/#.*$/, '') === wanted &&
      entry.startTime >= since,
  );
  if (found.length === 0) return all.length < mostEntries ? 'none' : 'unknown';
  const open = found.filter(({ responseStart }) => responseStart > 0).length;
  if (open === 0) return 'closed';
  // Other frames may show the same page. Of what was fetched, Chromium hides the times of what a page may not read, whatever the server allows.
  return open === found.length || initiator === 'fetch' ? 'open' : 'unknown';
}

/** Asks the server of the guest: whether it can be reached, and, if it lets this page read that, what it answers. */
async function probe(url: URL, origin: string): Promise<Probe> {
  const since = performance.now();
  let isBlocked = false;
  const onBlocked = ({ effectiveDirective, disposition }: SecurityPolicyViolationEvent): void => {
    isBlocked ||= disposition === 'enforce' && effectiveDirective === 'connect-src';
  };
  document.addEventListener('securitypolicyviolation', onBlocked);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), probeMs);
  const ask = async (mode: RequestMode): Promise<Response | 'late' | undefined> => {
    try {
      return await fetch(url, {
        mode,
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'strict-origin',
        signal: controller.signal,
      });
    } catch {
      return controller.signal.aborted ? 'late' : undefined;
    }
  };
  // One after the other would take twice as long, and both are gone together.
  const [readable, opaque] = await Promise.all([ask('cors'), ask('no-cors')]);
  if (readable instanceof Response) void readable.arrayBuffer().catch(() => undefined);
  // The event is a task of its own.
  await new Promise((resolve) => setTimeout(resolve));
  document.removeEventListener('securitypolicyviolation', onBlocked);
  // Browsers write an answer down when all of it has come; one that takes longer than this part may is not waited for.
  const timing = readable instanceof Response ? await timingOnceWritten(url.href, since) : 'unknown';
  clearTimeout(timer);
  controller.abort();
  if (!(readable instanceof Response)) {
    const isKnown = opaque !== 'late' && !isBlocked && (opaque !== undefined || !(await isEmbedderStrict()));
    return { isReached: isKnown ? opaque !== undefined : undefined, timing };
  }
  const to = readable.redirected ? new URL(readable.url).origin : origin;
  const headers = readable.headers;
  const csp = headers.get('content-security-policy') ?? '';
  const forbids = whatForbids(csp, headers.get('x-frame-options'), origin);
  const sandbox = directiveOf(csp, 'sandbox');
  return {
    isReached: true,
    status: readable.status,
    timing,
    ...(to === origin ? {} : { redirectedTo: to }),
    ...(forbids === undefined ? {} : { forbids }),
    ...(sandbox === undefined ? {} : { sandbox }),
  };
}

async function timingOnceWritten(href: string, since: number): Promise<Timing> {
  let last: Timing = 'none';
  while (performance.now() < since + probeMs) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const timing = timingOf(href, 'fetch', since);
    // One of two answers may be written down before the other.
    if (timing === 'open' || (timing === 'closed' && last === 'closed')) return timing;
    last = timing;
  }
  return last;
}

/** A page with an embedder policy gets nothing of a server that does not allow it: no answer means nothing there. */
async function isEmbedderStrict(): Promise<boolean> {
  try {
    const own = await fetch(location.href, { method: 'HEAD', signal: AbortSignal.timeout(probeMs) });
    return own.headers.get('cross-origin-embedder-policy') !== null;
  } catch {
    return true; // nobody knows
  }
}

function directiveOf(policy: string, name: string): string | undefined {
  const found = policy
    .split(/[;,]/)
    .map((part) => part.trim())
    .find((part) => part === name || part.startsWith(`${name} `));
  return found?.slice(name.length).trim();
}

/** The header by which a guest forbids this page to frame it, where that is certain. A policy with `frame-ancestors` makes the older header void. */
export function whatForbids(
  csp: string,
  frameOptions: string | null,
  origin: string,
  host: string = self.origin,
): string | undefined {
  const ancestors = directiveOf(csp, 'frame-ancestors');
  if (ancestors !== undefined)
    return ancestors.split(/\s+/).some((source) => mayMatch(source.toLowerCase(), host, origin))
      ? undefined
      : `Content-Security-Policy: frame-ancestors ${ancestors}`;
  const value = frameOptions?.trim().toUpperCase();
  return value === 'DENY' || (value === 'SAMEORIGIN' && host !== origin) ? `X-Frame-Options: ${value}` : undefined;
}

/** Whether a source of a policy may mean an origin: what is not certain may. */
function mayMatch(source: string, host: string, self: string): boolean {
  if (source === "'none'" || source === '') return false;
  if (source === "'self'") return host === self;
  const { protocol, hostname } = new URL(host);
  if (source === '*' || source === protocol) return true;
  const name = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/:]*)/.exec(source)?.[1] ?? '';
  return name.startsWith('*.') ? hostname.endsWith(name.slice(1)) : name === hostname;
}
