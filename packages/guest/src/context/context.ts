import type { Schema } from '@muntin/core';
import { contextPath, isPromiseLike, markOf, type Served, validate } from '@muntin/core/internal';

/**
 * Takes what the host tells its guest without being asked: before the guest is ready, and each time it changes. It is checked like everything
 * that comes from the other side; what does not fit changes nothing, and is reported like what a handler throws.
 */
export function takeContext(
  schema: Schema | undefined,
  latest: { set(context: unknown): void },
  report: (error: unknown, path: string) => void,
): Served {
  return markOf(contextPath, (read) => {
    const refuse = (error: unknown): void => report(error, 'context');
    try {
      const checked = validate(schema, read(), 'INPUT_INVALID', 'context');
      if (isPromiseLike(checked)) checked.then((context) => latest.set(context), refuse);
      else latest.set(checked);
    } catch (error) {
      refuse(error);
    }
  });
}
