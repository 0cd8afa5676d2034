import { isProcedure } from '../contract/define.ts';
import type { Procedure, Procedures, Served } from '../contract/types.ts';
import { inspect, invalidOption } from '../errors.ts';
import { checkHandlers } from './check-handlers.ts';

/**
 * Pairs each procedure of one side with its handler, which may be a method of a class; `this` is the object that was given. Each is
 * looked up here, once, by the contract's name: no name of a peer ever leads anywhere. Throws `INVALID_OPTION` for a handler that is
 * missing or is not a function, and for a function of a plain object that serves no procedure. `reserved`: what their names in a session
 * begin with.
 */
export function pairHandlers(
  procedures: Procedures,
  group: unknown = {},
  prefix = '',
  reserved = '',
): readonly Served[] {
  if (!isObject(group))
    throw invalidOption(
      `handlers${prefix === '' ? '' : `.${prefix.slice(0, -1)}`} is ${inspect(group)}: give an object with handlers`,
    );
  checkHandlers(procedures, group, prefix, isRoot);
  return Object.entries(procedures).flatMap(([name, entry]) => {
    const path = prefix + name;
    const found = lookUp(group, name);
    if (isProcedure(entry)) return pair(path, entry, group, found, reserved);
    // A group without procedures needs no handlers.
    return found === undefined && Object.keys(entry).length === 0
      ? []
      : pairHandlers(entry, found ?? {}, `${path}.`, reserved);
  });
}

function pair(
  path: string,
  procedure: Procedure,
  group: object,
  handler: unknown,
  reserved: string,
): readonly Served[] {
  if (typeof handler === 'function') {
    const bound: Served['handler'] = (input, context) => Reflect.apply(handler, group, [input, context]) as unknown;
    return [{ path: reserved + path, procedure, handler: bound }];
  }
  if (handler === undefined && procedure.isOptional === true) return [];
  throw invalidOption(
    handler === undefined
      ? `handlers.${path} is missing: the contract says that this side serves it`
      : `handlers.${path} is ${inspect(handler)}: give a function`,
  );
}

/** Of its own or of its class and those that it extends; not what every object inherits, and not the class itself. */
export function lookUp(group: unknown, name: string): unknown {
  for (let from: unknown = group; isObject(from) && !isRoot(from); from = Object.getPrototypeOf(from))
    if (Object.hasOwn(from, name)) {
      const found: unknown = Reflect.get(from, name, group);
      return name === 'constructor' && typeof found === 'function' && found.prototype === from ? undefined : found;
    }
  return undefined;
}

/** `Object.prototype`, of this realm or another. */
function isRoot(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.getPrototypeOf(value) === null &&
    Object.hasOwn(value, 'hasOwnProperty') &&
    Object.hasOwn(value, '__proto__')
  );
}

/** Whether it has properties of its own to look at, and is no function. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
