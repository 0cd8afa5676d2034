import { MuntinError } from '../errors.ts';

/** The error for a value that structured clone refuses: it names where in the value the culprit is, and the remedy. */
export function notCloneable(value: unknown, root: string, cause: unknown): MuntinError {
  const path = findUncloneable(value, root, new Set()) ?? root;
  const text = `${path} cannot cross to another page: structured clone takes no functions, symbols or page objects; send plain data, or byReference(…) what is to be called`;
  return new MuntinError('VALUE_NOT_CLONEABLE', text, { cause });
}

/** What went wrong while a value was packed: an error of ours, or the value's own getter or proxy. */
export function asPackError(error: unknown, value: unknown, root: string): unknown {
  return error instanceof MuntinError ? error : notCloneable(value, root, error);
}

/** The path of the first part that cannot be cloned by itself. Runs only after a clone has failed, so it may be slow. */
function findUncloneable(value: unknown, path: string, seen: Set<unknown>): string | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch {
    if (typeof value !== 'object' || value === null || seen.has(value)) return path;
    seen.add(value);
    try {
      // The entries of a map are pairs, those of a set are what it holds; getters and proxies may throw.
      const parts = value instanceof Map || value instanceof Set ? [...value].entries() : Object.entries(value);
      for (const [key, part] of parts) {
        const at =
          Array.isArray(value) || typeof key === 'number'
            ? `[${key}]`
            : /^[\w$]+$/.test(key)
              ? `.${key}`
              : `[${JSON.stringify(key)}]`;
        const found = findUncloneable(part, path + at, seen);
        if (found !== undefined) return found;
      }
    } catch {
      // The container itself is the culprit then.
    }
    return path;
  }
}
