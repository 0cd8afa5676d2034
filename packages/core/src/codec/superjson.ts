import { SuperJSON } from 'superjson';
import { cloneOf } from '../clone.ts';
import { inspect, invalidOption, MuntinError, messageOf } from '../errors.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import type { Codec } from './codec.ts';
import { extendsPlatform, isOfPlatform } from './platform.ts';
import { Uncodable } from './uncodable.ts';

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
  /**
   * Own properties that built-in errors keep, beside name, message and cause: an error with any other is refused. Errors of registered
   * classes keep all. @defaultValue none
   */
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
 * A codec for the types that structured clone loses: URL, registered classes and symbols, custom types such as a Decimal, and errors as they
 * are. Everything that structured clone carries still crosses by it, beside them and inside of them: identity, cycles, holes, buffers and
 * what is transferred. What does not arrive as it is, such as an instance of a class that is not registered, is refused with its path.
 *
 * Pass it to both `mount` and `expose` as `codec`. It is an instance of its own: nothing is registered globally. Throws `INVALID_OPTION`.
 */
export function superjsonCodec(options: SuperjsonOptions = {}): Codec {
  checkOptions('superjsonCodec', options, optionKinds);
  const { classes = {}, symbols = {}, custom = {}, errorProperties = [] } = options;
  const superjson = new SuperJSON();
  const types: Types = {
    superjson,
    classes: new Map(),
    names: new Map(),
    errors: new Map(),
    errorProperties: new Set(errorProperties),
    hasCustom: Object.keys(custom).length > 0,
  };
  for (const [name, type] of [...builtInErrors, ...Object.entries(classes)]) {
    if (typeof type !== 'function') throw invalidOption(`classes.${name} is ${inspect(type)}: give a class`);
    const prototype: unknown = type.prototype;
    if (typeof prototype !== 'object' || prototype === null)
      throw invalidOption(`classes.${name} has no prototype: give a class`);
    if (types.names.has(name) && types.names.get(name)?.prototype !== prototype)
      throw invalidOption(`classes.${name} has the name of a built-in error: choose another`);
    for (const builtIn of [...collections, ...wholes, URL, Promise])
      if (prototype instanceof builtIn)
        throw invalidOption(
          `classes.${name} extends ${builtIn.name}, which holds more than properties: make a customType of it`,
        );
    const isError = prototype === Error.prototype || prototype instanceof Error;
    const isBuiltIn = builtInErrors.some(([, builtIn]) => builtIn === type);
    const made = { name, prototype, isError, isBuiltIn, make: makerOf(prototype) };
    types.classes.set(prototype, made);
    if (isBuiltIn) types.errors.set(prototype, made);
    types.names.set(name, made);
  }
  // Each value is encoded for itself: what one has, no other can have, too. Else a few bytes would be decoded again and again.
  const seen: Seen = new WeakMap();
  for (const [name, value] of Object.entries(symbols)) superjson.registerSymbol(value, name);
  for (const [name, { isApplicable, serialize, deserialize }] of Object.entries(custom))
    superjson.registerCustom<never, never>({ isApplicable, serialize, deserialize } as never, name); // superjson's types know JSON only
  return {
    name: 'superjson',
    encode: (value) => (!types.hasCustom && isSimple(value) ? [value] : new Encoder(types).encode(value)),
    canCopy: (value) => canCopy(value, types),
    decode: (data) => decode(data, types, seen),
  };
}

const builtInErrors: readonly (readonly [name: string, type: RegisteredClass])[] = [
  ['Error', Error],
  ['AggregateError', AggregateError],
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
];
// Own properties that an error has by itself; they are not enumerable there.
const errorParts: readonly string[] = ['message', 'cause', 'errors'];

/** A class whose instances are known. */
interface KnownClass {
  readonly name: string;
  readonly prototype: object;
  readonly isError: boolean;
  readonly isBuiltIn: boolean;
  /** What has its prototype, and no code of its own. */
  readonly make: () => void;
}

