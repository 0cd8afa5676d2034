import { invalidOption, type MuntinError, show } from './errors.ts';

/** What an option has to be, as far as its type says; a list names the only words. `any`: it is checked where it is used. */
export type OptionKind =
  | 'any'
  | 'array'
  | 'boolean'
  | 'function'
  | 'number'
  | 'object'
  | 'signal'
  | 'string'
  | readonly string[];

/** Every name that a bag of options can have, in whichever of its forms. An option that is missing here does not compile. */
export type OptionKinds<Options> = Readonly<Record<NamesOf<Options> & string, OptionKind>>;

type NamesOf<Options> = Options extends unknown ? keyof Options : never;

/**
 * Refuses options that do not exist, and values of a wrong type: a typo would act as the default, without a word. `owner` is whose
 * options they are, as in `mount`; `prefix` what stands before their names in messages, as in `policy.`. Throws `INVALID_OPTION`.
 */
export function checkOptions(
  owner: string,
  options: unknown,
  known: Readonly<Record<string, OptionKind>>,
  prefix = '',
): void {
  const wrong = findWrongOption(owner, options, known, prefix);
  if (wrong !== undefined) throw wrong;
}

/** As {@link checkOptions}, for those who do not throw. */
export function findWrongOption(
  owner: string,
  options: unknown,
  known: Readonly<Record<string, OptionKind>>,
  prefix = '',
): MuntinError<'INVALID_OPTION'> | undefined {
  if (!isBag(options)) return invalidOption(`${owner} is given ${show(options)}: give an object with its options`);
  for (const name of Object.keys(options)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined)
      return invalidOption(`${owner} has no option ${show(prefix + name)}: ${suggest(name, Object.keys(known))}`);
    const value: unknown = Reflect.get(options, name);
    if (value === undefined || kind === 'any') continue;
    if (typeof kind !== 'string') {
      if (!isWord(value, kind)) return wrongWord(prefix + name, value, kind);
    } else if (!is[kind](value)) return invalidOption(`${prefix}${name} is ${show(value)}: give ${remedies[kind]}`);
  }
  return undefined;
}

function isBag(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const is = {
  array: Array.isArray,
  boolean: (value: unknown) => typeof value === 'boolean',
  function: (value: unknown) => typeof value === 'function',
  number: (value: unknown) => typeof value === 'number',
  object: isBag,
  // Also of another window, which `instanceof` does not know.
  signal: (value: unknown) => typeof value === 'object' && value !== null && 'aborted' in value && 'onabort' in value,
  string: (value: unknown) => typeof value === 'string',
};

const remedies = {
  array: 'an array',
  boolean: 'true or false',
  function: 'a function',
  number: 'a number',
  object: 'an object',
  signal: 'an AbortSignal',
  string: 'a string',
};

function isWord(value: unknown, words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(value);
}

/** The error for a word that is none of those which an option takes; `also` names what else it takes. */
export function wrongWord(
  name: string,
  value: unknown,
  words: readonly string[],
  also = '',
): MuntinError<'INVALID_OPTION'> {
  const near = typeof value === 'string' ? findNearest(value, words) : undefined;
  const hint = near === undefined ? '' : `; did you mean ${show(near)}?`;
  return invalidOption(`${name} is ${show(value)}: give ${words.map(show).join(', ')}${also}${hint}`);
}

/** What to write instead of a name that does not exist. */
export function suggest(name: string, known: readonly string[]): string {
  const near = findNearest(name, known);
  return near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean ${show(near)}?`;
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
