import { checkPaths } from '../contract/check.ts';
import type { Client, Handlers, Procedures } from '../contract/types.ts';
import { inspect, invalidOption } from '../errors.ts';
import { createClient } from '../rpc/client.ts';
import { pairHandlers } from '../rpc/served.ts';
import type { Endpoint, Extensible, Use } from './endpoint.ts';
import { markOf } from './mark.ts';

type NoProcedures = Readonly<Record<never, never>>;

/** What {@link extension} takes: what either side serves, as in a contract. */
export interface ExtensionOptions<Host extends Procedures, Guest extends Procedures> {
  /** What the host serves. @defaultValue nothing */
  readonly host?: Host;
  /** What the guest serves. @defaultValue nothing */
  readonly guest?: Guest;
}

/** What the handlers of an extension can reach, where they are given as a function: the mount or shell that they are for. */
export interface Connected<Other extends Procedures> {
  /** The procedures of the other side. */
  readonly client: Client<Other>;
  /** The mount, or what `expose` returned; `undefined` until that has returned. */
  readonly owner: unknown;
}

/** Handlers, or a function that makes them anew for each mount; not needed where the side serves nothing. */
type HandlersFor<Own extends Procedures, Other extends Procedures> = keyof Own extends never
  ? [handlers?: Handlers<Own> | ((connected: Connected<Other>) => Handlers<Own>)]
  : [handlers: Handlers<Own> | ((connected: Connected<Other>) => Handlers<Own>)];

/** One side of an extension, for `use`; and the way to the other side, for each mount or shell that uses it. */
export interface Attached<Other extends Procedures> extends Use {
  /** The procedures of the other side. Throws `INVALID_OPTION` for a mount or shell that does not use the extension. */
  of(owner: Extensible): Client<Other>;
}

/** A contract that adds to contracts. Made by {@link extension}. */
export interface Extension<Host extends Procedures, Guest extends Procedures> {
  /** As in `acme/toast`. */
  readonly name: string;
  /** What it is known by to the other side. */
  readonly path: string;
  /** What hosts serve. */
  readonly host: Host;
  /** What guests serve. */
  readonly guest: Guest;
  /** The host's side: serves its part, and calls the guest's. */
  onHost(...handlers: HandlersFor<Host, Guest>): Attached<Guest>;
  /** The guest's side: serves its part, and calls the host's. */
  onGuest(...handlers: HandlersFor<Guest, Host>): Attached<Host>;
}

/**
 * Defines an extension: a small contract of its own, that travels beside any other over the same session. Both sides import it, and put
 * their part of it into `use`. Its procedures have reserved names, so that they are in nobody's way, and a side without it is a
 * typed `PROCEDURE_NOT_FOUND`.
 *
 * ```ts
 * const toast = extension('acme/toast', { host: { show: mutation<string, void>() } });
 * const toasts = toast.onHost({ show: (text) => display(text) });   // in the host: mount(…, { use: [toasts] })
 * const toasts = toast.onGuest();                                    // in the guest: expose(…, { use: [toasts] })
 * await toasts.of(shell).show('Saved');
 * ```
 *
 * Throws `INVALID_OPTION` for a name, or a procedure, that is not one, and for a procedure with a "/" in its name.
 */
export function extension<const Host extends Procedures = NoProcedures, const Guest extends Procedures = NoProcedures>(
  name: string,
  options: ExtensionOptions<Host, Guest>,
): Extension<Host, Guest>;
export function extension(
  name: string,
  { host = {}, guest = {} }: ExtensionOptions<Procedures, Procedures>,
): Extension<Procedures, Procedures> {
  if (typeof name !== 'string' || !/^[a-z0-9][\w./-]{0,63}$/i.test(name))
    throw invalidOption(
      `the extension's name is ${inspect(name)}: give up to 64 letters, digits and "-._/", as in "acme/toast"`,
    );
  const path = `+${name}`;
  for (const side of [host, guest]) checkPaths(side, `${path}/`);
  return Object.freeze({
    name,
    path,
    host,
    guest,
    onHost: (handlers: unknown) => attach('host', path, host, guest, handlers),
    onGuest: (handlers: unknown) => attach('guest', path, guest, host, handlers),
  });
}

function attach(
  side: 'host' | 'guest',
  path: string,
  own: Procedures,
  other: Procedures,
  handlers: unknown,
): Attached<Procedures> {
  const clients = new WeakMap<Endpoint, Client<Procedures>>();
  return Object.freeze({
    'muntin.install': (endpoint: Endpoint) => {
      if (endpoint.side !== side)
        throw invalidOption(`use has the ${side}'s side of ${inspect(path.slice(1))}: this is the ${endpoint.side}`);
      const client = createClient(other, endpoint.caller, `${path}/`);
      const connected: Connected<Procedures> = {
        client,
        get owner() {
          return endpoint.owner;
        },
      };
      const given = isFactory(handlers) ? handlers(connected) : handlers;
      const served = [markOf(path), ...pairHandlers(own, given ?? {}, '', `${path}/`)];
      const taken = new Set(endpoint.served.map((one) => one.path));
      for (const one of served)
        if (taken.has(one.path))
          throw invalidOption(
            `use has ${inspect(one.path.slice(1))} twice: ${one.path === path ? 'leave one out' : 'rename one of the extensions'}`,
          );
      endpoint.served.push(...served);
      endpoint.calls.push([`${path}/`, other]);
      clients.set(endpoint, client);
    },
    of: (owner: Extensible) => {
      const client = clients.get(owner?.['muntin.endpoint']);
      if (client === undefined)
        throw invalidOption(`${inspect(path.slice(1))} is not in "use" of what "of" was given: add it there`);
      return client;
    },
  });
}

function isFactory(handlers: unknown): handlers is (connected: Connected<Procedures>) => unknown {
  return typeof handlers === 'function';
}