interface Types {
  readonly superjson: SuperJSON;
  readonly classes: Map<object, KnownClass>;
  readonly names: Map<string, KnownClass>;
  /** Those of `classes` that are built in. */
  readonly errors: Map<object, KnownClass>;
  readonly errorProperties: ReadonlySet<string>;
  /** Whether any custom type is registered: asking costs something for each value. */
  readonly hasCustom: boolean;
}

/**
 * What stands for something that structured clone loses: an empty object of its own in the value, and beside the value what to make of it.
 * An instance stands there as an object with its properties, so that these are parts of the value, too.
 */
type Mark =
  | readonly [standIn: object, kind: 'class', name: string]
  | readonly [standIn: object, kind: 'URL' | 'bigint' | 'symbol' | 'custom', name: string, data: unknown];

/** Where in a value something is: a path that is written out only when it is needed. */
interface Place {
  readonly up: Place | undefined;
  readonly key: unknown;
}

/** Whether structured clone carries it, without a look at it. */
function isSimple(value: unknown): boolean {
  return value === null || simple.has(typeof value);
}
const simple: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'undefined']);

/** Whether an object is encoded by its parts. */
function canCopy(value: object, { superjson, classes, hasCustom }: Types): boolean {
  if (hasCustom && superjson.customTransformerRegistry.findApplicable(value) !== undefined) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype === 'object' && prototype !== null && classes.has(prototype)) return true;
  if (isPlain(prototype)) return true;
  if (Array.isArray(value)) return isExactly(prototype, [Array]);
  return (
    (value instanceof Map || value instanceof Set) && isExactly(prototype, [Map, Set]) && extraOf(value) === undefined
  );
}

/** Whether it is the prototype of one of these classes, and not of one that extends it: structured clone would forget that one. */
function isExactly(prototype: unknown, types: readonly { readonly prototype: unknown }[]): boolean {
  // An old page may have put a class of its own in the place of the platform's: then that is the one.
  return (
    types.some((type) => type.prototype === prototype) ||
    (typeof prototype === 'object' && prototype !== null && isOfPlatform(prototype))
  );
}

/** The first property of what has more in it than properties: structured clone would forget it. */
function extraOf(value: object): PropertyKey | undefined {
  const keys = Object.keys(value);
  // Of a text its characters come first.
  const isText = Object.prototype.toString.call(value) === '[object String]';
  const extra = keys[isText ? Number(Reflect.get(value, 'length')) : 0];
  return extra ?? Object.getOwnPropertySymbols(value).filter((key) => isEnumerable(value, key))[0];
}

function isEnumerable(value: object, key: PropertyKey): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}

/** Copies one value, with stand-ins for what structured clone loses. Depth is no limit: it keeps its own list of what is to be copied. */
class Encoder {
  readonly #types: Types;
  readonly #copies = new Map<unknown, unknown>();
  readonly #marks: Mark[] = [];
  readonly #open: { readonly value: object; readonly copy: object; readonly at: Place | undefined }[] = [];

  constructor(types: Types) {
    this.#types = types;
  }

  encode(value: unknown): readonly [root: unknown, marks?: readonly Mark[]] {
    const root = this.#convert(value, undefined);
    for (const { value: from, copy, at } of this.#open) this.#fill(from, copy, at);
    return this.#marks.length === 0 ? [root] : [root, this.#marks];
  }

  #convert(value: unknown, at: Place | undefined): unknown {
    if (this.#copies.has(value)) return this.#copies.get(value);
    const leaf = this.#leafOf(value, at);
    if (leaf !== undefined) {
      const standIn = {};
      this.#marks.push([standIn, ...leaf]);
      return this.#keep(value, standIn);
    }
    if (typeof value !== 'object' || value === null) return value;
    const copy = this.#startCopy(value, at);
    if (copy === undefined) return value;
    this.#open.push({ value, copy, at });
    return this.#keep(value, copy);
  }

  #keep(value: unknown, copy: object): object {
    if (typeof value === 'object' || typeof value === 'symbol' || typeof value === 'function')
      this.#copies.set(value, copy);
    return copy;
  }

