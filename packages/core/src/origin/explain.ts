import { inspect, invalidOption } from '../errors.ts';
import { loadSiteOf, type SiteOf } from './site.ts';

/** What a document of one origin may want to do with another origin. */
export type OriginPower =
  /** Reach into the document of the other, in a frame or a window. */
  | 'readDocument'
  /** Use the same `localStorage`, `indexedDB` and caches. */
  | 'shareStorage'
  /** See a cookie that the other has set. */
  | 'shareCookies'
  /** Read what a `fetch` of the other answers. */
  | 'readResponse'
  /** Run a script of the other in its own page: the script gets all that the page has. */
  | 'runScript'
  /** Show a document of the other in a frame. */
  | 'frame'
  /** Post a message that only the other can get. */
  | 'message';

/** `yes`; `no`; `ifGranted`: only when the other side says so; `unlessRefused`: until it says no. `how` names the word it says. */
export type Consent = 'yes' | 'unlessRefused' | 'ifGranted' | 'no';

/** Whether something may be done, and why. */
export interface Power {
  readonly may: Consent;
  /** One sentence for people. */
  readonly how: string;
}

/** One side of the comparison. */
export interface OriginFacts {
  /** As it was given. */
  readonly given: string;
  /** Scheme, host and port in canonical form; `'null'` for an opaque origin, which equals nothing, not even itself. */
  readonly origin: string;
  /** Why the origin is opaque; `undefined` where it is not. */
  readonly opaque: string | undefined;
}

/** What {@link explainOrigins} finds. */
export interface OriginsExplanation {
  readonly a: OriginFacts;
  readonly b: OriginFacts;
  /** Scheme, host and port are equal (HTML Standard, 7.1.1, "same origin"). */
  readonly sameOrigin: boolean;
  /** The hosts belong to one registrable domain, whatever the scheme and the port. */
  readonly sameSite: boolean;
  /** The same, and the schemes are equal too. This is what browsers mean by "same-site" today. */
  readonly schemefullySameSite: boolean;
  /** In words: what is equal, and what is the first difference. */
  readonly reason: string;
  /** What a document of `a` may do with `b`. */
  readonly may: Readonly<Record<OriginPower, Power>>;
}

/** A side with what the rules need. */
interface Side extends OriginFacts {
  readonly url: URL | undefined;
  readonly host: string;
  readonly scheme: string;
}

interface Relation {
  readonly sameOrigin: boolean;
  readonly sameSite: boolean;
  readonly schemefullySameSite: boolean;
}

const yes = (how: string): Power => ({ may: 'yes', how });
const no = (how: string): Power => ({ may: 'no', how });
const ifGranted = (how: string): Power => ({ may: 'ifGranted', how });
const unlessRefused = (how: string): Power => ({ may: 'unlessRefused', how });

// What has an origin of a host (URL Standard, 4.7). All other schemes are opaque, `file:` by the word of browsers.
const tupleSchemes: ReadonlySet<string> = new Set(['http:', 'https:', 'ws:', 'wss:', 'ftp:']);
const loopback = /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/;

/**
 * Explains how two origins are related: whether they are the same origin, the same site, the same site with the same scheme, why, and
 * what a document of the first may do with the second. Each side is an address, an origin, or `'null'`.
 *
 * The site comes from the browser where it tells (`Origin.isSameSite`), else from the list of public suffixes, which is loaded then.
 * What two documents with `document.domain` may do is not told: no origin of Muntin uses it.
 *
 * @throws MuntinError `INVALID_OPTION` (as a rejection), when a side is no address.
 */
export async function explainOrigins(a: string | URL, b: string | URL): Promise<OriginsExplanation> {
  const [left, right] = [readSide(a, 'a'), readSide(b, 'b')];
  const relation = relate(left, right, await loadSiteOf());
  return {
    a: factsOf(left),
    b: factsOf(right),
    ...relation,
    reason: reasonOf(left, right, relation),
    may: powersOf(left, right, relation),
  };
}

