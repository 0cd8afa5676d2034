import { inspect, invalidOption } from '../errors.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import { type Origin, type OriginOptions, parseOrigin } from '../origin.ts';
import { isGrantableHeader, isGrantableMethod, isReadableHeader } from './grant-rules.ts';
import { whyRefused } from './pattern-cost.ts';

/** What one peer may ask for at one origin. Everything that is not written down is refused. */
export interface FetchGrant {
  /** The exact origin, as in `https://api.example`. */
  readonly origin: string;
  /**
   * The host's own origin is granted by this and nothing else: a grant for it without `isOwnOrigin: true`, as a setting may bring about by
   * accident, is refused, and so is the flag for another origin. @defaultValue false
   */
  readonly isOwnOrigin?: boolean;
  /**
   * The paths, each as a pathname pattern of the URL Pattern Standard, as in `['/v1/quotes', '/v1/charts/*', '/v1/:id']`. A pattern by which a
   * path may be long to refuse is refused itself: one with more than two parts whose ends have to be searched for, with a part that repeats, or
   * with a group other than one class of letters and digits.
   */
  readonly paths: readonly string[];
  /** Methods in upper case. @defaultValue ['GET', 'HEAD'] */
  readonly methods?: readonly string[];
  /** Request headers beyond `Accept`, `Accept-Language`, `Content-Language` and `Content-Type`. @defaultValue none */
  readonly headers?: readonly string[];
  /**
   * Response headers beyond `Cache-Control`, `Content-Language`, `Content-Type`, `Expires`, `Last-Modified` and `Pragma`. Of another origin
   * they are read only where its server exposes them. @defaultValue none
   */
  readonly exposeHeaders?: readonly string[];
  /** Sends the cookies that this browser has for the origin: the peer then acts as the user there. @defaultValue 'omit' */
  readonly credentials?: 'omit' | 'include';
  /**
   * Follows redirects, and judges the last address as if it had been asked for; those between are not known to a page. Only with `GET` and
   * `HEAD`, and without credentials. @defaultValue false
   */
  readonly redirects?: boolean;
  /**
   * Sends the body of a request while it is read from the peer, so that it is never held, where the engine does that: Chromium, to servers that
   * speak HTTP/2 or 3, and fails with others. Elsewhere the body is gathered first, as it is without this. @defaultValue false
   */
  readonly streamsRequests?: boolean;
  /** How large the body of a request may be, in bytes. @defaultValue 1_048_576 */
  readonly maxRequestBytes?: number;
  /** How large the body of an answer may be, in bytes. @defaultValue 10_485_760 */
  readonly maxResponseBytes?: number;
  /** How often it may be used within a minute. @defaultValue 60 */
  readonly callsPerMinute?: number;
  /** Why the peer wants it, for whoever has to agree, as its manifest says. @defaultValue none */
  readonly purpose?: string;
}

/** A grant, checked, with every default in its place. */
export interface Grant {
  readonly origin: Origin;
  readonly paths: readonly string[];
  readonly methods: ReadonlySet<string>;
  readonly headers: ReadonlySet<string>;
  readonly exposeHeaders: ReadonlySet<string>;
  readonly credentials: 'omit' | 'include';
  readonly redirects: boolean;
  readonly streamsRequests: boolean;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly callsPerMinute: number;
  readonly purpose: string;
}

// `any`: it is checked below, with a message of its own.
const grantKinds: OptionKinds<FetchGrant> = {
  origin: 'any',
  isOwnOrigin: 'boolean',
  paths: 'any',
  methods: 'array',
  headers: 'array',
  exposeHeaders: 'array',
  credentials: 'any',
  redirects: 'boolean',
  streamsRequests: 'boolean',
  maxRequestBytes: 'any',
  maxResponseBytes: 'any',
  callsPerMinute: 'any',
  purpose: 'string',
};

const plainRequestHeaders = ['accept', 'accept-language', 'content-language', 'content-type'];
const plainResponseHeaders = [
  'cache-control',
  'content-language',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
];
/** Checks what an application grants. Throws `INVALID_OPTION`, naming the grant, the option, its value and the remedy. */
export function readGrants(
  grants: readonly FetchGrant[],
  ownOrigin: string,
  options?: OriginOptions,
): readonly Grant[] {
  if (!Array.isArray(grants)) throw invalidOption(`grants is ${inspect(grants)}: give a list, also where it is empty`);
  return grants.map((grant: FetchGrant, index) => {
    checkOptions('fetchBroker', grant, grantKinds, `grants[${index}].`);
    return readGrant(grant, ownOrigin, options);
  });
}