  /** What becomes of a value that has no parts. */
  #leafOf(
    value: unknown,
    at: Place | undefined,
  ): readonly ['URL' | 'bigint' | 'symbol' | 'custom', string, unknown] | undefined {
    const { superjson } = this.#types;
    if (typeof value === 'symbol') {
      const name = superjson.symbolRegistry.getIdentifier(value);
      return name === undefined ? undefined : ['symbol', name, undefined];
    }
    const custom = this.#types.hasCustom ? superjson.customTransformerRegistry.findApplicable(value) : undefined;
    if (custom !== undefined) return ['custom', custom.name, this.#serialize(custom, value, at)];
    // Old engines mix up what is there twice beside one. Hexadecimal: to read a decimal one takes more than linear time.
    if (typeof value === 'bigint') return ['bigint', '', value.toString(16)];
    if (!(value instanceof URL) || !isExactly(Object.getPrototypeOf(value), [URL])) return undefined;
    refuseExtra(value, at);
    return ['URL', '', superjson.serialize(value).json];
  }

  /** What a custom type makes of a value: what structured clone would change in it is refused, as in the value itself. */
  #serialize(custom: { serialize(value: unknown): unknown }, value: unknown, at: Place | undefined): unknown {
    let data: unknown;
    try {
      data = custom.serialize(value);
      if (typeof data !== 'object' || data === null) return data;
      const { errors } = this.#types;
      const [, marks = []] = new Encoder({ ...this.#types, classes: errors, hasCustom: false }).encode(data);
      const [lost] = marks.filter(([, kind]) => kind === 'URL' || kind === 'symbol');
      if (lost === undefined) return data;
      throw new Uncodable('', lost[1], 'serialize it, too');
    } catch (error) {
      const why =
        error instanceof Uncodable
          ? `its custom type serializes to something with data${error.path} (${error.kind}): serialize that, too`
          : `its custom type cannot serialize it: ${messageOf(error)}`;
      throw refused(at, value, why);
    }
  }

  /** An empty copy of what has parts; `undefined` for what structured clone carries by itself. */
  #startCopy(value: object, at: Place | undefined): object | undefined {
    const prototype: unknown = Object.getPrototypeOf(value);
    const known = typeof prototype === 'object' && prototype !== null ? this.#types.classes.get(prototype) : undefined;
    if (wholePrototypes.has(prototype) && isHollow(value))
      throw refused(at, value, 'it is a proxy: send what is behind it, or plain data', 'Proxy');
    if (known !== undefined) {
      const standIn = {};
      this.#marks.push([standIn, 'class', known.name]);
      return standIn;
    }
    if (isPlain(prototype)) return Array.isArray(value) ? emptyLike(value) : {};
    if (Array.isArray(value) && isExactly(prototype, [Array])) return emptyLike(value);
    const isMap = value instanceof Map;
    if ((isMap || value instanceof Set) && isExactly(prototype, [Map, Set])) {
      refuseExtra(value, at);
      return isMap ? new Map() : new Set();
    }
    if (wholePrototypes.has(prototype)) {
      // Those of bytes are not looked for: to name all their indexes takes longer than to send them.
      if (!ArrayBuffer.isView(value) || value instanceof DataView) refuseExtra(value, at);
      return undefined;
    }
    if (!isCarried(value, prototype)) throw refusedClass(value, at);
    return undefined;
  }

  #fill(value: object, copy: object, at: Place | undefined): void {
    let index = 0;
    if (value instanceof Map && copy instanceof Map)
      for (const [key, item] of value) {
        const place = { up: at, key: index++ };
        copy.set(this.#convert(key, { up: place, key: 0 }), this.#convert(item, { up: place, key: 1 }));
      }
    else if (value instanceof Set && copy instanceof Set)
      for (const item of value) copy.add(this.#convert(item, { up: at, key: index++ }));
    else
      for (const key of this.#keysOf(value, at))
        put(copy, key, this.#convert(Reflect.get(value, key), { up: at, key }));
  }

  #keysOf(value: object, at: Place | undefined): readonly string[] {
    const keys = Object.keys(value);
    for (const key of Object.getOwnPropertySymbols(value))
      if (isEnumerable(value, key)) throw refused({ up: at, key }, key, 'properties with a symbol as key are lost');
    if (!(value instanceof Error)) return keys;
    const prototype: unknown = Object.getPrototypeOf(value);
    const isBuiltIn =
      typeof prototype === 'object' && prototype !== null && this.#types.classes.get(prototype)?.isBuiltIn;
    for (const key of keys)
      if (isBuiltIn && !this.#isErrorKey(key))
        throw refused({ up: at, key }, Reflect.get(value, key), 'name it in errorProperties of the codec');
    return [...new Set([...errorParts, 'name'].filter((key) => Object.hasOwn(value, key)).concat(keys))].filter(
      (key) => key !== 'stack',
    );
  }

  #isErrorKey(key: string): boolean {
    return this.#types.errorProperties.has(key) || errorParts.includes(key) || key === 'name' || key === 'stack';
  }
}

function isPlain(prototype: unknown): boolean {
  if (prototype === null || prototype === Object.prototype) return true;
  // Of another page of this browser, such as a frame of the same origin.
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'hasOwnProperty')
  );
}

