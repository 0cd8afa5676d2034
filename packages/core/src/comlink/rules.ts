import { inspect } from '../errors.ts';
import { isProxy, type Request, type RequestType, type WireValue } from './grammar.ts';

/** What the other side may do over a lane, and with every proxy that is passed over it, beside calling methods. */
export interface LaneOptions<Name extends string = string> {
  /** The only methods that may be called. @defaultValue every method that neither objects nor functions inherit */
  readonly methods?: readonly Name[];
  /** Properties that may be read. @defaultValue none */
  readonly properties?: readonly Name[];
  /** Whether `new` may be used on what is served, or on one of `methods`. @defaultValue false */
  readonly construct?: boolean;
  /** Whether the other side may pass proxies: callbacks and objects by reference, in arguments and results. @defaultValue true */
  readonly proxies?: boolean;
  /** Names of further Comlink transfer handlers that the other side may use. @defaultValue none */
  readonly transferHandlers?: readonly string[];
}

// What every object and function inherits is nobody's method.
const inherited: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  'then',
  'prototype',
]);

/** Names that no lane has, whatever its options say. */
export function isInherited(name: string): boolean {
  return inherited.has(name);
}

/** The methods that an object has, itself or from its class. */
export function methodsOf(api: object): readonly string[] {
  const names = new Set<string>();
  for (let at: unknown = api; typeof at === 'object' || typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (at === null || at === Object.prototype || at === Function.prototype) break;
    const own = Object.getOwnPropertyDescriptors(at);
    for (const name of Object.keys(own))
      if (typeof own[name]?.value === 'function' && !inherited.has(name)) names.add(name);
  }
  return [...names];
}

/** Why a request of the peer does not pass; `undefined` when it does. */
export function refuseRequest({ type, path, args }: Request, options: LaneOptions): string | undefined {
  const { methods, properties = [], construct = false } = options;
  const name = path[0];
  if (path.length > 1) return 'a lane has no property paths';
  if (name !== undefined && inherited.has(name)) return `${inspect(name)} is not a method`;
  if (type === 'GET')
    return name !== undefined && properties.includes(name) ? undefined : 'properties cannot be read over a lane';
  if (type !== 'APPLY' && !(type === 'CONSTRUCT' && construct)) return `${type} is not allowed over a lane`;
  if (name !== undefined && methods !== undefined && !methods.includes(name))
    return `${inspect(name)} is not one of the lane's methods`;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    const reason = arg && refuseValue(arg, options);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Why the peer's answer to a request of this type does not pass. */
export function refuseAnswer(value: WireValue, type: RequestType, options: LaneOptions): string | undefined {
  if (value.type === 'HANDLER' && value.name === 'throw') return undefined;
  if (type === 'CONSTRUCT' && !isProxy(value)) return 'what was constructed is no proxy';
  return refuseValue(value, options);
}

function refuseValue(value: WireValue, { proxies = true, transferHandlers = [] }: LaneOptions): string | undefined {
  if (value.type === 'RAW') return undefined;
  if (isProxy(value)) return proxies ? undefined : 'proxies are not allowed over this lane';
  return value.name !== 'throw' && transferHandlers.includes(value.name)
    ? undefined
    : `the transfer handler ${inspect(value.name)} is not allowed over this lane`;
}
