import type { CorsCause } from '../doctor/causes.ts';
import { safelistedMethods } from './names.ts';
import { isNonWildcard } from './safelist.ts';

/** All values of one header of an answer, in order, joined as the standard's "get" joins them. */
export type GetHeader = (name: string) => string | undefined;

/** Why a check failed. */
export interface Refusal {
  readonly cause: CorsCause;
  /** What the answer said, and what it would have to say, as a sentence. */
  readonly why: string;
}

/** What the CORS check compares. */
export interface Asked {
  /** As it went in the header `Origin`: `null` for an opaque origin, and behind some redirects. */
  readonly origin: string;
  /** Whether redirects made it `null`. */
  readonly isLost: boolean;
  readonly withCredentials: boolean;
}

/** Whether an answer may be read (Fetch Standard, "CORS check"); `undefined` when it may. */
export function checkOrigin(asked: Asked, get: GetHeader): Refusal | undefined {
  const allowed = get('access-control-allow-origin');
  if (allowed === undefined) return refuseOrigin(asked, undefined);
  if (allowed === '*' && !asked.withCredentials) return undefined;
  if (allowed !== asked.origin) return refuseOrigin(asked, allowed);
  if (!asked.withCredentials) return undefined;
  const credentials = get('access-control-allow-credentials');
  if (credentials === 'true') return undefined;
  return {
    cause: 'CREDENTIALS_NOT_ALLOWED',
    why: `Access-Control-Allow-Credentials is ${shown(credentials)}; it has to be exactly "true", once, in lower case`,
  };
}

function refuseOrigin({ origin, isLost, withCredentials }: Asked, allowed: string | undefined): Refusal {
  const found = `Access-Control-Allow-Origin is ${shown(allowed)}`;
  if (allowed === '*' && withCredentials)
    return {
      cause: 'WILDCARD_WITH_CREDENTIALS',
      why: `${found}, which never counts with credentials; it has to be "${origin}"`,
    };
  if (isLost)
    return {
      cause: 'REDIRECT_LOST_ORIGIN',
      why: `${found}, but a redirect to another origin has made the Origin of the request "null"`,
    };
  if (allowed === undefined)
    return { cause: origin === 'null' ? 'NULL_ORIGIN' : 'ORIGIN_MISSING', why: `${found}; it has to be "${origin}"` };
  if (/[\s,]/.test(allowed))
    return { cause: 'ORIGIN_MULTIPLE', why: `${found}: more than one value, where exactly one origin has to be` };
  if (origin === 'null')
    return { cause: 'NULL_ORIGIN', why: `${found}, but the page has an opaque origin, which is "null" in CORS` };
  return { cause: 'ORIGIN_MISMATCH', why: `${found}; it has to be exactly "${origin}", byte by byte` };
}

/** What a preflight asks for. */
export interface Wanted {
  readonly method: string;
  readonly unsafe: readonly string[];
  readonly withCredentials: boolean;
}

/**
 * Whether the answer to a preflight allows method and headers (Fetch Standard, "CORS-preflight fetch", steps 7.1 to 7.7). `*` covers
 * `Authorization` in every engine, against the standard: `isStrict` asks for the standard's answer.
 */
export function checkPreflight(
  { method, unsafe, withCredentials }: Wanted,
  get: GetHeader,
  isStrict = false,
): Refusal | undefined {
  const methods = readList(get('access-control-allow-methods'));
  const names = readList(get('access-control-allow-headers'));
  if (methods === undefined)
    return {
      cause: 'METHOD_NOT_ALLOWED',
      why: `Access-Control-Allow-Methods is ${shown(get('access-control-allow-methods'))}, which is no list of methods: one broken member voids all of it`,
    };
  if (names === undefined)
    return {
      cause: 'HEADER_NOT_ALLOWED',
      why: `Access-Control-Allow-Headers is ${shown(get('access-control-allow-headers'))}, which is no list of names: one broken member voids all of it`,
    };
  const hasStar = (list: readonly string[]): boolean => !withCredentials && list.includes('*');
  if (!methods.includes(method) && !safelistedMethods.has(method) && !hasStar(methods))
    return {
      cause: 'METHOD_NOT_ALLOWED',
      why: `Access-Control-Allow-Methods is ${shown(get('access-control-allow-methods'))}; it has to list ${method}, in this spelling${starNote(withCredentials, methods)}`,
    };
  const lower = new Set(names.map((name) => name.toLowerCase()));
  const missing = unsafe.filter((name) => !lower.has(name) && !(hasStar(names) && !(isStrict && isNonWildcard(name))));
  if (missing.length === 0) return undefined;
  return {
    cause: 'HEADER_NOT_ALLOWED',
    why: `Access-Control-Allow-Headers is ${shown(get('access-control-allow-headers'))}; it has to list ${missing.join(', ')}${starNote(withCredentials, names)}`,
  };
}

function starNote(withCredentials: boolean, list: readonly string[]): string {
  return withCredentials && list.includes('*') ? ' by name, for "*" does not count with credentials' : '';
}

/** The members of a list of tokens (RFC 9110, 5.6.1; empty ones do not count); `undefined` where one is no token. */
function readList(value: string | undefined): readonly string[] | undefined {
  const members = (value ?? '')
    .split(',')
    .map((one) => one.replace(/^[\t ]+|[\t ]+$/g, ''))
    .filter((one) => one !== '');
  return members.every((one) => /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(one)) ? members : undefined;
}

function shown(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
}