function readGrant(grant: FetchGrant, ownOrigin: string, options?: OriginOptions): Grant {
  const origin = parseOrigin(grant.origin, options);
  const { isOwnOrigin = false, credentials = 'omit', redirects = false, streamsRequests = false, purpose = '' } = grant;
  const wrong = (option: string, value: unknown, remedy: string): Error =>
    invalidOption(`The grant for ${origin}: ${option} is or has ${inspect(value)}: give ${remedy}`);
  if ((origin === ownOrigin) !== isOwnOrigin)
    throw wrong(
      'isOwnOrigin',
      isOwnOrigin,
      `${String(!isOwnOrigin)}, if this page's own origin (${ownOrigin}) is meant to be ${isOwnOrigin ? 'closed' : 'open'}`,
    );
  if (!Array.isArray(grant.paths) || grant.paths.length === 0)
    throw wrong('paths', grant.paths, 'patterns such as ["/v1/*"]');
  for (const path of grant.paths as readonly unknown[]) {
    if (typeof path !== 'string' || !path.startsWith('/')) throw wrong('paths', path, 'paths that begin with "/"');
    const why = whyRefused(path);
    if (why !== undefined)
      throw wrong('paths', path, `patterns that are clear, and cheap to try, such as "/v1/*/:id"; of this one ${why}`);
  }
  const methods = grant.methods ?? ['GET', 'HEAD'];
  for (const method of methods)
    if (!isGrantableMethod(method)) throw wrong('methods', method, 'methods in upper case that a browser sends');
  const names = (option: 'headers' | 'exposeHeaders', isName: typeof isGrantableHeader, remedy: string): string[] =>
    (grant[option] ?? []).map((name: unknown) => {
      if (!isName(name)) throw wrong(option, name, remedy);
      return name.toLowerCase();
    });
  const headers = names('headers', isGrantableHeader, 'headers that a page may set, each by its name');
  const exposed = names('exposeHeaders', isReadableHeader, 'headers that a page may read, each by its name');
  if (credentials !== 'omit' && credentials !== 'include')
    throw wrong('credentials', credentials, '"omit" or "include"');
  if (redirects && (credentials === 'include' || methods.some((method) => method !== 'GET' && method !== 'HEAD')))
    throw wrong('redirects', redirects, 'false where there are credentials or methods other than GET and HEAD');
  const count = (option: 'maxRequestBytes' | 'maxResponseBytes' | 'callsPerMinute', preset: number): number => {
    const value = grant[option] ?? preset;
    if (!Number.isSafeInteger(value) || value < 0) throw wrong(option, value, 'a whole number');
    return value;
  };
  return {
    origin,
    // As it was checked: patterns are made of it when they are wanted first.
    paths: [...grant.paths],
    methods: new Set(methods),
    headers: new Set([...plainRequestHeaders, ...headers]),
    exposeHeaders: new Set([...plainResponseHeaders, ...exposed]),
    credentials,
    redirects,
    streamsRequests,
    maxRequestBytes: count('maxRequestBytes', 1_048_576),
    maxResponseBytes: count('maxResponseBytes', 10_485_760),
    callsPerMinute: count('callsPerMinute', 60),
    purpose,
  };
}

/** What a grant lets a peer do, as a sentence for whoever has to agree: who, what, where, how much, and why. */
export function purposeOf(grant: FetchGrant): string {
  const { origin, paths, credentials, callsPerMinute = 60, purpose } = grant;
  const methods = grant.methods ?? ['GET', 'HEAD'];
  const isReading = methods.every((method) => method === 'GET' || method === 'HEAD');
  const what = isReading ? 'Read data from' : `Read and change data (${methods.join(', ')}) at`;
  const whose = credentials === 'include' ? ', signed in as you' : ', without your cookies';
  const where = paths.includes('/*') ? '' : ` under ${paths.join(', ')}`;
  const why = purpose === undefined || purpose === '' ? '' : ` ${purpose}`;
  // Without TLS others may read along, and whoever agrees is to see it.
  const at = origin.replace(/^https:\/\//, '');
  return `${what} ${at}${where}${whose}, up to ${callsPerMinute} times a minute.${why}`;
}
