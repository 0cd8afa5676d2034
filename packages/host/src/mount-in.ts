import type { ContextOf, Origin } from '@muntin/core';
import { asyncDispose, createClient, ping } from '@muntin/core/internal';
import type { Container, OpenContainer } from './container/container.ts';
import type { AnyContract, Mounted, UnmountOptions } from './mounted.ts';
import { type AnyOptions, Mounting } from './mounting.ts';

/**
 * Mounts a guest in a container. What the application gets is a plain object of getters and functions, without private fields: it works
 * behind a Proxy, as frameworks put one around what they keep.
 */
export function mountIn<C extends AnyContract, T extends Container, E extends object>(
  contract: C,
  options: AnyOptions,
  origin: Origin | 'null',
  open: OpenContainer<T>,
  extend: (container: T) => E,
): Mounted<C> & E {
  const mounting = new Mounting<C, T>(contract, options, origin, open);
  const { connection, lifecycle } = mounting;
  const { caller } = connection;
  const unmount = (how?: UnmountOptions): Promise<void> => mounting.unmount(how);
  const mounted: Omit<Mounted<C>, typeof asyncDispose> = {
    guest: createClient<C['guest']>(contract.guest, caller),
    origin,
    get ready() {
      return lifecycle.ready.promise;
    },
    get state() {
      return lifecycle.current;
    },
    state$: lifecycle.state.changes$,
    get codec() {
      return mounting.codec;
    },
    get stats() {
      return mounting.traffic.sum;
    },
    setContext: (change: Partial<ContextOf<C>>) => mounting.context.change(change, connection.session),
    'muntin.lanes': () => connection.lanes,
    'muntin.endpoint': connection.endpoint,
    supports: (what) => connection.endpoint.supports(what),
    ping: (how) => ping(caller, how),
    reload: () => mounting.reload(),
    unmount,
  };
  const all = Object.defineProperties(mounted, Object.getOwnPropertyDescriptors(extend(mounting.container)));
  Object.defineProperty(all, asyncDispose, { value: () => unmount() });
  connection.endpoint.owner = all;
  return all as Mounted<C> & E; // what has just been defined
}
