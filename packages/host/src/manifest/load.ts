import type { Contract } from '@muntin/core';
import { MuntinError } from '@muntin/core';
import { checkOptions, inspect, invalidOption, isRedirect, messageOf, type OptionKinds } from '@muntin/core/internal';
import {
  type FetchWish,
  findMisfit,
  type Manifest,
  manifestPath,
  readManifest,
  type Wish,
} from '@muntin/core/manifest';
import { explainFetchFailure } from '../fetch/explain.ts';

/** Options of {@link loadManifest}. */
export interface LoadManifestOptions {
  /** The contract that the host has: name and version have to fit. */
  readonly contract: Pick<Contract, 'name' | 'version'>;
  /** How large the manifest may be, in bytes. @defaultValue 65_536 */
  readonly maxBytes?: number;
  /** How long it may take as a whole, in milliseconds. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** Ends it: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** What makes the explanation of a fetch that failed; `diagnoseCors` of `@muntin/server` in Node. @defaultValue `explainFetchFailure` */
  readonly explain?: (
    error: unknown,
    request: { readonly url: URL },
  ) => Promise<{ readonly cause: string; readonly advice: string }>;
}

/** What a manifest says, and what to mount with. */
export interface LoadedManifest {
  readonly manifest: Manifest;
  /** What `mount` needs of it. Its wishes are not granted by being wished: they are listed in {@link LoadedManifest.wishes}. */
  readonly mountOptions: { readonly url: string; readonly title: string };
  /** What the guest would like to have, with its reasons, for whoever has to agree. */
  readonly wishes: {
    readonly grants: readonly Wish[];
    readonly fetch: readonly FetchWish[];
    readonly permissions: readonly Wish[];
    readonly sandbox: readonly Wish[];
  };
  /** Whole addresses of the icons, http and https only. */
  readonly icons: readonly string[];
}

const manifestKinds: OptionKinds<LoadManifestOptions> = {
  contract: 'object',
  maxBytes: 'number',
  timeoutMs: 'number',
  signal: 'signal',
  explain: 'function',
};

/**
 * Fetches the manifest of a guest, checks it, and compares its contract with ours. `url` is the manifest's address, or the guest's origin.
 * It is asked for without cookies and referrer and without following redirects, and never read past `maxBytes`.
 *
 * Rejects with `MANIFEST_NOT_LOADED` (`data.cause` and the message say why, as far as this page can tell), with `MANIFEST_INVALID` (the
 * message names the field), with `CONTRACT_MISMATCH`, and with `HOST_NOT_ALLOWED` where this page is not in its `hosts`.
 */
