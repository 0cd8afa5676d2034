// What Comlink says (its protocol.ts), as a grammar: everything that comes from a peer, and everything that Comlink itself wants to send,
// is read into objects of our own before anyone acts on it. What does not fit is `undefined`.
import { isRecord } from '../link/budget.ts';
import { maxText } from '../link/messages.ts';

/** A value in a message: data, or what one of Comlink's transfer handlers made. With `proxy` it stands for an endpoint. */
export type WireValue =
  | { readonly type: 'RAW'; readonly value: unknown }
  | { readonly type: 'HANDLER'; readonly name: string; readonly value: unknown };

export type RequestType = 'GET' | 'SET' | 'APPLY' | 'CONSTRUCT' | 'ENDPOINT' | 'RELEASE';

export interface Request {
  readonly id: string;
  readonly type: RequestType;
  readonly path: readonly string[];
  readonly args: readonly WireValue[];
}

export interface Answer {
  readonly id: string;
  readonly value: WireValue;
}

/** Which fields each request has, beside its id and type. */
const fieldsOf: Readonly<Record<RequestType, readonly string[]>> = {
  GET: ['path'],
  SET: ['path', 'value'],
  APPLY: ['path', 'argumentList'],
  CONSTRUCT: ['path', 'argumentList'],
  ENDPOINT: [],
  RELEASE: [],
};

// Comlink's ids are four numbers in hexadecimal digits.
const maxId = 128;

/** Reads a request or an answer. */
export function parse(given: unknown): Request | Answer | undefined {
  const fields = fieldsIn(given);
  if (fields === undefined) return undefined;
  const id = fields.get('id');
  const type = fields.get('type');
  if (!isId(id)) return undefined;
  if (isRequestType(type)) return parseRequest(id, type, fields);
  fields.delete('id');
  const value = parseValue(fields, true);
  return value && { id, value };
}

/** The id and whether it asks: of a message that is too large to be read. */
export function parseHead(given: unknown): { readonly id: string; readonly isRequest: boolean } | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const id = ownValue(given, 'id');
  return isId(id) ? { id, isRequest: isRequestType(ownValue(given, 'type')) } : undefined;
}

export function isRequest(content: Request | Answer): content is Request {
  return 'args' in content;
}

export function isProxy(value: WireValue): boolean {
  return value.type === 'HANDLER' && value.name === 'proxy';
}

/** A request as Comlink reads it; without a prototype, so that a field it lacks is not looked for elsewhere. */
export function writeRequest(id: string, { type, path, args }: Request): object {
  const message = bare({ id, type });
  if (type === 'RELEASE' || type === 'ENDPOINT') return message;
  return Object.assign(message, { path: [...path] }, type === 'GET' ? {} : { argumentList: [...args] });
}

/** What gives a lane back, as Comlink reads it. */
export function writeRelease(id: string): object {
  return bare({ id, type: 'RELEASE' });
}

/** An answer as Comlink reads it. */
export function writeAnswer(id: string, value: WireValue): object {
  return bare({ id, ...value });
}

/** The same value with another one in it: a port where there was the name of a lane, or the other way round. */
export function withValue(wire: WireValue, value: unknown): WireValue {
  return bare({ ...wire, value });
}

/** The answer to a request that does not pass, as Comlink reads it: a call that throws. */
export function thrown(message: string, name = 'MuntinError'): WireValue {
  return handled(
    'throw',
    bare({ isError: true, value: bare({ name: name.slice(0, maxText), message: message.slice(0, maxText) }) }),
  );
}

/** Nothing, as Comlink answers a release. */
export const nothing: WireValue = { type: 'RAW', value: undefined };

function parseRequest(id: string, type: RequestType, fields: Map<string, unknown>): Request | undefined {
  const expected = fieldsOf[type];
  if (fields.size !== expected.length + 2) return undefined;
  for (const name of expected) if (!fields.has(name)) return undefined;
  const path = expected.includes('path') ? parseList(fields.get('path'), parseName) : [];
  const args = expected.includes('argumentList')
    ? parseList(fields.get('argumentList'), parseValueOf)
    : expected.includes('value')
      ? parseList([fields.get('value')], parseValueOf)
      : [];
  return path && args && bare({ id, type, path, args });
}

/** Reads an array by index: it may hide all methods of arrays, and have more under names. */
function parseList<T>(given: unknown, parseItem: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const list: readonly unknown[] = given;
  const { length } = list;
  if (Object.keys(list).length !== length) return undefined;
  const items: T[] = [];
  for (let index = 0; index < length; index++) {
    const item = parseItem(list[index]);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function parseName(given: unknown): string | undefined {
  return typeof given === 'string' && given.length <= maxText ? given : undefined;
}

function parseValueOf(given: unknown): WireValue | undefined {
  const fields = fieldsIn(given);
  return fields && parseValue(fields, false);
}

function parseValue(fields: ReadonlyMap<string, unknown>, isAnswer: boolean): WireValue | undefined {
  if (!fields.has('value')) return undefined;
  const type = fields.get('type');
  const value = fields.get('value');
  if (type === 'RAW') return fields.size === 2 ? bare({ type: 'RAW' as const, value }) : undefined;
  const name = parseName(fields.get('name'));
  if (type !== 'HANDLER' || name === undefined || fields.size !== 3) return undefined;
  if (name !== 'throw') return handled(name, value);
  return isAnswer ? parseThrown(value) : handled(name, value); // the rules refuse it: nothing but an answer throws
}

/** An error keeps its name and message, as those of procedures do; what is no error crosses as it is. */
function parseThrown(given: unknown): WireValue | undefined {
  const fields = fieldsIn(given);
  if (fields === undefined || fields.size !== 2 || !fields.has('value')) return undefined;
  const value = fields.get('value');
  const isError = fields.get('isError');
  if (isError === false) {
    return isErrorObject(value) ? thrownLike(value) : handled('throw', bare({ isError, value }));
  }
  return isError === true && typeof value === 'object' && value !== null ? thrownLike(value) : undefined;
}

/** Neither the stack nor anything else that an error has crosses. */
function thrownLike(error: object): WireValue {
  return thrown(textOf(error, 'message'), textOf(error, 'name') || 'Error');
}

/** What a plain object has of its own. */
function fieldsIn(given: unknown): Map<string, unknown> | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  if (!isRecord(given) && Object.getPrototypeOf(given) !== null) return undefined;
  const keys = Object.keys(given);
  if (keys.length > maxFields) return undefined;
  const fields = new Map<string, unknown>();
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? '';
    fields.set(key, ownValue(given, key));
  }
  return fields;
}

// No message of Comlink's, nor anything in it that is not data, has more.
const maxFields = 8;

function ownValue(given: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(given, name)?.value;
}

function isErrorObject(value: unknown): value is object {
  return value instanceof Error || /^\[object (Error|DOMException)\]$/.test(Object.prototype.toString.call(value));
}

function textOf(error: object, name: string): string {
  const text: unknown = Reflect.get(error, name);
  return typeof text === 'string' ? text : '';
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && id.length > 0 && id.length <= maxId;
}

function isRequestType(type: unknown): type is RequestType {
  return typeof type === 'string' && Object.hasOwn(fieldsOf, type);
}

function handled(name: string, value: unknown): WireValue {
  return bare({ type: 'HANDLER' as const, name, value });
}

function bare<T extends object>(fields: T): T {
  return Object.assign(Object.create(null) as object, fields);
}
