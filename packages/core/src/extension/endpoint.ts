import type { Procedure, Procedures, Served } from '../contract/types.ts';
import { inspect, invalidOption } from '../errors.ts';
import type { Tap } from '../link/link.ts';
import { loadLazyPart } from '../reference/lazy.ts';
import type { Caller } from '../rpc/caller.ts';
import type { Incoming } from '../rpc/hooks.ts';
import { isObject } from '../rpc/served.ts';
import type { Hook } from './around.ts';

/** What `use` takes: made by an extension or by `around`. `Added` is what it adds to the context of handlers. */
export interface Use<Added = unknown> {
  /** @internal */
  readonly 'muntin.install': (endpoint: Endpoint) => void;
  /** Never there: it carries the type. @internal */
  readonly 'muntin.adds'?: Added;
}

/**
 * What all of `use` adds to the context of handlers, together: of `[around<{ user: User }>(…), around<{ log: Log }>(…)]` it is
 * `{ user: User } & { log: Log }`. Of a list whose entries the compiler does not know one by one, nothing.
 */
export type AddedBy<List extends readonly Use[]> = List extends readonly [
  Use<infer Added>,
  ...infer Rest extends readonly Use[],
]
  ? Added & AddedBy<Rest>
  : unknown;

/** A mount, or what `expose` returns: something that extensions belong to. The name is a string, so that it is found through a proxy, too. */
export interface Extensible {
  /** @internal */
  readonly 'muntin.endpoint': Endpoint;
  /**
   * Whether the other side has an extension, or serves a procedure, such as an optional one. Before the session is open it waits for it,
   * and rejects with `LINK_CLOSED` where none comes, and with `CHUNK_NOT_LOADED` where the part that answers cannot be loaded. Rejects with `INVALID_OPTION` for what is
   * neither, for a procedure of another contract, and for one that the contract has under two names.
   */
  supports(what: Supportable): Promise<boolean>;
}

/** What the other side can be asked for by `supports`. */
export type Supportable = Procedure | { readonly path: string };

/**
 * What one mount, or one `expose`, offers those who extend it. Core knows none of them: what is in `use` installs itself, and who uses
 * nothing loads nothing.
 */
export class Endpoint {
  readonly side: 'host' | 'guest';
  readonly caller: Caller;
  /** What the other side is asked for: procedures under their prefix. */
  readonly calls: [prefix: string, procedures: Procedures][];
  /** What this side serves; its order is what the handshake tells. */
  readonly served: Served[];
  /** Who sees what the other side calls, and what runs handlers within them. */
  readonly incomingHooks: Hook[] = [];
  incoming: Incoming | undefined;
  /** Who stands before what this side calls. */
  readonly outgoing: Hook[] = [];
  /** Who watches what travels, in any session. */
  tap: Tap | undefined;
  /** The mount or shell, once it is made. */
  owner: unknown;

  constructor(
    side: 'host' | 'guest',
    caller: Caller,
    calls: Procedures,
    served: readonly Served[],
    use: readonly Use[] = [],
  ) {
    this.side = side;
    this.caller = caller;
    this.calls = [['', calls]];
    this.served = [...served];
    const list: unknown = use;
    if (!Array.isArray(list)) throw invalidOption(`use is ${inspect(list)}: give a list of extensions`);
    for (const one of list as readonly unknown[]) {
      if (!isUse(one))
        throw invalidOption(
          `use has ${inspect(one)}: give what an extension's onHost or onGuest, or around(), returns`,
        );
      one['muntin.install'](this);
    }
  }

  /** Whether the other side has an extension, or serves a procedure; waits until that is known. */
  async supports(what: Supportable): Promise<boolean> {
    const { pathOf } = await loadLazyPart();
    return this.caller.serves(pathOf(what, this.calls));
  }

  /** Whoever writes a mount as JSON, to log it, gets what the mount shows: this would lead back to it. */
  toJSON(): void {}
}

function isUse(value: unknown): value is Use {
  return isObject(value) && 'muntin.install' in value && typeof value['muntin.install'] === 'function';
}
