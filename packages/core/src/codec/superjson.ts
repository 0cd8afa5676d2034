import { SuperJSON } from 'superjson';
import { invalidOption, MuntinError, show } from '../errors.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import type { Codec } from './codec.ts';

/** A class whose instances have no constructor arguments that matter: they are made without running it. */
export type RegisteredClass = new (...args: never[]) => object;

/** How a type that superjson does not know crosses; made by {@link customType}. */
export interface CustomType {
  readonly isApplicable: (value: unknown) => boolean;
  readonly serialize: (value: unknown) => unknown;
  readonly deserialize: (data: unknown) => unknown;
}

/** What a {@link superjsonCodec} knows beside what superjson and structured clone do. Both sides must register the same, by the same names. */
export interface SuperjsonOptions {
  /** Classes by name: their instances arrive as instances. @defaultValue none */
  readonly classes?: Readonly<Record<string, RegisteredClass>>;
  /** Symbols by name. @defaultValue none */
  readonly symbols?: Readonly<Record<string, symbol>>;
  /** Other types by name; see {@link customType}. @defaultValue none */
  readonly custom?: Readonly<Record<string, CustomType>>;
  /** Own properties that errors keep, beside name, message and cause. @defaultValue none */
  readonly errorProperties?: readonly string[];
}

const optionKinds: OptionKinds<SuperjsonOptions> = {
  classes: 'object',
  symbols: 'object',
  custom: 'object',
  errorProperties: 'array',
};

/**
 * Describes one entry of {@link SuperjsonOptions.custom}. `serialize` answers with what structured clone can carry; `deserialize` gets
 * what the peer sent, and has to check it.
 */
export function customType<T>(type: {
  readonly isApplicable: (value: unknown) => value is T;
  readonly serialize: (value: T) => unknown;
  readonly deserialize: (data: unknown) => T;
}): CustomType {
  const { isApplicable, serialize, deserialize } = type;
  return { isApplicable, serialize: (value) => (isApplicable(value) ? serialize(value) : value), deserialize };
}

/**
 * A codec for the types that structured clone loses: URL, registered classes and symbols, custom types such as a Decimal. Everything that
 * structured clone carries still crosses, also beside them: buffers, Blobs and what is transferred are not copied into text.
 *
 * Pass it to both `mount` and `expose` as `codec`. It is an instance of its own: nothing is registered globally. Throws `INVALID_OPTION`.
 */
export function superjsonCodec(options: SuperjsonOptions = {}): Codec {
  checkOptions('superjsonCodec', options, optionKinds);
  const { classes = {}, symbols = {}, custom = {}, errorProperties = [] } = options;
  const superjson = new SuperJSON();
  const kinds: Kinds = {
    class: new Set(Object.keys(classes)),
    symbol: new Set(Object.keys(symbols)),
    custom: new Set(Object.keys(custom)),
  };
  for (const [name, type] of Object.entries(classes)) {
    if (typeof type !== 'function') throw invalidOption(`classes.${name} is ${show(type)}: give a class`);
    superjson.registerClass(type, { identifier: name });
  }
  for (const [name, value] of Object.entries(symbols)) superjson.registerSymbol(value, name);
  for (const [name, { isApplicable, serialize, deserialize }] of Object.entries(custom))
    superjson.registerCustom<never, never>({ isApplicable, serialize, deserialize } as never, name); // superjson's types know JSON only
  // Otherwise superjson turns a typed array into a list of numbers.
  kinds.custom.add(view);
  superjson.registerCustom<never, never>(
    { isApplicable: (value: unknown) => ArrayBuffer.isView(value), serialize: same, deserialize: same } as never,
    view,
  );
  superjson.allowErrorProps(...errorProperties);

  return {
    name: 'superjson',
    encode: (value) => {
      const { json, meta } = superjson.serialize(value); // any value: what superjson does not know stays what it is
      return meta === undefined ? [json] : [json, meta.values ?? {}, meta.referentialEqualities ?? {}];
    },
    decode: (data) => {
      if (!Array.isArray(data) || (data.length !== 1 && data.length !== 3))
        throw violation('an encoded value of a wrong shape');
      const [json, values, equalities]: readonly unknown[] = data;
      refuseUnsafeKeys(json);
      if (data.length === 1) return json;
      checkValues(values, json, kinds);
      // The types were checked above; superjson declares what JSON can hold.
      const plain: unknown = superjson.deserialize({ json, meta: { values, v: 1 } } as never);
      checkEqualities(equalities, plain);
      return superjson.deserialize({ json: plain, meta: { referentialEqualities: equalities, v: 1 } } as never, {
        inPlace: true,
      });
    },
  };
}

const view = 'muntin:view';
const same = (value: unknown): unknown => value;

interface Kinds {
  readonly class: Set<string>;
  readonly symbol: Set<string>;
  readonly custom: Set<string>;
}

