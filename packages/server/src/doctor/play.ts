import { type Asked, checkOrigin, checkPreflight, type Refusal } from '../rules/check.ts';
import { badPorts, isForbiddenHeader, safelistedMethods } from '../rules/names.ts';
import { type Header, isNonWildcard, unsafeNames } from '../rules/safelist.ts';
import type { Engine } from './engines.ts';
import { type Exchange, headerOf, type Outgoing } from './exchange.ts';
import { isLocalAddress, isLoopbackHost } from './network.ts';

/** What a page asks for. */
export interface Question {
  readonly url: URL;
  /** `null` for a page with an opaque origin. */
  readonly origin: string;
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: string | undefined;
  readonly withCredentials: boolean;
  /** Whether the page itself came from the public network. */
  readonly isPublic: boolean;
  /** Whether the request itself stays unsent where a preflight comes first. */
  readonly onlyPreflight: boolean;
}

/** What one engine makes of it. */
export interface Verdict {
  readonly refusal: Refusal | undefined;
  readonly exchanges: readonly Exchange[];
}

/** One request in a chain of redirects: what the standard keeps in a "request". */
interface Step {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly Header[];
  readonly body: string | undefined;
  /** Whether the answer is checked: another origin was involved once (Fetch Standard, response tainting "cors"). */
  readonly isCors: boolean;
  /** Whether a redirect made the origin `null` (Fetch Standard, "redirect-taint"). */
  readonly isLost: boolean;
  /** Whether the chain began at home, and this is a redirect behind the one that led away. */
  readonly isBeyond: boolean;
  /** Whether the first request needed a preflight. */
  readonly wasPreflighted: boolean;
  readonly redirects: number;
}

const maxRedirects = 20;
const bodyHeaders: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
]);

/** Plays one fetch as an engine does it: "main fetch", "HTTP fetch" and "HTTP-redirect fetch" of the standard, for mode "cors". */
export async function play(
  question: Question,
  engine: Engine,
  sendOnce: (outgoing: Outgoing) => Promise<Exchange>,
): Promise<Verdict> {
  const exchanges: Exchange[] = [];
  const exchange = async (outgoing: Outgoing): Promise<Exchange> => {
    const done = await sendOnce(outgoing);
    exchanges.push(done);
    return done;
  };
  let step: Step | Refusal | undefined = firstStep(question, engine);
  while (step !== undefined && 'url' in step) step = await take(step, question, engine, exchange);
  return { refusal: step, exchanges };
}

function firstStep({ url, origin, method, headers, body }: Question, { sendsUserAgent }: Engine): Step {
  return {
    url,
    method,
    headers: headers.filter(
      ([name, value]) => !isForbiddenHeader(name, value) && (sendsUserAgent || name.toLowerCase() !== 'user-agent'),
    ),
    body,
    isCors: url.origin !== origin,
    isLost: false,
    isBeyond: false,
    wasPreflighted: false,
    redirects: 0,
  };
}

/** One address of the chain. Answers the next one, or why the chain breaks; `undefined` when the page gets an answer. */
async function take(
  step: Step,
  question: Question,
  engine: Engine,
  exchange: (outgoing: Outgoing) => Promise<Exchange>,
): Promise<Step | Refusal | undefined> {
  const { url, method, headers, body, isCors, isLost } = step;
  const blocked = refuseAddress(url, question, engine);
  if (blocked !== undefined) return blocked;
  const { withCredentials } = question;
  const asked: Asked = { origin: isLost ? 'null' : question.origin, isLost, withCredentials };
  const unsafe = isCors
    ? unsafeNames(engine.preflightKeepsHeaders && step.wasPreflighted ? question.headers : headers)
    : [];
  const isSimple = safelistedMethods.has(method) && unsafe.length === 0;
  const needsPreflight = isCors && (!isSimple || (engine.preflightsAgain && step.wasPreflighted));
  if (needsPreflight) {
    const refusal = await preflight(step, unsafe, asked, question, engine, exchange);
    if (refusal !== undefined || question.onlyPreflight) return refusal;
  }
  if (engine.leavesHomeOnce && step.isBeyond)
    return {
      cause: 'REDIRECT_REFUSED',
      why: "a redirect behind one that has led away from the page's own origin is not followed",
    };
  const sent = isCors || !['GET', 'HEAD'].includes(method) ? [...headers, ['Origin', asked.origin] as const] : headers;
  const answer = await exchange({
    kind: 'request',
    method,
    url,
    headers: withDefaults(sent, url, question.origin),
    body,
  });
  const refusal =
    refuseAnswer(answer, question, engine) ??
    (isCors ? checkOrigin(asked, (name) => headerOf(answer, name)) : undefined);
  return refusal ?? follow({ ...step, wasPreflighted: step.wasPreflighted || needsPreflight }, question, answer);
}

