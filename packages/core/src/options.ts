import { invalidOption, type MuntinError, show } from './errors.ts';
import { hintAt, remedyOf, suggest } from './hints.ts';

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
    } else if (!is[kind](value)) return invalidOption(`${prefix}${name} is ${show(value)}: give ${remedyOf(kind)}`);
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
  return invalidOption(`${name} is ${show(value)}: give ${words.map(show).join(', ')}${also}${hintAt(value, words)}`);
}

const longestTimeoutMs = 2 ** 31 - 1; // what setTimeout can hold

/** Why something is no time for a call to take; `undefined` when it is. */
export function wrongTimeout(timeoutMs: unknown): MuntinError<'INVALID_OPTION'> | undefined {
  const isTime =
    typeof timeoutMs === 'number' && timeoutMs >= 1 && (timeoutMs <= longestTimeoutMs || timeoutMs === Infinity);
  return isTime
    ? undefined
    : invalidOption(`timeoutMs is ${show(timeoutMs)}: give milliseconds from 1 to ${longestTimeoutMs}, or Infinity`);
}
