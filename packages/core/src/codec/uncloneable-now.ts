import type { MuntinError } from '../errors.ts';
import { notCloneable } from './uncloneable.ts';

// Production builds have this without the search: see scripts/production.mjs.

/** As {@link notCloneable}, for who throws at once and cannot wait until the search is loaded. In production it names the root only. */
export function notCloneableNow(value: unknown, root: string, cause: unknown): MuntinError {
  return notCloneable(value, root, cause);
}