function readSide(given: string | URL, name: string): Side {
  const text = String(given);
  if (text === 'null')
    return { given: text, origin: 'null', opaque: 'it is "null"', url: undefined, host: '', scheme: '' };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidOption(`${name} is ${inspect(text)}: give an address such as "https://app.example/" or "null"`);
  }
  const inner = url.protocol === 'blob:' ? innerOf(url) : url;
  if (inner !== undefined && tupleSchemes.has(inner.protocol) && inner.hostname !== '') {
    const { protocol: scheme, hostname: host } = inner;
    return { given: text, origin: `${scheme}//${inner.host}`, opaque: undefined, url, host, scheme };
  }
  return { given: text, origin: 'null', opaque: whyOpaque(url), url, host: '', scheme: url.protocol };
}

/** A blob has the origin of the page that made it, which its address names (URL Standard, 4.7). */
function innerOf(url: URL): URL | undefined {
  try {
    return new URL(url.pathname);
  } catch {
    return undefined;
  }
}

function whyOpaque({ protocol }: URL): string {
  if (protocol === 'blob:') return 'a page without an origin made the blob';
  if (protocol === 'file:') return 'browsers give each file an origin of its own';
  return `addresses with ${protocol} have an origin of their own`;
}

const factsOf = ({ given, origin, opaque }: Side): OriginFacts => ({ given, origin, opaque });

function relate(a: Side, b: Side, isSameSite: SiteOf): Relation {
  if (a.opaque !== undefined || b.opaque !== undefined)
    return { sameOrigin: false, sameSite: false, schemefullySameSite: false };
  const sameSite = isSameSite(a.host, b.host);
  return {
    sameOrigin: a.origin === b.origin,
    sameSite,
    schemefullySameSite: sameSite && a.scheme === b.scheme,
  };
}

function reasonOf(a: Side, b: Side, { sameOrigin, sameSite }: Relation): string {
  const opaque = a.opaque === undefined ? b : a;
  if (opaque.opaque !== undefined)
    return `${inspect(opaque.given)} has an opaque origin, because ${opaque.opaque}. It equals no other origin, and not even itself.`;
  if (sameOrigin) return `Scheme, host and port are equal: both are ${a.origin}.`;
  const differences = [
    a.scheme === b.scheme ? '' : `the schemes differ (${a.scheme} and ${b.scheme})`,
    a.host === b.host ? '' : `the hosts differ (${a.host} and ${b.host}${hostHint(a.host, b.host)})`,
    portOf(a) === portOf(b) ? '' : `the ports differ (${portOf(a)} and ${portOf(b)})`,
  ].filter((difference) => difference !== '');
  const site = sameSite ? 'They are one site: sites ignore ports.' : 'They are two sites.';
  return `Not the same origin: ${differences.join(', ')}. ${site}`;
}

/** What people overlook. */
function hostHint(a: string, b: string): string {
  if (`${a}.` === b || `${b}.` === a) return '; a dot at the end is part of the name';
  if (a.startsWith(b) || b.startsWith(a)) return '; one begins as the other, and that means nothing';
  if (a.endsWith(b) || b.endsWith(a)) return '; one ends as the other';
  return '';
}

const defaultPorts: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'ws:': '80',
  'wss:': '443',
  'ftp:': '21',
};

function portOf({ origin, scheme }: Side): string {
  return /:(\d+)$/.exec(origin)?.[1] ?? defaultPorts[scheme] ?? '';
}

function powersOf(a: Side, b: Side, relation: Relation): Readonly<Record<OriginPower, Power>> {
  return {
    readDocument: relation.sameOrigin
      ? yes('Documents of one origin are open to each other, unless a sandbox or a separate process group parts them.')
      : no('Only documents of the same origin may read each other.'),
    shareStorage: storage(a, b, relation),
    shareCookies: cookies(a, b, relation),
    readResponse: response(a, b, relation),
    runScript: load(a, b, relation, 'A script runs across origins without being asked, with all rights of the page.'),
    frame: framing(a, b, relation),
    message: message(b),
  };
}

