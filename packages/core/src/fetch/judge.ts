import type { Grant } from './grants.ts';
import { ambiguous, maxPathname } from './pattern-cost.ts';
import type { Denial, FetchRule } from './protocol.ts';

/** Whether a path fits one of a grant's patterns. */
export type PathTest = (grant: Grant, pathname: string) => boolean;

/** What is judged of a request. */
export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The grant that lets a request pass, or the rule that it does not keep to. */
export type Judgement =
  | { readonly grant: Grant; readonly url: URL }
  | { readonly denial: Denial; readonly why: string };

const maxUrl = 8192;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Judges one request (which grant allows it), or says which rule is missing. The address has to be as the browser's own parser writes it, so
 * that what is judged is what is asked for.
 */
export function judge({ url: text, method, headers }: Asked, grants: readonly Grant[], fits: PathTest): Judgement {
  const url = readUrl(text);
  if (typeof url === 'string') return denied('url', text, url);
  const { origin, pathname } = url;
  const ofOrigin = grants.filter((grant) => grant.origin === origin);
  if (ofOrigin.length === 0) return denied('origin', origin, 'no grant is for this origin');
  if (pathname.length > maxPathname)
    return denied('path', pathname, `it is longer than ${maxPathname} characters, to which no pattern is applied`);
  const ofPath = ofOrigin.filter((grant) => fits(grant, pathname));
  if (ofPath.length === 0) return denied('path', pathname, `no grant for ${origin} has this path`);
  const ofMethod = ofPath.filter((grant) => grant.methods.has(method));
  if (ofMethod.length === 0) return denied('method', method, `no grant for ${origin}${pathname} has this method`);
  for (const [name, text_] of headers)
    if (!value.test(text_)) return denied('header', name, 'its value has what no header may have');
  const missing = (grant: Grant): string | undefined =>
    headers.find(([name]) => !grant.headers.has(name.toLowerCase()))?.[0];
  const grant = ofMethod.find((one) => missing(one) === undefined);
  if (grant !== undefined) return { grant, url };
  return denied(
    'header',
    ofMethod.map(missing)[0] ?? '',
    `no grant for ${method} ${origin}${pathname} has this header`,
  );
}

/** The address, or what is wrong with it. */
function readUrl(text: string): URL | string {
  if (text.length > maxUrl) return `it is longer than ${maxUrl} characters`;
  if (!/^[!-~]+$/.test(text) || text.includes('\\')) return 'it has a backslash, white space or what is not ASCII';
  if (!/^https?:\/\/[^/]/.test(text)) return 'it is no absolute http or https address in lower case';
  const url = parse(text);
  if (url === undefined) return 'it is no address';
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/.test(text)) return 'it has user info';
  if (text.includes('#')) return 'it has a fragment';
  if (url.hostname.endsWith('.')) return 'its host ends in a dot';
  if (url.href !== text) return `the browser reads it as ${url.href.slice(0, 200)}`;
  if (ambiguous.test(url.pathname)) return 'its path can be read in several ways';
  return url;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Makes a refusal. */
export function denied(rule: FetchRule, asked: string, why: string): { readonly denial: Denial; readonly why: string } {
  const shown = asked.slice(0, 200);
  return { denial: { rule, value: shown }, why: `${rule} ${JSON.stringify(shown)}: ${why}` };
}