function emptyLike(list: readonly unknown[]): object {
  return Object.assign([], { length: list.length }); // a sparse array stays one
}

const collections = [Array, Map, Set] as const;
// What structured clone carries whole; it has no parts to look into.
const wholes = [
  ...[Date, RegExp, ArrayBuffer, DataView, Number, String, Boolean],
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
] as const;
const wholePrototypes: ReadonlySet<unknown> = new Set(wholes.map(({ prototype }) => prototype));
// A clone of one says nothing: it can be given away only.
const transferables: readonly string[] = ['MessagePort', 'ReadableStream', 'WritableStream', 'TransformStream'];

/**
 * Whether structured clone carries an object with its class, or refuses it; not whether it says so itself: its tag is whatever its class
 * wants. An engine shows no code of its own classes. What shows some may still be the platform's, such as a Blob of a server: then a clone
 * of it is one, too.
 */
function isCarried(value: object, prototype: unknown): boolean {
  if (typeof prototype !== 'object' || prototype === null) return false;
  // Of the errors that are not known, structured clone would forget properties; or their class.
  if (Object.prototype.toString.call(value) === '[object Error]')
    return typeof DOMException === 'function' && value instanceof DOMException;
  if (isOfPlatform(prototype)) return true;
  if (transferables.some((name) => isPrototypeOf(name, prototype))) return true;
  try {
    const clone = cloneOf(value);
    return clone !== value && Object.getPrototypeOf(clone) === prototype;
  } catch {
    return false;
  }
}

/** Whether it has the class of something that is more than properties, and nothing of it: a proxy, mostly. */
function isHollow(value: object): boolean {
  if (ArrayBuffer.isView(value)) return false;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  try {
    return tag === 'Object' || tag === 'DataView' || (tag === 'ArrayBuffer' && Reflect.get(value, 'byteLength') < 0);
  } catch {
    return true;
  }
}

function isPrototypeOf(name: string, prototype: object): boolean {
  const type: unknown = Reflect.get(globalThis, name);
  return typeof type === 'function' && type.prototype === prototype;
}

function refusedClass(value: object, at: Place | undefined): Uncodable {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPart = typeof prototype === 'object' && prototype !== null && extendsPlatform(prototype);
  const isError = value instanceof Error;
  return refused(
    at,
    value,
    isPart && !isError
      ? 'make a custom type of its class, or send plain data'
      : 'register its class with the codec, or send plain data',
  );
}

function refuseExtra(value: object, at: Place | undefined): void {
  const key = extraOf(value);
  if (key !== undefined)
    throw refused({ up: at, key }, Reflect.get(value, key), 'of such an object own properties are lost');
}

function refused(at: Place | undefined, part: unknown, remedy: string, kind = kindOf(part)): Uncodable {
  const path: string[] = [];
  for (let place = at; place !== undefined; place = place.up) path.push(segmentOf(place.key));
  return new Uncodable(path.reverse().join(''), kind, remedy);
}

function kindOf(part: unknown): string {
  const type: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, 'constructor') : undefined;
  return typeof type === 'function' ? type.name : typeof part;
}

