import { invalidOption } from '../rules/invalid.ts';
import type { Cors } from './cors.ts';

/** What of an `IncomingMessage` of Node's `http` is used. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/** What of a `ServerResponse` of Node's `http`, or an `Http2ServerResponse` of `http2`, is used. */
export interface NodeResponse {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string | number | readonly string[]): unknown;
  removeHeader(name: string): void;
  writeHead(status: number, ...more: readonly unknown[]): { end(): unknown };
}

/** What {@link nodeCors} returns: a handler for Node's `http` and `http2`, and a middleware for Express and Connect. */
export type NodeCors = (request: NodeRequest, response: NodeResponse, next?: () => void) => boolean;

/**
 * The policy for Node's `http` and for Express. It sets the headers, and answers a preflight itself: then it returns `true` and does not
 * call `next`. Put it in front of everything that authenticates or routes. Throws `INVALID_OPTION` for what {@link cors} has not made.
 */
export function nodeCors(cors: Cors): NodeCors {
  checkPolicy('nodeCors', cors);
  return (message, response, next) => {
    const request = asRequest(message);
    const preflight = cors.preflight(request);
    for (const [name, value] of preflight?.headers ?? cors.headers(request)) setHeader(response, name, value);
    keepVary(response);
    if (preflight === undefined) next?.();
    else response.writeHead(preflight.status).end();
    return preflight !== undefined;
  };
}

/** What of a Hono context is used. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  readonly res: { readonly headers: Headers };
  header(name: string, value: string): void;
}

/**
 * The policy as a Hono middleware: `app.use(honoCors(policy))`, in front of everything that authenticates or routes. Throws `INVALID_OPTION` for what
 * {@link cors} has not made.
 */
export function honoCors(
  cors: Cors,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  checkPolicy('honoCors', cors);
  return async (context, next) => {
    const request = context.req.raw;
    const preflight = cors.preflight(request);
    if (preflight !== undefined) return preflight;
    await next();
    // Behind the handler: what is set before it replaces the handler's own Vary.
    for (const [name, value] of cors.headers(request))
      context.header(name, isVary(name) ? joinVary(context.res.headers.get('Vary'), value) : value);
    return undefined;
  };
}

/** Its options alone are no policy: the first request would say so. */
function checkPolicy(name: string, policy: unknown): void {
  if (typeof policy !== 'object' || policy === null || !('preflight' in policy))
    throw invalidOption(`the policy of ${name}`, policy, `what cors() returned, as in ${name}(cors({ origins }))`);
}

/** Method and headers of a message: all that a policy looks at. */
function asRequest({ method = 'GET', rawHeaders }: NodeRequest): Request {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (looksAt.has(name.toLowerCase())) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  // A Request cannot have every method that a client may send; what is not OPTIONS is no preflight, whatever it is.
  return new Request('http://localhost/', { method: method === 'OPTIONS' ? method : 'GET', headers });
}

const looksAt = new Set(['origin', 'access-control-request-method']);

/** Sets a header; `Vary` joins what is there already. */
function setHeader(response: NodeResponse, name: string, value: string): void {
  response.setHeader(name, isVary(name) ? joinVary(response.getHeader('Vary'), value) : value);
}

/**
 * What the application says of `Vary` later joins ours: a cache that does not know that answers differ by origin gives a page the answer for
 * another one.
 */
function keepVary(response: NodeResponse): void {
  const set = response.setHeader.bind(response);
  const remove = response.removeHeader.bind(response);
  response.setHeader = (name, value) => set(name, isVary(name) ? joinVary(value, 'Origin') : value);
  response.removeHeader = (name) => {
    if (isVary(name)) set(name, 'Origin');
    else remove(name);
  };
  // With http2, headers that are given here do not come through `setHeader`.
  const write = response.writeHead.bind(response);
  response.writeHead = (status, ...more) => write(status, ...more.map(withOrigin));
}

/** A list of headers, flat or in pairs, or an object of them, whose `Vary` has `Origin`; anything else as it is. */
function withOrigin(given: unknown): unknown {
  if (Array.isArray(given))
    return Array.isArray(given[0])
      ? given.map((pair: readonly unknown[]) => (isVary(pair[0]) ? [pair[0], joinVary(pair[1], 'Origin')] : pair))
      : given.map((entry: unknown, at) => (at % 2 === 1 && isVary(given[at - 1]) ? joinVary(entry, 'Origin') : entry));
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, isVary(name) ? joinVary(value, 'Origin') : value]),
  );
}

function isVary(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'vary';
}

function joinVary(present: unknown, field: string): string {
  const fields = (Array.isArray(present) ? present.join(',') : typeof present === 'string' ? present : '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  return fields.some((one) => one === '*' || one.toLowerCase() === field.toLowerCase())
    ? fields.join(', ')
    : [...fields, field].join(', ');
}
