import { cloneOf } from '../clone.ts';
import { isMuntinError, MuntinError, messageOf } from '../errors.ts';
import { Uncodable } from './uncodable.ts';

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
type Found = readonly [path: string, part: unknown, kind?: string];

export const remedies =
  'send plain data; byReference(…) what is to be called, transfer(…) ports, streams and canvases, use the superjson codec for symbols and classes';

function explain(value: unknown, root: string, cause: unknown, seen: Set<unknown>, suspects: Suspects): MuntinError {
  // Cloning and encoding recur, and an engine's stack ends: in Chromium at some 3,600 levels.
  const isTooDeep = cause instanceof RangeError;
  const search = new Search(seen, suspects);
  const found = isTooDeep ? undefined : search.run(value, root);
  const [path, part, kind = kindOf(part)]: Found = found ?? [root, value];
  // Where no part of it is the culprit, the browser knows: a stream in a transfer list that is being read, say.
  const why = isTooDeep
    ? 'it nests too deep, send it flat'
    : search.isLate
      ? `something in it, behind the ${search.looked} parts that were looked at in ${patienceMs} ms (up to ${search.last}); ${remedies}`
      : found === undefined || isBytes(part)
        ? messageOf(cause)
        : remedies;
  const text = `${path} (${kind}) cannot cross to another page: ${why}`;
  return new MuntinError('VALUE_NOT_CLONEABLE', text, { cause });
}

// What is looked into: the parts of a page object are not what was meant.
const containers: ReadonlySet<string> = new Set(['Object', 'Array', 'Map', 'Set', 'Error']);
// What needs no trial.
const cloneable: ReadonlySet<string> = new Set(['Date', 'RegExp', 'Number', 'String', 'Boolean']);
// A longer path helps nobody.
const maxDepth = 64;
// For so long the page may stand still while the culprit is looked for.
const patienceMs = 50;
// So many parts take some milliseconds: whether they are looked at does not depend on what else the machine does.
const atOnce = 10_000;

/** Where in a value a part is: written out only when it is needed. */
interface Place {
  readonly up: Place | undefined;
  readonly key: string;
  readonly depth: number;
}

/** Looks for the first part that cannot be cloned by itself. Only leaves are cloned: a container is at fault where its parts are not. */
class Search {
  readonly #seen: Set<unknown>;
  readonly #suspects: Suspects;
  readonly #containers: (readonly [place: Place, part: object])[] = [];
  readonly #until = performance.now() + patienceMs;
  #last: Place | undefined;
  looked = 0;
  isLate = false;

  /** What was `seen` is not at fault. */
  constructor(seen: Set<unknown>, suspects: Suspects) {
    this.#seen = seen;
    this.#suspects = suspects;
  }

  /** The path of the last part that was looked at. */
  get last(): string {
    return pathOf(this.#last);
  }

  run(value: unknown, root: string): Found | undefined {
    const found = this.#find(value, { up: undefined, key: root, depth: 0 });
    if (found !== undefined || this.#suspects !== 'all') return found;
    // Inner ones first: they are small, and a proxy fails before its parts are looked at.
    for (const [place, part] of this.#containers.reverse()) {
      if (this.#isOver()) return undefined;
      if (!canClone(part)) return [pathOf(place), part, 'Proxy'];
    }
    return undefined;
  }

  #isOver(): boolean {
    this.isLate ||= performance.now() > this.#until;
    return this.isLate;
  }

  #find(value: unknown, place: Place): Found | undefined {
    if (this.#seen.has(value)) return undefined;
    if (typeof value === 'symbol' || typeof value === 'function')
      return this.#suspects === 'getters' ? undefined : [pathOf(place), value];
    if (typeof value !== 'object' || value === null) return undefined;
    this.#seen.add(value);
    this.#last = place;
    if (++this.looked > atOnce && this.looked % 64 === 0 && this.#isOver()) return undefined;
    const kind = kindOf(value);
    if (!containers.has(kind) || place.depth > maxDepth)
      return this.#isAtFault(value, kind) ? [pathOf(place), value, isProxied(value, kind) ? 'Proxy' : kind] : undefined;
    this.#containers.push([place, value]);
    return this.#findIn(value, place);
  }

  #isAtFault(value: object, kind: string): boolean {
    if (cloneable.has(kind)) return false;
    // Bytes can be many, and are fine unless they are gone.
    if (isBytes(value) && !isProxied(value, kind)) return value.byteLength === 0 && !canClone(value);
    return (this.#suspects !== 'getters' || kind === 'Proxy') && !canClone(value);
  }

  #findIn(value: object, up: Place): Found | undefined {
    const parts = partsOf(value);
    if (parts === undefined) return [pathOf(up), value, 'Proxy'];
    for (const key of keysOf(parts)) {
      const place = { up, key, depth: up.depth + 1 };
      let part: unknown;
      try {
        part = Reflect.get(parts, key);
      } catch {
        return [pathOf(place), undefined]; // a getter that throws
      }
      const found = this.#find(part, place);
      if (found !== undefined || this.isLate) return found;
    }
    return undefined;
  }
}

function isBytes(part: unknown): part is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(part) || kindOf(part) === 'ArrayBuffer'; // a proxy that is revoked is no instance of anything
}

/** A proxy of bytes has the name of them, and none. */
function isProxied(part: object, kind: string): boolean {
  try {
    return kind === 'ArrayBuffer' && Reflect.get(part, 'byteLength') === undefined;
  } catch {
    return true;
  }
}

function pathOf(last: Place | undefined): string {
  let path = '';
  for (let at = last; at !== undefined; at = at.up) {
    const { key } = at;
    const isIndex = /^\d+$/.test(key);
    if (at.up === undefined) path = key + path;
    else path = (isIndex ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`) + path;
  }
  return path;
}

function canClone(value: unknown): boolean {
  try {
    cloneOf(value);
    return true;
  } catch {
    return false;
  }
}

/** The entries of a map are pairs, those of a set are what it holds. `undefined` of a proxy of one, which has none. */
function partsOf(value: object): object | undefined {
  try {
    return value instanceof Map || value instanceof Set ? [...value] : value;
  } catch {
    return undefined;
  }
}

/** None of a proxy, or of a window of another origin, that does not tell. */
function keysOf(value: object): readonly string[] {
  try {
    return value instanceof Error ? ['cause'] : Object.keys(value);
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
