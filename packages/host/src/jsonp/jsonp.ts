import { MuntinError, type OriginOptions, type Schema } from '@muntin/core';
import {
  checkOptions,
  inspect,
  invalidOption,
  isAcceptable,
  isSchema,
  type OptionKinds,
  validate,
} from '@muntin/core/internal';
import { readUrl, tryUrl } from '../address.ts';
import { ask, cancelled, nameOf, type Request, timedOut, tooLarge } from './frame.ts';
import { framePage, frameScript } from './source.ts';

/** Options of {@link jsonp}. */
export interface JsonpOptions<Output = unknown> extends OriginOptions {
  /** What the answer has to be. @defaultValue none: the answer is `unknown` */
  readonly schema?: Schema<unknown, Output>;
  /** Cancels the call: it rejects with `CALL_CANCELLED`, and its frame is taken away. */
  readonly signal?: AbortSignal;
  /** How long the script may take from the moment when its frame is made, in milliseconds. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** How long the answer may be, as UTF-8 bytes of JSON. @defaultValue 1_048_576 (1 MiB) */
  readonly maxBytes?: number;
  /** The query parameter by which the endpoint learns the callback's name. @defaultValue 'callback' */
  readonly callbackParam?: string;
  /**
   * `'cors'` first asks for the address without the callback, by `fetch` and without credentials. Where that is answered with JSON that this
   * page may read, it is the answer, and no script of the endpoint runs, then and later; where it is something else, later calls do not ask
   * again, and for a minute where it cannot be read. A request by `fetch` tells the endpoint this page's origin. @defaultValue 'jsonp'
   */
  readonly prefer?: 'cors' | 'jsonp';
  /**
   * The address of the page that {@link jsonpPage} makes, for a host whose own Content-Security-Policy does not let a frame run a script that
   * is given as text. @defaultValue a frame that is given as text
   */
  readonly frameUrl?: string | URL;
}

// `any`: it is checked below. So is, in production, too, what would take a limit away.
const jsonpKinds: OptionKinds<JsonpOptions> = {
  schema: 'any',
  signal: 'signal',
  timeoutMs: 'number',
  maxBytes: 'number',
  callbackParam: 'string',
  prefer: ['cors', 'jsonp'],
  frameUrl: 'any',
  allowInsecure: 'boolean',
};

/**
 * Asks a JSONP endpoint. Its script runs in a worker of an opaque frame that is made for this one call and is taken away afterwards: it sees
 * no page, no cookie and no storage, and reaches no server but its own. The first value that it gives to the callback crosses as JSON text, is
 * bounded, parsed and validated. At most six frames are there at a time; further calls wait for a place.
 *
 * Rejects with `JSONP_NOT_LOADED`, `JSONP_BAD_RESPONSE`, `JSONP_TOO_LARGE`, `JSONP_TIMED_OUT`, `CALL_CANCELLED`, `OUTPUT_INVALID`,
 * `BLOCKED_BY_CSP` and `INVALID_OPTION`. Only the last two are for the page's author to repair.
 *
 * @example `const { title } = await jsonp('https://api.example/books?id=7', { schema: v.object({ title: v.string() }) })`
 */
export async function jsonp<Output = unknown>(url: string | URL, options: JsonpOptions<Output> = {}): Promise<Output> {
  const request = readRequest(url, options);
  const { schema, prefer } = options;
  const read = prefer === 'cors' ? await readCors(request) : undefined;
  const value = parse(read ?? (await ask(request)), request);
  // The schema says what comes out of it; without one the type is `unknown`.
  return (await validate(schema, value, 'OUTPUT_INVALID', request.name)) as Output;
}

/**
 * Whether an endpoint can be asked by `fetch`, as `prefer: 'cors'` does: it answers with JSON that this page may read when the callback is left
 * out. An answer is remembered until the page is left, and one that could not be read for a minute. Rejects as {@link jsonp} does.
 */
export async function speaksCors(url: string | URL, options: JsonpOptions<unknown> = {}): Promise<boolean> {
  return (await readCors(readRequest(url, options))) !== undefined;
}

/**
 * The page for `frameUrl`, and the headers that it is to be served with, from any address: its sandbox takes its origin away, and its script does
 * nothing where that did not happen. It is the same for all calls, so that it can be made once and served as a file.
 */