const simpleKinds: ReadonlySet<unknown> = new Set([
  'undefined',
  'bigint',
  'Date',
  'Error',
  'regexp',
  'set',
  'map',
  'number',
  'URL',
]);
const unsafeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const maxDepth = 1000;
const maxAnnotations = 100_000;
// Reading a long number or pattern takes more than linear time.
const maxParsed = 4096;

function violation(what: string): MuntinError {
  return new MuntinError('PROTOCOL_VIOLATION', `The peer sent ${what}`);
}

/** superjson copies by assignment, which an own `__proto__` would turn into a prototype; it never sends such keys itself. */
function refuseUnsafeKeys(root: unknown): void {
  const open: unknown[] = [root];
  const seen = new Set<unknown>();
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const prototype: unknown = Object.getPrototypeOf(node);
    if (prototype !== Object.prototype && !Array.isArray(node)) continue; // structured clone's own types, which superjson leaves alone
    for (const key of Object.keys(node)) {
      if (unsafeKeys.has(key)) throw violation(`the key "${key}" in an encoded value`);
      open.push(Reflect.get(node, key));
    }
  }
}

/** Annotations say what to make of parts of the JSON: only known kinds, only places that are there. */
function checkValues(tree: unknown, json: unknown, kinds: Kinds): void {
  let count = 0;
  const visit = (annotation: unknown, node: unknown, depth: number): void => {
    if (depth > maxDepth || ++count > maxAnnotations) throw violation('too many annotations');
    const [kind, children]: readonly unknown[] = Array.isArray(annotation) ? annotation : [undefined, annotation];
    if (Array.isArray(annotation)) checkKind(kind, node, kinds);
    if (children === undefined && Array.isArray(annotation)) return;
    for (const [path, child] of entriesOf(children)) visit(child, follow(node, path), depth + 1);
  };
  visit(tree, json, 0);
}

function checkKind(kind: unknown, node: unknown, kinds: Kinds): void {
  if ((kind === 'bigint' || kind === 'regexp') && (typeof node !== 'string' || node.length > maxParsed))
    throw violation(`a malformed ${kind}`);
  if (simpleKinds.has(kind)) return;
  const [group, name]: readonly unknown[] = Array.isArray(kind) ? kind : [];
  if (
    (group === 'class' || group === 'symbol' || group === 'custom') &&
    typeof name === 'string' &&
    kinds[group].has(name)
  )
    return;
  throw violation('an annotation of a kind that is not registered');
}

/** Equalities say which places hold one and the same object; every path has to lead there through what is the value's own. */
function checkEqualities(equalities: unknown, value: unknown): void {
  let count = 0;
  const checkPaths = (paths: unknown): void => {
    if (!Array.isArray(paths)) throw violation('malformed equalities');
    for (const path of paths) {
      if (++count > maxAnnotations) throw violation('too many equalities');
      follow(value, path);
    }
  };
  const [root, others]: readonly unknown[] = Array.isArray(equalities) ? equalities : [[], equalities];
  checkPaths(root);
  for (const [path, paths] of entriesOf(others ?? {})) {
    follow(value, path);
    checkPaths(paths);
  }
}

function entriesOf(record: unknown): readonly [string, unknown][] {
  if (typeof record !== 'object' || record === null || Object.getPrototypeOf(record) !== Object.prototype)
    throw violation('malformed annotations');
  return Object.entries(record);
}

/** Follows a path of superjson (`a.b\.c.0`) through own properties, rows of maps and items of sets. Throws where it leads nowhere. */
function follow(root: unknown, path: unknown): unknown {
  if (typeof path !== 'string' || path.length > maxParsed) throw violation('a malformed path');
  const segments = splitPath(path);
  let node = root;
  for (let at = 0; at < segments.length; at++) {
    const key = segments[at] ?? '';
    if (unsafeKeys.has(key) || typeof node !== 'object' || node === null) throw violation('a path that leads nowhere');
    if (node instanceof Map) {
      const row: unknown = [...node][Number(key)];
      node = Array.isArray(row) ? row[Number(segments[++at]) === 0 ? 0 : 1] : undefined;
    } else if (node instanceof Set) node = [...node][Number(key)];
    else if (Object.hasOwn(node, key)) node = Reflect.get(node, key);
    else throw violation('a path that leads nowhere');
  }
  return node;
}

/** Dots separate, `\.` is a dot and `\\` a backslash. */
function splitPath(path: string): readonly string[] {
  const segments = [''];
  for (const [part] of path.matchAll(/\\[\\.]|./gsu)) {
    if (part === '.') segments.push('');
    else segments.push((segments.pop() ?? '') + (part.length === 2 && part.startsWith('\\') ? part.slice(1) : part));
  }
  return segments;
}
