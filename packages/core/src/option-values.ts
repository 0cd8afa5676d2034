import { inspect, invalidOption, type MuntinError } from './errors.ts';
import { hintAt } from './hints.ts';

/** The error for a word that is none of those which an option takes; `also` names what else it takes. */
export function wrongWord(
  name: string,
  value: unknown,
  words: readonly string[],
  also = '',
): MuntinError<'INVALID_OPTION'> {
  return invalidOption(
    `${name} is ${inspect(value)}: give ${words.map(inspect).join(', ')}${also}${hintAt(value, words)}`,
  );
}

const longestTimeoutMs = 2 ** 31 - 1; // what setTimeout can hold

/** Why something is no time to wait for; `undefined` when it is. */
export function wrongTimeout(
  timeoutMs: unknown,
  name: string = 'timeoutMs',
): MuntinError<'INVALID_OPTION'> | undefined {
  const isTime =
    typeof timeoutMs === 'number' && timeoutMs >= 1 && (timeoutMs <= longestTimeoutMs || timeoutMs === Infinity);
  return isTime
    ? undefined
    : invalidOption(`${name} is ${inspect(timeoutMs)}: give milliseconds from 1 to ${longestTimeoutMs}, or Infinity`);
}
