import { isPathPattern } from './grant-rules.ts';

// A pattern is a regular expression in the end, and the other side chooses the path that it is tried on, often enough also the pattern, in its
// manifest. So what is tried has a bound, and so has how often one character may be looked at.

/** How long a path may be that patterns are tried on. */
export const maxPathname = 2048;

/** So many parts that stretch: each multiplies what it costs to find out that a path does not fit by the length of the path. */
const maxStretch = 2;

/**
 * Takes a pathname pattern apart (URL Pattern Standard, 2.1): an escape, a wildcard, a name, a group or a brace, each with what follows it; or
 * one character. A group is one class, of letters and digits only; others are left over as characters.
 */
const token =
  /\\.|\*[*+?]?|(?::[\p{ID_Start}$_][\p{ID_Continue}$]*)?\((?:\\[dw]|\[(?:\w(?:-\w)?)+\])[*+]?\)[*+?]?|:[\p{ID_Start}$_][\p{ID_Continue}$]*[*+?]?|[{}][*+?]?|./gsu;

/**
 * What a server and a browser may read in different ways: a path that one of them takes apart differently gets past its own rules. Beside dots,
 * slashes and percent signs these are control characters, what is encoded longer than UTF-8 has it, and a percent sign that encodes nothing.
 */
export const ambiguous: RegExp = /%(?:2[ef5]|5c|[01]|7f|c[01]|e0%[89]|f0%8|(?![\da-f]{2}))|\/\/|;/i;

/** Why this is no pattern for a grant; `undefined` where it may be one. */
export function whyRefused(pattern: string): string | undefined {
  return (
    whyCostly(pattern) ?? whyUnclear(pattern) ?? (isPathPattern(pattern) ? undefined : 'it is no pathname pattern')
  );
}

/**
 * Why a pattern may not mean what it says. Each text between two of its parts is read as a path of its own (URL Pattern Standard, "canonicalize
 * a pathname"), and dots in it take away the segments before them: `/v1/..*` would be `/*`.
 */
function whyUnclear(pattern: string): string | undefined {
  const tokens = pattern.match(token) ?? [];
  // oxlint-disable-next-line no-control-regex -- those are what is refused
  if (/[\u0000-\u0020\u007f]/.test(pattern)) return 'it has white space or a control character';
  if (tokens.some((text) => /^\\(?![:*+?(){}])/.test(text)))
    return 'it has a backslash before something else than one of ":*+?(){}"';
  const read = (brace: string): string =>
    tokens.map((text) => (isPart(text) ? '*' : /^[{}]/.test(text) ? brace : text.replace('\\', ''))).join('');
  // What is in braces is a text of its own, or not, by what follows: both are looked at.
  if ([read('/'), read('')].some((text) => /\/\.{1,2}(?=[/*]|$)/.test(text))) return 'it has a segment of dots';
  return ambiguous.test(read(''))
    ? 'no path is let through that has "%2e", "%2f", "%25", "%5c", "//", ";", an encoded control character, or a "%" that encodes no text'
    : undefined;
}

/** Whether it stands for something else than itself. */
function isPart(text: string): boolean {
  return text.startsWith('*') || (/^[:(]/.test(text) && text.length > 1);
}

/** Why a path must not be tried on this pattern; `undefined` where it may. */
export function whyCostly(pattern: string): string | undefined {
  const tokens = pattern.match(token) ?? [];
  let stretch = 0;
  let hasSegment = false;
  for (const [at, text] of tokens.entries()) {
    const next = tokens[at + 1];
    if (text === '(' || text === ')') return 'it has a group that is more than a class such as (\\d+)';
    if (/^[^\\].*[*+]$/s.test(text)) return 'it repeats a part';
    if (text.startsWith('\\')) continue;
    if (text.length > 1 && text.endsWith('?')) stretch++;
    if (text === '*' && next !== undefined)
      stretch++; // at the end it takes the rest, whatever that is
    // A name that is a whole segment fits in one way only.
    else if (/^[:(]./.test(text) && tokens[at - 1] === '/' && (next === undefined || next === '/')) hasSegment = true;
    else if (/^[:(]./.test(text)) stretch++;
  }
  return stretch + (hasSegment ? 1 : 0) > maxStretch ? 'it has too many parts that stretch' : undefined;
}