function segmentOf(key: unknown): string {
  if (typeof key !== 'string') return `[${String(key)}]`;
  return /^\d+$/.test(key) ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function define(target: object, key: string, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

/** For objects without setters of their own: much quicker than to define it. */
function put(target: object, key: string, value: unknown): void {
  if (key === '__proto__') define(target, key, value);
  else Reflect.set(target, key, value);
}

function violation(what: string): MuntinError {
  return new MuntinError('PROTOCOL_VIOLATION', `The peer sent ${what}`);
}

/** Makes what the marks say, then puts it where its stand-ins are. Each object of the value is visited once. */
function decode(data: unknown, types: Types, seen: Seen): unknown {
  if (!Array.isArray(data) || (data.length !== 1 && data.length !== 2))
    throw violation('an encoded value of a wrong shape');
  const [root, marks]: readonly unknown[] = data;
  if (data.length === 1) return root;
  if (!Array.isArray(marks) || marks.length === 0) throw violation('malformed marks'); // those of another value are gone
  const made: Made = new Map();
  const standIns: object[] = [];
  const instances: KnownClass[] = [];
  for (let at = 0; at < marks.length; at++) {
    const [standIn, kind, name, payload] = takeMark(marks[at]);
    if (made.has(standIn)) throw violation('two marks of one part');
    const known = kind === 'class' ? types.names.get(name) : undefined;
    made.set(standIn, known ?? makeLeaf(kind, name, payload, types));
    if (known === undefined) continue;
    standIns.push(standIn);
    instances.push(known);
  }
  if (standIns.length > 0) withoutStacks(() => makeInstances(standIns, instances, made));
  marks.length = 0;
  new Decoding(made, types, seen, marks).run(root, standIns, instances);
  return made.has(root) ? made.get(root) : root;
}

/** What becomes of stand-ins. */
type Made = Map<unknown, unknown>;

/** What decoding has met, and in which value. */
type Seen = WeakMap<object, object>;

/** Whether a part of a value is met for the first time. Throws where it came with an earlier value. */
function isNew(part: unknown, value: object, seen: Seen): boolean {
  if (typeof part !== 'object' || part === null) return true;
  const known = seen.get(part);
  if (known === undefined) seen.set(part, value);
  else if (known !== value) throw violation('one part in two encoded values');
  return known === undefined;
}

/** Whether an encoder copies it, and looks into it. */
function hasParts(node: object): boolean {
  return (
    node instanceof Map ||
    node instanceof Set ||
    Array.isArray(node) ||
    Object.getPrototypeOf(node) === Object.prototype
  );
}

/** Reads a mark, which is gone then: it belongs to one value. */
function takeMark(mark: unknown): readonly [standIn: object, kind: unknown, name: string, payload: unknown] {
  if (!Array.isArray(mark)) throw violation('a malformed mark');
  const [standIn, kind, name, payload]: readonly unknown[] = mark;
  if (typeof standIn !== 'object' || standIn === null || Object.getPrototypeOf(standIn) !== Object.prototype)
    throw violation('a malformed mark');
  if (typeof name !== 'string') throw violation('a mark without a name');
  mark.length = 0;
  return [standIn, kind, name, payload];
}

/**
 * Does something that makes errors without their stacks: that of an error which was made elsewhere says nothing, and takes longer than all
 * the rest. V8 can leave it out.
 */
function withoutStacks<T>(make: () => T): T {
  const limit: unknown = Reflect.get(Error, 'stackTraceLimit');
  if (typeof limit !== 'number') return make();
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}

function makeLeaf(kind: unknown, name: string, payload: unknown, { superjson }: Types): unknown {
  const custom = kind === 'custom' ? findCustom(superjson, name) : undefined;
  if (custom !== undefined) return custom.deserialize(payload);
  const symbol = kind === 'symbol' ? superjson.symbolRegistry.getValue(name) : undefined;
  if (symbol !== undefined) return symbol;
  if (kind === 'bigint' && typeof payload === 'string' && /^-?[\da-f]+$/.test(payload)) return readBigInt(payload);
  if (kind !== 'URL' || typeof payload !== 'string') throw violation('something of a kind that is not registered');
  return new URL(payload);
}

function readBigInt(text: string): bigint {
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

function findCustom(superjson: SuperJSON, name: string): { deserialize(data: unknown): unknown } | undefined {
  // superjson looks names up in an object: one that it inherits is not registered.
  const custom: unknown = Object.hasOwn(Object.prototype, name)
    ? undefined
    : superjson.customTransformerRegistry.findByName(name);
  return custom as { deserialize(data: unknown): unknown } | undefined; // what was registered above
}

function makerOf(prototype: object): () => void {
  const make = function (): void {};
  make.prototype = prototype;
  return make;
}

/** Without running their constructors; an error is a real one, so that consoles show it as such. Its stack is written when it is filled. */
function makeInstances(standIns: readonly object[], instances: readonly KnownClass[], made: Made): void {
  // What some engines give each of them; V8 gives the stack only.
  let extra: readonly string[] | undefined;
  for (let at = 0; at < standIns.length; at++) {
    const known = instances[at];
    if (known === undefined) continue;
    const { prototype, isError, make } = known;
    const instance = (isError ? Reflect.construct(Error, [], make) : Object.create(prototype)) as object;
    made.set(standIns[at], instance);
    if (!isError) continue;
    extra ??= Object.getOwnPropertyNames(instance).filter((key) => key !== 'stack');
    for (const key of extra) Reflect.deleteProperty(instance, key);
  }
}

/** Puts what was made in the place of its stand-ins. */
class Decoding {
  readonly #made: Made;
  readonly #types: Types;
  readonly #seen: Seen;
  readonly #value: object;
  readonly #open: object[] = [];

  /** `value`: what stands for the value in `seen`. */
  constructor(made: Made, types: Types, seen: Seen, value: object) {
    this.#made = made;
    this.#types = types;
    this.#seen = seen;
    this.#value = value;
  }

  run(root: unknown, standIns: readonly object[], instances: readonly KnownClass[]): void {
    this.visit(root);
    for (let at = 0; at < standIns.length; at++) {
      const [standIn, known] = [standIns[at], instances[at]];
      if (standIn === undefined || known === undefined || !isNew(standIn, this.#value, this.#seen)) continue;
      fillInstance(known, standIn, this.#made.get(standIn) as object, this, this.#types); // made above
    }
    // It belongs to this value, also where something else is in its place.
    if (this.#made.has(root)) isNew(root, this.#value, this.#seen);
    for (let node = this.#open.pop(); node !== undefined; node = this.#open.pop())
      if (hasParts(node) && isNew(node, this.#value, this.#seen)) replaceParts(node, this);
  }

  /** What is to be where a part is. */
  visit(part: unknown): unknown {
    if (typeof part !== 'object' || part === null) return part;
    const whole = this.#made.get(part);
    if (whole !== undefined || this.#made.has(part)) return whole;
    this.#open.push(part);
    return part;
  }
}

function fillInstance(known: KnownClass, from: object, instance: object, decoding: Decoding, types: Types): void {
  for (const key of Object.keys(from)) {
    const isOwn = errorParts.includes(key) || key === 'name';
    if (key === '__proto__' || (known.isError && key === 'stack'))
      throw violation(`a ${known.name} with the property "${key}"`);
    if (known.isBuiltIn && !isOwn && !types.errorProperties.has(key))
      throw violation(`an error with the property "${key}"`);
    define(instance, key, decoding.visit(Reflect.get(from, key)), !(known.isError && errorParts.includes(key)));
  }
  if (known.isError) define(instance, 'stack', `${textOf(instance, 'name')}: ${textOf(instance, 'message')}`, false);
}

function textOf(error: object, key: string): string {
  const text: unknown = Reflect.get(error, key);
  return typeof text === 'string' ? text : '';
}

function replaceParts(node: object, decoding: Decoding): void {
  if (node instanceof Map) {
    const entries = [...node];
    node.clear();
    for (const [key, item] of entries) node.set(decoding.visit(key), decoding.visit(item));
  } else if (node instanceof Set) {
    const items = [...node];
    node.clear();
    for (const item of items) node.add(decoding.visit(item));
  } else if (Array.isArray(node) || Object.getPrototypeOf(node) === Object.prototype)
    for (const key of Object.keys(node)) {
      const part: unknown = Reflect.get(node, key);
      const whole = decoding.visit(part);
      if (whole !== part) define(node, key, whole);
    }
}
