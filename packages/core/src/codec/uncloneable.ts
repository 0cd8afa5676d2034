import { isMuntinError, MuntinError, messageOf } from '../errors.ts';
import { Uncodable } from './codec.ts';

/**
 * The error for a value that structured clone refuses: it names where in the value the culprit is, and the remedy. What is in
 * `transfer` is not it: it crosses another way.
 */
export function notCloneable(
  value: unknown,
  root: string,
  cause: unknown,
  transfer: readonly unknown[] = [],
): MuntinError {
  return explain(value, root, cause, new Set(transfer), transfer.length > 0 ? 'parts' : 'all');
}

/**
 * The error for a value of ours that was not sent: one of ours as it is; else what cloning it threw, or, without `transfer`, what packing
 * it did: a getter or a proxy of its own.
 */
export function refusal(
  value: unknown,
  root: string,
  cause: unknown,
  transfer?: readonly unknown[],
): MuntinError<string> {
  if (isMuntinError(cause)) return cause;
  if (cause instanceof Uncodable) {
    const text = `${root}${cause.path} (${cause.kind}) cannot cross to another page: ${cause.remedy}`;
    return new MuntinError('VALUE_NOT_CLONEABLE', text, { cause });
  }
  return transfer === undefined
    ? explain(value, root, cause, new Set(), 'getters')
    : notCloneable(value, root, cause, transfer);
}

/** What may be the culprit: everything; not a container, which fails for what is transferred, too; only what fails when it is read. */
type Suspects = 'all' | 'parts' | 'getters';
type Found = readonly [path: string, part: unknown];

const remedies =
  'send plain data; byReference(…) what is to be called, transfer(…) ports, streams and canvases, use the superjson codec for symbols and classes';

function explain(value: unknown, root: string, cause: unknown, seen: Set<unknown>, suspects: Suspects): MuntinError {
  // Cloning and encoding recur, and an engine's stack ends: in Chromium at some 3,600 levels.
  const isTooDeep = cause instanceof RangeError;
  const found = isTooDeep ? undefined : find(value, root, seen, suspects);
  const [path, part]: Found = found ?? [root, value];
  // Where no part of it is the culprit, the browser knows: a stream in a transfer list that is being read, say.
  const why = isTooDeep ? 'it nests too deep, send it flat' : found === undefined ? messageOf(cause) : remedies;
  const text = `${path} (${kindOf(part)}) cannot cross to another page: ${why}`;
  return new MuntinError('VALUE_NOT_CLONEABLE', text, { cause });
}

// What is looked into: the parts of a page object are not what was meant.
const containers: ReadonlySet<string> = new Set(['Object', 'Array', 'Map', 'Set']);
// A longer path helps nobody, and finding it takes a clone at each step.
const maxPath = 256;

/** The first part that cannot be cloned by itself, with its path. Runs only after a clone has failed, so it may be slow. */
function find(value: unknown, path: string, seen: Set<unknown>, suspects: Suspects): Found | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch {
    if (seen.has(value)) return undefined;
    seen.add(value);
    const kind = kindOf(value);
    if (!containers.has(kind) || path.length > maxPath)
      return suspects === 'getters' && kind !== 'Proxy' ? undefined : [path, value];
    // The entries of a map are pairs, those of a set are what it holds.
    const parts: object = value instanceof Map || value instanceof Set ? [...value] : Object(value);
    let found: Found | undefined;
    for (const key of keysOf(parts)) {
      const at = /^\d+$/.test(key) ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
      found ??= findAt(parts, key, path + at, seen, suspects);
    }
    return found ?? (suspects === 'all' ? [path, value] : undefined);
  }
}

function findAt(parts: object, key: string, path: string, seen: Set<unknown>, suspects: Suspects): Found | undefined {
  let part: unknown;
  try {
    part = Reflect.get(parts, key);
  } catch {
    return [path, undefined]; // a getter that throws
  }
  return find(part, path, seen, suspects);
}

/** None of a proxy, or of a window of another origin, that does not tell. */
function keysOf(value: object): readonly string[] {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
}

function kindOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return 'Proxy';
  }
}
