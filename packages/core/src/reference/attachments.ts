import { MuntinError } from '../errors.ts';
import { PORT } from '../link/messages.ts';
import { FUNCTION } from './detect.ts';
import type { PutLater } from './unread.ts';

// An array of 2^32 - 1 holes travels in a few bytes: no list of the other side is walked that is longer than an honest one.
export const maxPath = 20_000;
export const maxMethods = 1024;

/** Where in a value something live belongs, and what: path, kind, index to call it by, and for an object its methods. */
export type Attachment = readonly [
  path: readonly (string | number)[],
  kind: number,
  index: number,
  methods: readonly string[],
];

/** Of what is attached, all that is counted: not the ports, and nothing malformed. */
export function indexesOf(attachments: readonly unknown[] = []): readonly number[] {
  const indexes: number[] = [];
  for (let at = 0; at < attachments.length; at++) {
    const attachment = attachments[at];
    if (isAttachment(attachment) && attachment[1] !== PORT) indexes.push(attachment[2]);
  }
  return indexes;
}

export function isAttachment(given: unknown): given is Attachment {
  if (!Array.isArray(given) || given.length !== 4) return false;
  const [path, kind, index, methods]: readonly unknown[] = given;
  return (
    isListOf(path, maxPath, (segment) => typeof segment === 'string' || Number.isSafeInteger(segment)) &&
    Number.isSafeInteger(kind) &&
    Number(kind) >= FUNCTION &&
    Number(kind) <= PORT &&
    Number.isSafeInteger(index) &&
    isListOf(methods, maxMethods, (name) => typeof name === 'string' && name !== 'then')
  );
}

/** Read by index: a list of the peer's can have an `every` of its own. */
function isListOf(given: unknown, most: number, fits: (entry: unknown) => boolean): boolean {
  if (!Array.isArray(given) || given.length > most) return false;
  const list: readonly unknown[] = given;
  for (let index = 0; index < list.length; index++) if (!fits(list[index])) return false;
  return true;
}

/** The keys of maps and the items of sets in their order, listed once however many parts belong into one: as they were, and as they are to be. */
export type Entries = Map<object, { readonly before: readonly unknown[]; now: unknown[] | undefined }>;

/** Puts something at a path, through own properties only, where a null or an empty object keeps its place. It is made when there is one. */
export function place(
  root: unknown,
  path: readonly (string | number)[],
  make: () => unknown,
  entries: Entries,
  later?: { readonly put: PutLater; readonly index: number },
): unknown {
  if (path.length === 0) {
    if (root !== null) throw nowhere();
    return make();
  }
  let node = root;
  for (let depth = 0; depth < path.length; depth++) {
    const segment = path[depth] ?? '';
    const isLast = depth === path.length - 1;
    if (isLast && segment === 'then') throw new MuntinError('PROTOCOL_VIOLATION', 'The peer attached a "then"');
    const isMap = node instanceof Map;
    const isEntry = node instanceof Set || (isMap && typeof segment === 'string');
    if ((isEntry || isMap) && !entries.has(node as object))
      entries.set(node as object, {
        before: [...(node as Map<unknown, unknown> | Set<unknown>).keys()],
        now: undefined,
      });
    const list = isEntry || isMap ? entries.get(node as object) : undefined;
    const key = list?.before[Number(segment)];
    const found: unknown = isEntry
      ? (list?.now ?? list?.before)?.[Number(segment)]
      : isMap
        ? (node as Map<unknown, unknown>).get(key)
        : ownValue(node, segment);
    if (isLast && isEntry && list !== undefined && isStandIn(found))
      (list.now ??= [...list.before])[Number(segment)] = make();
    else if (isLast && !isEntry && found === null) {
      if (node instanceof Map) node.set(key, make());
      else if (later !== undefined) later.put(node as object, String(segment), later.index, make);
      else define(node as object, String(segment), make()); // `ownValue` has found a property of it
    } else if (isLast || typeof found !== 'object' || found === null) throw nowhere();
    node = found;
  }
  return root;
}

/** What keeps the place of an item of a set, or of a key of a map. */
function isStandIn(found: unknown): boolean {
  return (
    typeof found === 'object' &&
    found !== null &&
    Object.getPrototypeOf(found) === Object.prototype &&
    Object.keys(found).length === 0
  );
}

/** Puts items and keys where their stand-ins are: once, so that their order stays. */
export function refill(entries: Entries): void {
  for (const [container, { before, now }] of entries) {
    if (now === undefined) continue;
    if (container instanceof Set) {
      container.clear();
      for (const item of now) container.add(item);
    } else if (container instanceof Map) {
      const values = before.map((key) => container.get(key) as unknown);
      container.clear();
      for (const [at, key] of now.entries()) container.set(key, values[at]);
    }
  }
}

function nowhere(): MuntinError {
  return new MuntinError('PROTOCOL_VIOLATION', 'The peer attached something to a place that is not there');
}

function ownValue(node: unknown, key: string | number): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined;
}

function define(target: object, key: string, value: unknown): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, key);
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
