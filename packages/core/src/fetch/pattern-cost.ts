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
