import { inspect } from './errors.ts';

// What only helps whoever develops. Production builds have it without a body: see scripts/production.mjs.

/** Where the documentation has the paragraph for a code. */
export function pageOf(code: string): string {
  return `https://muntin.github.io/muntin/errors/${code}.html`;
}

const remedies: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'true or false',
  function: 'a function',
  number: 'a number',
  object: 'an object',
  signal: 'an AbortSignal',
  string: 'a string',
};

/** What to give where an option is to be of this kind. */
export function remedyOf(kind: string): string {
  return remedies[kind] ?? kind;
}

/** What was most likely meant by a word that is none of these, behind a sentence; empty where nothing is close. */
export function hintAt(value: unknown, words: readonly string[]): string {
  const near = typeof value === 'string' ? findNearest(value, words) : undefined;
  return near === undefined ? '' : `; did you mean ${inspect(near)}?`;
}

/** What to write instead of a name that does not exist. */
export function suggest(name: string, known: readonly string[]): string {
  const near = findNearest(name, known);
  return near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean ${inspect(near)}?`;
}

/** The known name that someone most likely meant, if any is close to what they wrote. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = isPart(name, candidate) ? 1.5 : distanceOf(name.toLowerCase(), candidate.toLowerCase());
    // Less than all of it: otherwise every name would be close to a short one.
    if (distance < least && distance < candidate.length) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** `timeout` for `timeoutMs`, but not `a` for all that have one. */
function isPart(name: string, candidate: string): boolean {
  return name.length > 3 && candidate.toLowerCase().includes(name.toLowerCase());
}

/**
 * How many letters have to be inserted, left out, replaced or swapped with the next (Damerau and Levenshtein, optimal string alignment).
 * Only the start of a name that is absurdly long counts.
 */
function distanceOf(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < Math.min(a.length, 64); i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = at(row, j) + (a[i] === b[j] ? 0 : 1);
      const isSwapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const swapped = isSwapped ? at(before, j - 1) + 1 : Infinity;
      next.push(Math.min(at(row, j + 1) + 1, at(next, j) + 1, replaced, swapped));
    }
    [before, row] = [row, next];
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