export async function loadManifest(url: string | URL, options: LoadManifestOptions): Promise<LoadedManifest> {
  checkOptions('loadManifest', options, manifestKinds);
  const { maxBytes = 65_536, timeoutMs = 10_000 } = options;
  if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31))
    throw invalidOption(`timeoutMs is ${inspect(timeoutMs)}: give milliseconds from 1 to 2147483647`);
  if (!(maxBytes >= 1 && maxBytes <= 2 ** 28))
    throw invalidOption(`maxBytes is ${inspect(maxBytes)}: give bytes from 1 to 268435456`);
  const address = readAddress(url);
  const ended = new AbortController();
  const onAbort = (): void => ended.abort(options.signal?.reason);
  // Also what asks why is over then, and a body whose engine has forgotten the signal.
  const over = new Promise<never>((_, reject) => {
    ended.signal.addEventListener('abort', () => reject(ended.signal.reason as Error));
  });
  over.catch(() => undefined);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', onAbort);
  const timer = setTimeout(
    () => ended.abort(notLoaded('TIMED_OUT', `${address.href} had no whole answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const loading = download(address, maxBytes, ended.signal, options.explain ?? explainFetchFailure);
    loading.catch(() => undefined);
    const text = await Promise.race([loading, over]);
    return conclude(address, parse(address, text), options.contract);
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    ended.abort(); // whatever is still on its way, and nobody reads any more
  }
}

function readAddress(text: string | URL): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidOption(`url is ${inspect(String(text))}: give the manifest's whole address, or the guest's origin`);
  }
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw invalidOption(`url is ${inspect(url.href)}: give an http or https address without user info`);
  return url.pathname === '/' ? new URL(manifestPath, url) : url;
}

function notLoaded(
  cause: string,
  message: string,
  error?: unknown,
): MuntinError<'MANIFEST_NOT_LOADED', { readonly cause: string }> {
  return new MuntinError('MANIFEST_NOT_LOADED', message, { data: { cause }, cause: error });
}

async function download(
  url: URL,
  maxBytes: number,
  signal: AbortSignal,
  explain: NonNullable<LoadManifestOptions['explain']>,
): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: 'omit',
      redirect: 'manual', // and not `error`: that is not told from a network that is away
      referrerPolicy: 'no-referrer',
      headers: { Accept: 'application/json' },
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const { cause, advice } = await explain(error, { url });
    throw notLoaded(cause, `The manifest ${url.href} cannot be read. ${advice}`, error);
  }
  if (isRedirect(response))
    throw notLoaded('REDIRECT', `The manifest ${url.href} is a redirect, which is not followed: serve it there`);
  if (!response.ok) throw notLoaded('STATUS', `The manifest ${url.href} is answered with ${response.status}`);
  return readText(url, response, maxBytes);
}

async function readText(url: URL, { body }: Response, maxBytes: number): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  try {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      bytes += part.value.byteLength;
      if (bytes > maxBytes) throw notLoaded('TOO_LARGE', `The manifest ${url.href} is larger than ${maxBytes} bytes`);
      text += decode(url, () => decoder.decode(part?.value, { stream: true }));
    }
  } finally {
    void reader?.cancel().catch(() => undefined);
  }
  return text + decode(url, () => decoder.decode());
}

function decode(url: URL, step: () => string): string {
  try {
    return step();
  } catch (error) {
    throw invalidManifest(url, error);
  }
}

function invalidManifest(url: URL, error: unknown): MuntinError<'MANIFEST_INVALID'> {
  return new MuntinError('MANIFEST_INVALID', `The manifest ${url.href} is not one: ${messageOf(error)}`, {
    cause: error,
  });
}

function parse(url: URL, text: string): Manifest {
  try {
    return readManifest(JSON.parse(text));
  } catch (error) {
    throw invalidManifest(url, error);
  }
}

function conclude(url: URL, manifest: Manifest, contract: Pick<Contract, 'name' | 'version'>): LoadedManifest {
  const {
    name,
    start_url: start,
    hosts,
    grants = [],
    fetch: requests = [],
    permissions = [],
    sandbox = [],
    icons = [],
  } = manifest;
  const page = resolve(start, url);
  if (page?.origin !== url.origin || page.protocol !== url.protocol || page.username !== '' || page.password !== '')
    throw invalidManifest(
      url,
      new Error(
        `start_url is ${inspect(start)}: give an address on ${url.origin}, for a manifest speaks for its own origin`,
      ),
    );
  const misfit = findMisfit(contract, manifest.contract);
  if (misfit !== undefined) throw new MuntinError('CONTRACT_MISMATCH', misfit);
  const own = globalThis.origin;
  if (own !== undefined && !hosts.includes(own))
    throw new MuntinError(
      'HOST_NOT_ALLOWED',
      `${name} does not list this page's origin (${own}) in its hosts: ${hosts.slice(0, 8).join(', ')}`,
    );
  return {
    manifest,
    mountOptions: { url: page.href, title: name },
    wishes: { grants, fetch: requests, permissions, sandbox },
    icons: icons.flatMap(({ src }) => {
      const icon = resolve(src, url);
      const isIcon = icon !== undefined && /^https?:$/.test(icon.protocol) && icon.username + icon.password === '';
      return isIcon ? [icon.href] : [];
    }),
  };
}

function resolve(text: string, base: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