function storage(a: Side, b: Side, { sameOrigin }: Relation): Power {
  if (a.opaque !== undefined || b.opaque !== undefined)
    return no('A document with an opaque origin has no storage: reading `localStorage` throws.');
  if (!sameOrigin) return no('Storage belongs to one origin: scheme, host and port.');
  return yes('Storage belongs to the origin, and in a frame also to the site of the page around it.');
}

function cookies(a: Side, b: Side, { sameSite }: Relation): Power {
  if (a.opaque !== undefined || b.opaque !== undefined) return no('A document with an opaque origin has no cookies.');
  if (!isWeb(a) || !isWeb(b))
    return no('Only http and https have cookies. Firefox also gives a blob the cookies of the page that made it.');
  if (a.host === b.host) {
    if (a.scheme === b.scheme) return yes('Cookies belong to a host, whatever the port (RFC 6265, 8.5).');
    return ifGranted('Cookies belong to a host, whatever the port; one that is marked Secure stays with https.');
  }
  if (sameSite) return ifGranted('A cookie is shared below one domain when it was set with the Domain attribute.');
  return no('The hosts have no domain in common for which a cookie can be set.');
}

function response(a: Side, b: Side, relation: Relation): Power {
  const { protocol } = b.url ?? {};
  if (protocol === 'data:') return yes('What a data: address says is in the address.');
  if (relation.sameOrigin) return yes('Within one origin responses can be read.');
  if (protocol === 'blob:') return no('A blob is there for the origin that made it only.');
  if (!isWeb(b)) return no(`No page may fetch ${protocol ?? 'from an origin that has no address'}.`);
  if (isMixed(a, b)) return no('A page that came over https may not fetch over http (Mixed Content).');
  const name = a.opaque === undefined ? a.origin : 'null';
  const warning =
    a.opaque === undefined
      ? ''
      : ' Every opaque origin says "null", so allowing that allows everybody; use a brokered fetch.';
  return ifGranted(
    `The response must name the origin: Access-Control-Allow-Origin: ${name} (CORS). Without, the request is sent all the same, and its answer is not shown.${warning}`,
  );
}

function load(a: Side, b: Side, relation: Relation, how: string): Power {
  const { protocol } = b.url ?? {};
  if (relation.sameOrigin || protocol === 'data:') return yes(how);
  if (protocol === 'blob:') return no('A blob is there for the origin that made it only.');
  if (!isWeb(b)) return no(`No page may load ${protocol ?? 'from an origin that has no address'}.`);
  if (isMixed(a, b)) return no('A page that came over https may not load this over http (Mixed Content).');
  return unlessRefused(`${how} The other refuses with Cross-Origin-Resource-Policy.`);
}

function framing(a: Side, b: Side, relation: Relation): Power {
  const { protocol } = b.url ?? {};
  if (protocol === 'data:') return yes('It is shown, with an opaque origin.');
  if (protocol === 'blob:')
    return relation.sameOrigin
      ? yes('A blob has no headers by which it could refuse.')
      : no('A blob is there for the origin that made it only.');
  if (!isWeb(b)) return no(`No page may frame ${protocol ?? 'an origin that has no address'}.`);
  if (isMixed(a, b)) return no('A page that came over https may not frame one over http (Mixed Content).');
  return unlessRefused('Framing works unless the other forbids it: frame-ancestors, or X-Frame-Options.');
}

function message(b: Side): Power {
  if (b.opaque !== undefined)
    return no('An opaque origin cannot be named as a target, and "*" reaches whoever is there. Muntin uses a port.');
  return yes(`postMessage(data, ${JSON.stringify(b.origin)}) reaches a document of exactly this origin, or nobody.`);
}

const isWeb = ({ url }: Side): boolean => url?.protocol === 'http:' || url?.protocol === 'https:';

/** Browsers let https pages use http on loopback: nobody on the network is in between (Secure Contexts, 3.1). */
const isMixed = (a: Side, b: Side): boolean => a.scheme === 'https:' && b.scheme === 'http:' && !loopback.test(b.host);
