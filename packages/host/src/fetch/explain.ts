import { originOf } from '@muntin/core/internal';

/** What a page can tell about a fetch that failed. */
export type FetchFailureCause =
  | 'ABORTED'
  | 'BLOCKED_BY_CSP'
  | 'CORS'
  | 'MIXED_CONTENT'
  | 'NOT_A_FETCH_FAILURE'
  | 'NO_ANSWER'
  | 'OFFLINE'
  | 'PREFLIGHT';

/** What {@link explainFetchFailure} found. */
export interface FetchFailure {
  /**
   * - `CORS`: the server answers, but not to this page. - `PREFLIGHT`: it answers a plain request of this page, so method or headers are not allowed.
   * - `NO_ANSWER`: not even an answer that nobody may read came: server, name, certificate, or an extension of the browser.
   */
  readonly cause: FetchFailureCause;
  /** What happened and what to do, in plain words. */
  readonly advice: string;
  /** A command that tells more, outside the page; empty where it would not. */
  readonly command: string;
}

/** What of a request is looked at. */
export interface FailedRequest {
  readonly url: string | URL;
  readonly method?: string;
  readonly headers?: HeadersInit;
  readonly credentials?: RequestCredentials;
}

const probeMs = 5000;

/**
 * Tells what can be told in a page about a fetch that rejected: scripts are given the same `TypeError` for every cause. It asks for the same
 * address again, with `GET`, without credentials and without own headers, once in a way whose answer nobody reads.
 * What only a server can be asked (which header is missing) is told by `muntin cors` outside the browser, whose command comes with the answer.
 */
export async function explainFetchFailure(error: unknown, request: FailedRequest): Promise<FetchFailure> {
  const url = new URL(request.url, globalThis.location?.href);
  const command = commandFor(url, request);
  const found = (cause: FetchFailureCause, advice: string, more = command): FetchFailure => ({
    cause,
    advice,
    command: more,
  });
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'AbortError' || name === 'TimeoutError')
    return found('ABORTED', 'The request was cancelled, by a signal or because the page was left.', '');
  if (name !== 'TypeError')
    return found('NOT_A_FETCH_FAILURE', 'This is no failure of fetch: it rejects with a TypeError.', '');
  if (isMixed(url))
    return found('MIXED_CONTENT', `A page with TLS may not ask for ${url.origin}. Serve it over https.`, '');
  if (isOffline()) return found('OFFLINE', 'This browser is offline.', '');
  const plain = await probe(url, 'no-cors');
  if (plain === 'blocked')
    return found(
      'BLOCKED_BY_CSP',
      `The Content-Security-Policy of this page does not allow it: add ${url.origin} to connect-src.`,
      '',
    );
  if (plain === 'failed')
    return found(
      'NO_ANSWER',
      `${url.origin} does not answer, an extension of the browser stops the request, or the user has not allowed this page to reach the local network (Chromium asks). Look at the server's name, port and certificate.`,
    );
  if ((await probe(url, 'cors')) === 'answered')
    return found(
      'PREFLIGHT',
      `${url.origin} lets this page read a plain GET, so it is the method, a header or the credentials that it does not allow, or the answer to OPTIONS.`,
    );
  const page = globalThis.origin ?? 'null';
  const remedy =
    page === 'null'
      ? 'This page has an opaque origin, which is "null" in CORS: let the host fetch for it.'
      : `The answer has to have "Access-Control-Allow-Origin: ${page}".`;
  return found('CORS', `${url.origin} answers, but does not let this page read it. ${remedy}`);
}

/** One try, without anything that would need a preflight. */
async function probe(url: URL, mode: RequestMode): Promise<'answered' | 'failed' | 'blocked'> {
  let isBlocked = false;
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    isBlocked ||=
      event.effectiveDirective === 'connect-src' &&
      event.disposition === 'enforce' &&
      originOf(event.blockedURI) === url.origin;
  };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), probeMs);
  globalThis.document?.addEventListener('securitypolicyviolation', onViolation);
  try {
    const response = await fetch(url, {
      mode,
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: abort.signal,
    });
    void response.body?.cancel().catch(() => undefined);
    return 'answered';
  } catch {
    // The event is dispatched in a task of its own.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return isBlocked ? 'blocked' : 'failed';
  } finally {
    clearTimeout(timer);
    globalThis.document?.removeEventListener('securitypolicyviolation', onViolation);
  }
}

/** Node has a navigator that does not say. */
function isOffline(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly onLine?: boolean } };
  return navigator?.onLine === false;
}

/** Whether a browser blocks it for want of TLS. In WebKit that is so for servers of this machine, too. */
function isMixed({ protocol, hostname }: URL): boolean {
  const isSecure = globalThis.location?.protocol === 'https:';
  const isLoopback = /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname);
  return isSecure && protocol === 'http:' && !(isLoopback && !isWebKit());
}

function isWebKit(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly vendor?: string } };
  return navigator?.vendor?.startsWith('Apple') === true;
}

function commandFor(url: URL, { method = 'GET', headers, credentials }: FailedRequest): string {
  const parts = [
    'npx -p @muntin/server muntin cors',
    quoted(url.href),
    '--origin',
    quoted(globalThis.origin ?? 'null'),
  ];
  if (method !== 'GET') parts.push('--method', quoted(method));
  for (const [name] of new Headers(headers)) parts.push('--header', quoted(`${name}: …`)); // a value may be a secret
  if (credentials === 'include') parts.push('--credentials');
  return parts.join(' ');
}

/** One word of a shell's command line. */
function quoted(text: string): string {
  return /^[\w:/.%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
