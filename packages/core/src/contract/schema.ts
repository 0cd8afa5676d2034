import type { Schema } from './types.ts';

/** Whether something is a Standard Schema. */
export function isSchema(value: unknown): value is Schema {
  const isPlace = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const standard: unknown = isPlace ? Reflect.get(value, '~standard') : undefined;
  return (
    typeof standard === 'object' &&
    standard !== null &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  );
}
