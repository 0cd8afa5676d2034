import { MuntinError } from '../errors.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import { unchecked } from './define.ts';
import type { Schema } from './types.ts';

/** One thing that is wrong with a value, as it crosses to the peer that sent the value. */
export interface Issue {
  readonly message: string;
  /** Where, as property names and indexes from the value's root. */
  readonly path: readonly (string | number)[];
}

// An error about a huge value must not itself be huge.
const maxIssues = 32;

/**
 * Runs a schema over a value from the peer. Answers at once where the schema does; a promise where it is asynchronous.
 * Throws (or rejects with) `code`, its `data` holding the issues; and what `thrown` makes of what the schema itself throws.
 */
export function validate(
  schema: Schema | undefined,
  value: unknown,
  code: 'INPUT_INVALID' | 'OUTPUT_INVALID',
  procedure: string,
  thrown: (error: unknown) => unknown = (error) => error,
): unknown {
  return isChecked(schema) ? check(schema, value, code, procedure, thrown) : value;
}

/** Whether there is something to run. */
export function isChecked(schema: Schema | undefined): schema is Schema {
  return schema !== undefined && schema !== unchecked;
}

// Apart, so that a value without a schema pays for nothing of it.
function check(
  schema: Schema,
  value: unknown,
  code: 'INPUT_INVALID' | 'OUTPUT_INVALID',
  procedure: string,
  thrown: (error: unknown) => unknown,
): unknown {
  let outcome;
  try {
    outcome = schema['~standard'].validate(value);
  } catch (error) {
    throw thrown(error);
  }
  const read = (result: Awaited<typeof outcome>): unknown => {
    if (result.issues === undefined) return result.value;
    const issues = result.issues.slice(0, maxIssues).map(readIssue);
    const text =
      code === 'INPUT_INVALID'
        ? `The other side passed "${procedure}" an input that the schema of this side refuses`
        : `The other side answered "${procedure}" with an output that the schema of this side refuses`;
    throw new MuntinError(code, `${text}: ${describeIssues(issues)}`, { data: issues, blame: 'the peer' });
  };
  if (!isPromiseLike(outcome)) return read(outcome);
  return Promise.resolve(outcome).then(read, (error: unknown) => {
    throw thrown(error);
  });
}

/** Issues as an error message has them. Also those of a peer, whose lists may hide their methods. */
export function describeIssues(issues: readonly Issue[]): string {
  return [...issues]
    .map(({ path, message }) => (path.length > 0 ? `${[...path].join('.')}: ${message}` : message))
    .join('; ');
}

/** Whether a peer's word about what it refused has the form that {@link validate} gives it. */
export function areIssues(data: unknown): data is readonly Issue[] {
  return Array.isArray(data) && data.length <= maxIssues && [...data].every(isIssue);
}

function isIssue(data: unknown): boolean {
  return (
    typeof data === 'object' &&
    data !== null &&
    'message' in data &&
    typeof data.message === 'string' &&
    'path' in data &&
    Array.isArray(data.path) &&
    [...data.path].every((segment) => typeof segment === 'string' || typeof segment === 'number')
  );
}

function readIssue({
  message,
  path = [],
}: {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}): Issue {
  return {
    message,
    path: path.map((segment) => {
      const key = typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment;
      return typeof key === 'number' ? key : String(key);
    }),
  };
}
