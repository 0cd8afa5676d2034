import { MuntinError } from '@muntin/core';

/** Makes the error for a wrong option. */
export function invalidOption(option: string, value: unknown, remedy: string): MuntinError<'INVALID_OPTION'> {
  const shown = JSON.stringify(value) ?? String(value);
  return new MuntinError('INVALID_OPTION', `${option} is or has ${shown.slice(0, 200)}: give ${remedy}`);
}
