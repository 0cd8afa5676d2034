import type { ErrorCode } from '@muntin/core';
import type { Case, Evidence, Probe, Scene } from './evidence.ts';

/** Why a guest did not connect: a code, and a text that ends with the remedy. */
export interface Finding {
  readonly code: ErrorCode;
  readonly text: string;
}

// Each has evidence of its own, by which the mount would have failed before its time was over.
const alwaysRuledOut = [
  "this page's own Content-Security-Policy",
  'a sandbox attribute without scripts',
  'another origin, version or contract that said hello',
];

/** What the evidence allows to say, and nothing else. Pure: `gather` has the evidence. */
export function conclude(scene: Scene, facts: Case, evidence: Evidence): Finding {
  return (
    fromHello(scene, facts) ??
    fromGuest(scene, facts) ??
    fromServer(scene, facts, evidence) ??
    notCertain(scene, facts, evidence)
  );
}

/** Its own: a chunk that needs another file of the page's makes bundlers split that one off. */
const quote = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
const guestOf = ({ origin }: Scene): string => `guest of ${quote(origin)}`;

function fromHello(scene: Scene, { seen, timeoutMs, wasReady }: Case): Finding | undefined {
  const guest = guestOf(scene);
  if (seen.hellos > 0)
    return {
      code: 'PEER_UNRESPONSIVE',
      text: `The ${guest} said hello, and did not react to its welcome in time: its script is busy; make it yield, or raise giveUpMs`,
    };
  if (wasReady)
    return {
      code: 'PEER_NAVIGATED',
      text: `The ${guest} left, and nothing in its ${scene.what} has said hello within ${timeoutMs} ms: it went to another page, or to one without expose(); call expose() there too, or reload() the mount`,
    };
  return undefined;
}

function fromGuest(scene: Scene, { seen }: Case): Finding | undefined {
  if (!seen.hasThrown) return undefined;
  return {
    code: 'GUEST_SCRIPT_FAILED',
    text: `A script of the ${guestOf(scene)} has thrown before expose() was called: see the console of its ${scene.what}, and mend the script`,
  };
}

/** What depends on who asks, and is no proof about the document in the frame, which may have asked with cookies. */
const isAboutWho = (status: number): boolean => [401, 403, 407, 429].includes(status);

function fromServer(scene: Scene, facts: Case, evidence: Evidence): Finding | undefined {
  const { probe, isOffline, isMixed } = evidence;
  const guest = guestOf(scene);
  if (isMixed)
    return {
      code: 'GUEST_NOT_LOADED',
      text: `The ${guest} is on plain http, and browsers do not show it in this https page: serve it over https`,
    };
  if (isOffline)
    return {
      code: 'GUEST_UNREACHABLE',
      text: `This browser is offline: reload() the mount when it is back, or give reconnect`,
    };
  if (probe === undefined) return undefined;
  const { isReached, status, redirectedTo, forbids, sandbox } = probe;
  if (isReached === false && !hasAnswered(scene, facts, evidence))
    return {
      code: 'GUEST_UNREACHABLE',
      text: `Nothing answers for the ${guest}: a request of this page failed, too. ${doubtAbout(scene, facts, evidence)}Start its server, or correct the host name and port of url`,
    };
  if (redirectedTo !== undefined)
    return {
      code: 'GUEST_ORIGIN_MISMATCH',
      text: `The ${guest} is redirected to ${quote(redirectedTo)}: give the url that it is redirected to, if that is meant`,
    };
  if (status !== undefined && status >= 400 && !isAboutWho(status))
    return {
      code: 'GUEST_ERROR_STATUS',
      text: `The server of the ${guest} answers with the status ${status}: correct url, or mend the server`,
    };
  if (scene.what === 'frame' && forbids !== undefined)
    return {
      code: 'GUEST_FORBIDS_FRAMING',
      text: `The ${guest} forbids this page to frame it (${quote(forbids)}): name ${quote(self.origin)} in its frame-ancestors, and send no X-Frame-Options`,
    };
  if (sandbox !== undefined && !/(^|\s)allow-scripts(\s|$)/i.test(sandbox))
    return {
      code: 'GUEST_SANDBOXED',
      text: `The Content-Security-Policy of the ${guest} has a sandbox without "allow-scripts", so that no script runs in it: add allow-scripts allow-same-origin to it`,
    };
  return undefined;
}

