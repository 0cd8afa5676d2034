import { inspect, invalidOption } from '../errors.ts';
import { isSchema } from './schema.ts';
import type { Schema } from './types.ts';

// By name, so that another copy of core in the page knows what this one has marked.
const brand = Symbol.for('muntin.secret');

/**
 * Marks what a schema describes as secret: no probe and no trace ever shows such a value. It changes nothing else, and nothing about it
 * crosses. Each side decides by its own copy of the contract.
 *
 * ```ts
 * signIn: mutation({ input: secret(type<{ password: string }>()), output: type<void>() })
 * ```
 *
 * Throws `INVALID_OPTION` for what is no schema.
 */
export function secret<In, Out>(schema: Schema<In, Out>): Schema<In, Out> {
  if (!isSchema(schema))
    throw invalidOption(
      `secret was given ${inspect(schema)}: give a Standard Schema, or type<T>() to trust the compiler`,
    );
  // An object of its own: the schema may be used elsewhere, for what is no secret.
  const marked: Schema<In, Out> = { '~standard': schema['~standard'] };
  return Object.defineProperty(marked, brand, { value: true });
}

/** Whether a schema was marked. */
export function isSecret(schema: Schema | undefined): boolean {
  return schema !== undefined && Object.hasOwn(schema, brand);
}