async function preflight(
  { url, method }: Step,
  unsafe: readonly string[],
  asked: Asked,
  { origin, withCredentials }: Question,
  { preflightHasPageOrigin }: Engine,
  exchange: (outgoing: Outgoing) => Promise<Exchange>,
): Promise<Refusal | undefined> {
  const seen: Asked = preflightHasPageOrigin ? { ...asked, origin, isLost: false } : asked;
  const headers: Header[] = [
    ['Origin', seen.origin],
    ['Access-Control-Request-Method', method],
    ...(unsafe.length > 0 ? [['Access-Control-Request-Headers', unsafe.join(',')] as const] : []),
  ];
  const answer = await exchange({
    kind: 'preflight',
    method: 'OPTIONS',
    url,
    headers: withDefaults(headers, url, origin),
    body: undefined,
  });
  const { status, error } = answer;
  const get = (name: string): string | undefined => headerOf(answer, name);
  if (status === undefined) return noAnswer(url, error);
  if (isRedirect(status))
    return {
      cause: 'PREFLIGHT_REDIRECT',
      why: `the preflight was answered with ${status}, and a preflight is never redirected`,
    };
  if (status < 200 || status > 299)
    return {
      cause: 'PREFLIGHT_STATUS',
      why: `the preflight was answered with ${status}; it has to be 200 to 299, without authentication`,
    };
  return checkOrigin(seen, get) ?? checkPreflight({ method, unsafe, withCredentials }, get);
}

/** What a browser does not even connect to. */
function refuseAddress(url: URL, { origin }: Question, { readsLoopback }: Engine): Refusal | undefined {
  if (origin.startsWith('https:') && url.protocol === 'http:' && !(readsLoopback && isLoopbackHost(url.hostname)))
    return { cause: 'MIXED_CONTENT', why: `a page with TLS may not ask for ${url.origin}, which has none` };
  if (url.port !== '' && badPorts.has(Number(url.port)))
    return { cause: 'NO_ANSWER', why: `browsers do not connect to port ${url.port}` };
  return undefined;
}

function refuseAnswer(
  { status, error, url, address }: Exchange,
  { isPublic }: Question,
  { guardsLocalNetwork }: Engine,
): Refusal | undefined {
  if (status === undefined) return noAnswer(new URL(url), error);
  if (!guardsLocalNetwork || !isPublic || address === undefined || !isLocalAddress(address)) return undefined;
  return {
    cause: 'LOCAL_NETWORK',
    why: `a page of the public network asks for ${address}, which is local: the browser asks the user first`,
  };
}

function noAnswer({ origin }: URL, error = 'the connection ended'): Refusal {
  return { cause: 'NO_ANSWER', why: `${origin} did not answer: ${error}` };
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** The next address (Fetch Standard, "HTTP-redirect fetch"); `undefined` where the answer is none, or names none. */
function follow(step: Step, question: Question, answer: Exchange): Step | Refusal | undefined {
  const { origin } = question;
  const { status = 0 } = answer;
  const location = headerOf(answer, 'location');
  if (!isRedirect(status) || location === undefined) return undefined;
  const url = URL.canParse(location, step.url.href) ? new URL(location, step.url) : undefined;
  const refused = (why: string): Refusal => ({ cause: 'REDIRECT_REFUSED', why });
  if (url === undefined) return refused(`the redirect leads to ${JSON.stringify(location)}, which is no address`);
  if (!['http:', 'https:'].includes(url.protocol))
    return refused(`the redirect leads to ${url.protocol}, which fetch does not follow`);
  if (step.redirects >= maxRedirects) return refused(`there are more than ${maxRedirects} redirects`);
  if ((url.username !== '' || url.password !== '') && (step.isCors || url.origin !== origin))
    return refused('the redirect leads to an address with user info, which is refused across origins');
  const { origin: last } = step.url;
  const leaves = url.origin !== last;
  const becomesGet =
    ((status === 301 || status === 302) && step.method === 'POST') ||
    (status === 303 && !['GET', 'HEAD'].includes(step.method));
  return {
    ...step,
    url,
    ...(becomesGet ? { method: 'GET', body: undefined } : {}),
    headers: step.headers.filter(
      ([name]) => !(becomesGet && bodyHeaders.has(name.toLowerCase())) && !(leaves && isNonWildcard(name)),
    ),
    isCors: step.isCors || url.origin !== origin,
    isLost: step.isLost || (leaves && last !== origin),
    isBeyond: step.isCors && question.url.origin === question.origin,
    redirects: step.redirects + 1,
  };
}

/** What every browser adds, as far as servers look at it. */
function withDefaults(headers: readonly Header[], url: URL, origin: string): readonly Header[] {
  const has = (name: string): boolean => headers.some(([one]) => one.toLowerCase() === name);
  const defaults: Header[] = [
    ['Accept', '*/*'],
    ['User-Agent', 'Mozilla/5.0 (compatible; muntin cors)'],
    ['Sec-Fetch-Dest', 'empty'],
    ['Sec-Fetch-Mode', 'cors'],
    ['Sec-Fetch-Site', url.origin === origin ? 'same-origin' : 'cross-site'],
  ];
  return [...headers, ...defaults.filter(([name]) => !has(name.toLowerCase()))];
}
