import type { MuntinError } from '@muntin/core';
import { pageOf } from '@muntin/core/internal';
import type { MountState } from './lifecycle.ts';

// What whoever develops reads in the console. Production builds have it without a body: see scripts/production.mjs.

const prefix = 'Muntin:';
const startedAt = Date.now();

/** One line for each failure of a mount: whose, the code, what happened and what to do about it, and where to read more. */
export function reportFailure(origin: string, { code, message }: MuntinError, isTriedAgain: boolean): void {
  if (code === 'UNMOUNTED') return;
  const line = `${prefix} the mount of ${origin} has failed with ${code}. ${message}. See ${pageOf(code)}`;
  if (isTriedAgain) console.warn(`${line} (it is loaded again)`);
  else console.error(line);
}

/** Whether states are to be traced: by the option, or for all mounts of this origin by `localStorage['muntin.debug']`. */
export function isTraced(debug: boolean | undefined): boolean {
  try {
    return debug ?? typeof globalThis.localStorage?.getItem('muntin.debug') === 'string';
  } catch {
    return false; // a page whose storage is closed
  }
}

/** One line for each state of a mount that is traced. */
export function traceState(origin: string, { name, cause }: MountState): void {
  const why = cause === undefined ? '' : ` (${cause.code})`;
  console.info(`${prefix} ${origin} is ${name}${why} after ${Date.now() - startedAt} ms`);
}
