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
  let came = 0;
  let told = 0;
  return markOf(contextPath, (read) => {
    const number = ++came;
    // The check of an earlier one may take longer than that of a later one, which is what counts.
    const tell = (context: unknown): void => {
      if (number < told) return;
      told = number;
      latest.set(context);
    };
    const refuse = (error: unknown): void => report(error, 'context');
    try {
      const checked = validate(schema, read(), 'INPUT_INVALID', 'context');
      if (isPromiseLike(checked)) checked.then(tell, refuse);
      else tell(checked);
    } catch (error) {
      refuse(error);
    }
  });
}
