import { inspect, invalidOption, type MuntinError } from './errors.ts';
import { remedyOf, suggest } from './hints.ts';
import { wrongWord } from './option-values.ts';

// What only helps whoever develops. Production builds have it without a body: see scripts/production.mjs. A value that would act as another
// one, or take a limit away, is refused where it is used.

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
  if (!isBag(options)) return invalidOption(`${owner} is given ${inspect(options)}: give an object with its options`);
  for (const name of Object.keys(options)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined)
      return invalidOption(`${owner} has no option ${inspect(prefix + name)}: ${suggest(name, Object.keys(known))}`);
    const value: unknown = Reflect.get(options, name);
    if (value === undefined || kind === 'any') continue;
    if (typeof kind !== 'string') {
      if (!isWord(value, kind)) return wrongWord(prefix + name, value, kind);
    } else if (!is[kind](value)) return invalidOption(`${prefix}${name} is ${inspect(value)}: give ${remedyOf(kind)}`);
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
