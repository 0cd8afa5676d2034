import { MuntinError } from '@muntin/core';

/** Makes the error for a wrong option. */
export function invalidOption(option: string, value: unknown, remedy: string): MuntinError<'INVALID_OPTION'> {
  const shown = JSON.stringify(value) ?? String(value);
  return new MuntinError('INVALID_OPTION', `${option} is or has ${shown.slice(0, 200)}: give ${remedy}`);
}

/** A text would be taken letter by letter. Throws `INVALID_OPTION` for all that is no list. */
export function checkList(option: string, list: unknown, remedy: string): void {
  if (!Array.isArray(list)) throw invalidOption(option, list, remedy);
}
