import type * as Comlink from 'comlink';
import { inspect, invalidOption } from '../errors.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import type { LaneHolder } from '../reference/lanes.ts';
import { handleLanes } from '../reference/waiting-lanes.ts';
import { LaneHub } from './hub.ts';
import { isInherited, type LaneOptions, methodsOf } from './rules.ts';

/** What lanes use of Comlink. Tests pass its earlier versions. */
export type ComlinkModule = Pick<typeof Comlink, 'wrap' | 'expose' | 'finalizer'>;

/** The two functions of `@muntin/core/comlink`, on one version of Comlink. */
export interface LaneFunctions {
  readonly wrap: <Api>(at: LaneHolder, name: string, options: LaneOptions) => Comlink.Remote<Api>;
  readonly exposeLane: (at: LaneHolder, name: string, api: object, options: LaneOptions) => () => void;
}

export function laneFunctions({ wrap, expose, finalizer }: ComlinkModule): LaneFunctions {
  return {
    wrap: (at, name, options) => wrap(hubOf(at).call(name, checked(options))),
    exposeLane: (at, name, api, given) => {
      checkApi(api);
      const options = checked(given);
      const methods = options.methods ?? methodsOf(api);
      if (typeof api === 'object') checkMethods(api, methods);
      const shell = shellOf(api, methods, options, finalizer); // first: a name is taken by what can be served only
      const { endpoint, stop } = hubOf(at).serve(name, { ...options, methods }, options);
      expose(shell, endpoint);
      return stop;
    },
  };
}

function checkApi(api: unknown): void {
  if ((typeof api !== 'object' || api === null) && typeof api !== 'function')
    throw invalidOption(`the lane serves ${inspect(api)}: give an object, a function or a class`);
}

/** Those of a class are not looked for: they are the methods of its instances. */
function checkMethods(api: object, methods: readonly string[]): void {
  for (const name of methods)
    if (typeof Reflect.get(api, name) !== 'function')
      throw invalidOption(`methods has ${inspect(name)}, which is not a method of what the lane serves`);
}

function hubOf(at: LaneHolder): LaneHub {
  return handleLanes(at['muntin.lanes'](), (side, limits) => new LaneHub(side, limits));
}

/** All that Comlink gets to see of an object: whatever it were told, there is nothing else to reach. */
function shellOf(api: object, methods: readonly string[], options: LaneOptions, finalizer: symbol): object {
  if (typeof api === 'function' || options.construct === true) return api;
  const shell: object = Object.create(null);
  for (const name of methods)
    Object.defineProperty(shell, name, { value: (...args: unknown[]): unknown => callOf(api, name, args) });
  for (const name of options.properties ?? [])
    Object.defineProperty(shell, name, { get: (): unknown => Reflect.get(api, name) });
  if (typeof Reflect.get(api, finalizer) === 'function')
    Object.defineProperty(shell, finalizer, { value: () => callOf(api, finalizer, []) });
  return shell;
}

function callOf(api: object, name: string | symbol, args: unknown[]): unknown {
  const method: unknown = Reflect.get(api, name);
  if (typeof method !== 'function') throw new TypeError(`${String(name)} is not a method any more`);
  return Reflect.apply(method, api, args);
}

const kinds: OptionKinds<LaneOptions> = {
  methods: 'array',
  properties: 'array',
  construct: 'boolean',
  proxies: 'boolean',
  transferHandlers: 'array',
};

function checked(options: LaneOptions): LaneOptions {
  checkOptions('lane', options, kinds);
  const names = new Set<unknown>();
  for (const list of ['methods', 'properties'] as const)
    for (const name of (options[list] ?? []) as readonly unknown[]) {
      if (typeof name !== 'string') throw invalidOption(`${list} has ${inspect(name)}: give names`);
      if (isInherited(name))
        throw invalidOption(`${list} has ${inspect(name)}, which every object or function has: choose another name`);
      if (names.has(name)) throw invalidOption(`methods and properties have ${inspect(name)} twice: give it once`);
      names.add(name);
    }
  return options;
}
