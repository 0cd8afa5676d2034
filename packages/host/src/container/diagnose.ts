import { MuntinError } from '@muntin/core';
import { type Seen, show } from '@muntin/core/internal';

// Each has evidence of its own, by which the mount would have failed before its time was over.
const ruledOut =
  "Ruled out: this page's own policy, a sandbox without scripts, a redirect to another origin that says hello, another version or contract";

// A browser does not say that it has blocked a page for what it does not send.
const isolated =
  ' This page is isolated: the guest must send Cross-Origin-Embedder-Policy and Cross-Origin-Resource-Policy, or be credentialless.';

/** Why a guest did not connect in time: the code that the evidence allows, and what was ruled out. `wasReady`: it was there before. */
export function diagnose(seen: Seen, origin: string, timeoutMs: number, wasReady: boolean): MuntinError {
  const within = `within ${timeoutMs} ms`;
  const guest = `guest of ${show(origin)}`;
  if (seen.hellos > 0) {
    const text = `The ${guest} said hello, and did not react to its welcome ${within}: is it busy?`;
    return new MuntinError('PEER_UNRESPONSIVE', text);
  }
  if (wasReady) {
    const text = `The ${guest} left, and nothing in the frame has said hello ${within}: it went to another page, or to one without expose()`;
    return new MuntinError('PEER_NAVIGATED', text);
  }
  // Node has no such name.
  const hint = globalThis.crossOriginIsolated ? isolated : '';
  if (seen.loads === 0) {
    const text = `The frame of the ${guest} had no load event ${within}: is the server up?${hint} ${ruledOut}`;
    return new MuntinError('GUEST_NOT_LOADED', text);
  }
  const malformed = seen.malformed > 0 ? ` (${seen.malformed} malformed hellos were refused)` : '';
  return new MuntinError(
    'GUEST_SILENT',
    `The frame loaded, but no ${guest} said hello ${within}${malformed}. It shows an error page (browsers say "loaded" for those, too), or its page does not call expose() with this host in "hosts", or it forbids framing (X-Frame-Options, frame-ancestors): the browser does not say which.${hint} ${ruledOut}`,
  );
}