export async function jsonpPage(): Promise<{
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(frameScript)));
  const hash = btoa(String.fromCharCode(...digest));
  // Each call narrows `https: http:` to the one address of its script, before that is loaded.
  const policy = `default-src 'none'; script-src 'sha256-${hash}' https: http:; worker-src blob:; base-uri 'none'; form-action 'none'; sandbox allow-scripts`;
  return {
    body: framePage(),
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    },
  };
}

/** Loaded on use: most endpoints that are asked in this way speak nothing else. */
async function readCors(request: Request): Promise<string | undefined> {
  const { fetchCors } = await import('./cors.ts');
  return fetchCors(request, { cancelled, timedOut, tooLarge, notFetched });
}

function notFetched({ name }: Request, why: string, cause: unknown): MuntinError {
  return new MuntinError('JSONP_NOT_LOADED', `${inspect(name)} was asked by fetch, as before: ${why}`, { cause });
}

function readRequest(url: unknown, options: JsonpOptions<unknown>): Request {
  if (typeof document === 'undefined') throw invalidOption('jsonp() needs a page: call it in a browser');
  checkOptions('jsonp', options, jsonpKinds);
  const { schema, signal, timeoutMs = 10_000, maxBytes = 2 ** 20, callbackParam = 'callback', frameUrl } = options;
  checkSchema(schema);
  if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31))
    throw invalidOption(`timeoutMs is ${inspect(timeoutMs)}: give milliseconds from 1 to 2147483647`);
  if (!(maxBytes >= 1 && maxBytes <= 2 ** 28))
    throw invalidOption(`maxBytes is ${inspect(maxBytes)}: give bytes from 1 to 268435456`);
  if (callbackParam === '') throw invalidOption('callbackParam is "": give the name of a query parameter');
  const endpoint = readEndpoint(url, options);
  return {
    url: endpoint,
    name: nameOf(endpoint),
    signal,
    timeoutMs,
    maxBytes,
    callbackParam,
    frameUrl: frameUrl === undefined ? undefined : readFrameUrl(frameUrl),
  };
}

/** Left out in production, where what is none lets no answer through. */
function checkSchema(schema: unknown): void {
  if (schema !== undefined && !isSchema(schema))
    throw invalidOption(`schema is ${inspect(schema)}: give a Standard Schema`);
}

/** The address of the endpoint. Without TLS anybody on the network writes the script, and so the answer. */
function readEndpoint(given: unknown, options: OriginOptions): URL {
  const url = readUrl(given);
  if (!isAcceptable(url.origin, options) || url.username !== '' || url.password !== '')
    throw invalidOption(
      `url is ${inspect(url.href)}: give an https address without user-info, or, for plain http, allowInsecure: true`,
    );
  // No source expression of a policy can name one (CSP Level 3, 2.3.1).
  if (url.hostname.startsWith('['))
    throw invalidOption(`url is ${inspect(url.href)}: give a name in place of the IPv6 address`);
  return url;
}

function readFrameUrl(given: unknown): URL {
  const url = typeof given === 'string' || given instanceof URL ? tryUrl(given) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hash === '') return url;
  throw invalidOption(`frameUrl is ${inspect(given)}: give an http(s) address without a fragment`);
}

const maxDepth = 1000;

/** What the worker's own `JSON.stringify` made, or a server by CORS: it may still be deep, or have a key that elsewhere is a prototype. */
function parse(text: string, { name }: Request): unknown {
  if (depthOf(text) > maxDepth)
    throw new MuntinError('JSONP_BAD_RESPONSE', `The answer of ${inspect(name)} is nested more than ${maxDepth} deep`);
  try {
    return JSON.parse(text, /__proto__|\\u/.test(text) ? withoutProto : undefined);
  } catch (cause) {
    throw new MuntinError('JSONP_BAD_RESPONSE', `The answer of ${inspect(name)} is not JSON`, { cause });
  }
}

/** How deep JSON nests, before anything that recurs has to know. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (isString && char === '\\') i++;
    else if (char === '"') isString = !isString;
    else if (!isString && (char === '[' || char === '{')) deepest = Math.max(deepest, ++depth);
    else if (!isString && (char === ']' || char === '}')) depth--;
  }
  return deepest;
}

function withoutProto(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}