/** Whether the frame shows that there is a server, whatever it lets this page ask. Firefox has no `load` of a page that nothing answers for. */
function hasAnswered({ what }: Scene, { seen }: Case, { timing, engineHidesBlocked }: Evidence): boolean {
  return what === 'frame' && (timing === 'open' || (seen.loads > 0 && !engineHidesBlocked));
}

/** Chromium has a `load` of its error page as of any other, and the request fails as well where the server shuts this page out. */
function doubtAbout({ what }: Scene, { seen }: Case, { engineHidesBlocked }: Evidence): string {
  return what === 'frame' && (seen.loads === 0 || !engineHidesBlocked)
    ? ''
    : 'Could not tell whether its server is down or shuts this page out: by Cross-Origin-Resource-Policy, without CORS. ';
}

const isFine = (probe: Probe | undefined): boolean =>
  probe?.status !== undefined && probe.status >= 200 && probe.status < 300;

/** Chromium and WebKit hide the times of a document that they were not allowed to show; what else could hide them is ruled out first. */
function isBlockedByTiming({ engineHidesBlocked, timing, probe, isIsolated }: Evidence): boolean {
  return (
    engineHidesBlocked &&
    !isIsolated &&
    isFine(probe) &&
    probe?.timing === 'open' &&
    (timing === 'closed' || timing === 'none')
  );
}

function notCertain(scene: Scene, facts: Case, evidence: Evidence): Finding {
  const { seen, timeoutMs, probes } = facts;
  const { timing, probe, isIsolated, engineHidesBlocked } = evidence;
  const guest = guestOf(scene);
  const isFrame = scene.what === 'frame';
  if (isFrame && seen.loads > 0 && isBlockedByTiming(evidence))
    return {
      code: 'GUEST_FORBIDS_FRAMING',
      text: `The server answers, and the browser does not show the ${guest} in a frame: its headers forbid that; name ${quote(self.origin)} in its frame-ancestors, and send no X-Frame-Options`,
    };
  const isShown = isFrame && seen.loads > 0 && timing === 'open' && engineHidesBlocked;
  const out = [...alwaysRuledOut];
  if (probe?.isReached === true) out.push('a server that is down');
  if (isFine(probe)) out.push('an error status');
  if (isShown) out.push('headers that forbid framing');
  const may: string[] = [];
  if (probe?.isReached !== true && !isShown && !hasAnswered(scene, facts, evidence)) may.push('its server is down');
  if (!isFine(probe)) may.push('it shows an error page');
  if (isFrame && !isShown) may.push('its headers forbid framing (X-Frame-Options, frame-ancestors)');
  if (isIsolated && !isShown)
    may.push(
      'it does not send Cross-Origin-Embedder-Policy and Cross-Origin-Resource-Policy, which this isolated page needs',
    );
  const isSilent = seen.loads > 0 || !isFrame;
  if (isSilent) may.push('its page does not call expose() with this host in "hosts", or its script failed before');
  else may.push('it takes longer than handshakeTimeoutMs');
  const malformed = seen.malformed > 0 ? ` ${seen.malformed} malformed hellos were refused.` : '';
  const what = !isFrame
    ? `No ${guest} has said hello from its window within ${timeoutMs} ms.`
    : isSilent
      ? `The frame loaded, but no ${guest} said hello within ${timeoutMs} ms.`
      : `The frame of the ${guest} had no load event within ${timeoutMs} ms.`;
  const [only] = may;
  const cause = may.length === 1 && only !== undefined ? `So ${only}` : `Could not tell which: ${may.join('; ')}`;
  const remedy = probes
    ? 'look at the network panel of the developer tools for its address'
    : 'give askServer: true to have its server asked, or look at the network panel of the developer tools';
  return {
    code: isSilent ? 'GUEST_SILENT' : 'GUEST_NOT_LOADED',
    text: `${what}${malformed} ${cause}. Ruled out: ${out.join(', ')}. To find out, ${remedy}`,
  };
}
