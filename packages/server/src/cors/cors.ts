import { type Origin, type OriginOptions, parseOrigin } from '@muntin/core';
import { checkOptions, type OptionKinds } from '@muntin/core/internal';
import { checkList, invalidOption } from '../rules/invalid.ts';
import { forbiddenMethods, token } from '../rules/names.ts';

/** Options of {@link cors}. */
export interface CorsOptions extends OriginOptions {
  /**
   * The exact origins whose pages may read the answers, as in `['https://shell.example']`. There is no `*`, no pattern, no reflection of
   * whoever asks, and no `null`: that is every sandboxed frame and every local file of the world.
   */
  readonly origins: readonly string[];
  /** Methods beyond `GET`, `HEAD` and `POST`, which need no permission. Upper case, as in `['PUT', 'PATCH']`. @defaultValue none */
  readonly methods?: readonly string[];
  /** Request headers that a page may set beyond the safelisted ones, as in `['Authorization', 'Content-Type']`. @defaultValue none */
  readonly headers?: readonly string[];
  /** Response headers that a page may read beyond the safelisted ones, as in `['ETag']`. @defaultValue none */
  readonly exposeHeaders?: readonly string[];
  /** Whether the pages may send cookies and read what is answered to them. @defaultValue false */
  readonly credentials?: boolean;
  /** How long a browser may keep the answer to a preflight, in whole seconds from 0 to 86,400. @defaultValue 600 */
  readonly maxAgeSeconds?: number;
}

/** What a server says to pages of other origins. Both are plain functions of a `Request` and keep nothing. */
export interface Cors {
  /**
   * The whole answer to a CORS preflight: send it and do no more. `undefined` for every other request. It comes before authentication, for a
   * browser sends no credentials with it. An origin that is not listed gets an answer without permission.
   */
  preflight(request: Request): Response | undefined;
  /** The headers for the answer to any other request, errors and redirects included. `Vary: Origin` is always one of them. */
  headers(request: Request): Headers;
}

const corsKinds: OptionKinds<CorsOptions> = {
  origins: 'any',
  methods: 'any',
  headers: 'any',
  exposeHeaders: 'any',
  credentials: 'any',
  maxAgeSeconds: 'any',
  allowInsecure: 'boolean',
};

const maxMaxAge = 86_400;

/**
 * What a server has to say so that pages of exactly these origins may read it (Fetch Standard, 3.2 CORS protocol).
 *
 * @throws MuntinError `INVALID_OPTION`, naming the option, its value and the remedy.
 */
export function cors(options: CorsOptions): Cors {
  checkOptions('cors', options, corsKinds);
  const origins: ReadonlySet<string> = new Set(readOrigins(options));
  const { credentials = false, maxAgeSeconds = 600 } = options;
  if (typeof credentials !== 'boolean') throw invalidOption('credentials', credentials, 'true or false');
  if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 0 || maxAgeSeconds > maxMaxAge)
    throw invalidOption('maxAgeSeconds', maxAgeSeconds, `a whole number from 0 to ${maxMaxAge}`);
  const always: [string, string][] = credentials ? [['Access-Control-Allow-Credentials', 'true']] : [];
  const preflight: [string, string][] = [
    ...always,
    ['Access-Control-Allow-Methods', ['GET', 'HEAD', 'POST', ...readMethods(options.methods)].join(', ')],
    ...listed('Access-Control-Allow-Headers', readNames('headers', options.headers)),
    ['Access-Control-Max-Age', String(maxAgeSeconds)],
  ];
  const answer = [
    ...always,
    ...listed('Access-Control-Expose-Headers', readNames('exposeHeaders', options.exposeHeaders)),
  ];
  const headersFor = (request: Request, allowed: readonly [string, string][]): Headers => {
    const headers = new Headers({ Vary: 'Origin' });
    const origin = request.headers.get('Origin');
    if (origin === null || !origins.has(origin)) return headers;
    headers.set('Access-Control-Allow-Origin', origin);
    for (const [name, value] of allowed) headers.set(name, value);
    return headers;
  };
  return Object.freeze({
    preflight: (request: Request) =>
      isPreflight(request) ? new Response(null, { status: 204, headers: headersFor(request, preflight) }) : undefined,
    headers: (request: Request) => headersFor(request, answer),
  });
}

/** Whether a browser asks for permission with this request (Fetch Standard, "CORS-preflight request"). */
function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('Origin') && headers.has('Access-Control-Request-Method');
}

function readOrigins(options: CorsOptions): readonly Origin[] {
  const { origins } = options;
  if (!Array.isArray(origins) || origins.length === 0)
    throw invalidOption('origins', origins, 'a list of exact origins, as in ["https://shell.example"]');
  return origins.map((origin: string) => parseOrigin(origin, options));
}

function readMethods(methods: readonly string[] = []): readonly string[] {
  checkList('methods', methods, 'a list, as in ["PUT"]');
  for (const method of methods) {
    if (typeof method !== 'string' || !token.test(method) || method === '*')
      throw invalidOption('methods', method, 'each method by its name');
    if (forbiddenMethods.has(method.toUpperCase()))
      throw invalidOption('methods', method, 'methods that a browser may send; it never sends this one');
    // Methods are compared byte by byte, and browsers upper-case some of them only.
    if (method !== method.toUpperCase()) throw invalidOption('methods', method, method.toUpperCase());
  }
  return methods;
}

function readNames(option: string, names: readonly string[] = []): readonly string[] {
  checkList(option, names, 'a list, as in ["X-Total"]');
  for (const name of names)
    if (typeof name !== 'string' || !token.test(name) || name === '*')
      throw invalidOption(
        option,
        name,
        'each header by its name; a "*" does not cover Authorization, nor anything with credentials',
      );
  return names;
}

function listed(header: string, names: readonly string[]): readonly [string, string][] {
  return names.length > 0 ? [[header, names.join(', ')]] : [];
}
