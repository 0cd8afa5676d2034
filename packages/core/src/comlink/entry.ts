import * as Comlink from 'comlink';
import type { LaneHolder } from '../reference/lanes.ts';
import { laneFunctions } from './functions.ts';
import type { LaneOptions } from './rules.ts';

export { finalizer, type ProxyMarked, proxy, type Remote, releaseProxy, transfer, transferHandlers } from 'comlink';
export type { LaneHolder } from '../reference/lanes.ts';

export type { LaneOptions } from './rules.ts';

/** The names of what an object has; of a class also those that its instances have. */
export type MembersOf<Api> = string &
  (keyof Api | (Api extends abstract new (...args: never) => infer Instance ? keyof Instance : never));

const functions = laneFunctions(Comlink);

/**
 * What the other side exposes on its lane of this name, as `Comlink.wrap` gives it: every call is a promise. Lanes may be opened before
 * there is a session: calls wait for it. They reject when the session ends, and while there is none any more.
 *
 * `options` say what the other side may do with the callbacks that it is given, and answer with. Throws `INVALID_OPTION`.
 *
 * @example
 * const db = wrap<Db>(widget, 'db');
 * await db.find('x');
 */
export function wrap<Api>(at: LaneHolder, name: string, options: LaneOptions = {}): Comlink.Remote<Api> {
  return functions.wrap(at, name, options);
}

/**
 * Serves an object, a function or a class to the other side, as `Comlink.expose` does, on a lane of this name: of an object its own
 * methods and those of its class, or only those in `methods`; nothing else can be read, set, called or constructed, unless the options say
 * so. The lane serves every session of its mount. Answers what ends it, and then runs Comlink's `finalizer` of the object, if it has one.
 *
 * Throws `INVALID_OPTION` for a name that is taken, or for a method that the object does not have.
 *
 * @example
 * exposeLane(shell, 'db', new Db(), { methods: ['find'] });
 */
export function exposeLane<Api extends object>(
  at: LaneHolder,
  name: string,
  api: Api,
  options: LaneOptions<MembersOf<Api>> = {},
): () => void {
  return functions.exposeLane(at, name, api, options);
}
