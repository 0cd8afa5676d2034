import type {
  AsyncDisposableIfKnown,
  CallOptions,
  Client,
  Codec,
  ContextOf,
  Contract,
  Extensible,
  Limits,
  Live,
  Origin,
  Procedures,
  Use,
} from '@muntin/core';
import type { LaneHolder } from '@muntin/core/internal';
import type { MountState } from './lifecycle.ts';

export type AnyContract = Contract<Procedures, Procedures, unknown>;

/** Options that guests of every shape have. */
export interface CommonOptions<List extends readonly Use[] = readonly Use[]> {
  /**
   * Extensions, and hooks around calls, the outermost first. What the hooks add to the context of handlers, the handlers have in their
   * types. @defaultValue none
   */
  readonly use?: List;
  /** Ceilings for this guest. @defaultValue see {@link Limits} */
  readonly limits?: Partial<Limits>;
  /** Encodes values, where the guest has the same one; see `@muntin/core/superjson`. @defaultValue structured clone alone */
  readonly codec?: Codec;
  /**
   * How long to wait for the guest's hello, first and after every reload, in milliseconds of this page's own time: while it is frozen,
   * prerendered or busy, none passes. By default it ends first: up to 1.5 s for finding out why included, before the time of a call that
   * was made at once (10 s), so that the call's error names the cause, and before the guest gives up (10 s), for only this side knows
   * what became of the frame. @defaultValue 8_000
   */
  readonly handshakeTimeoutMs?: number;
  /** Within which time a guest that does not react counts as unresponsive, while something is pending, in milliseconds. @defaultValue 5_000 */
  readonly unresponsiveMs?: number;
  /**
   * What to do when the guest has been unresponsive for `giveUpMs`: wait on, fail the mount with `PEER_UNRESPONSIVE`, or reload the
   * frame so many times (each time waiting twice as long) and then fail. The count begins again when the guest has stayed for ten
   * seconds. @defaultValue 'wait'
   */
  readonly onUnresponsive?: 'wait' | 'fail' | { readonly reload: number };
  /**
   * How long a guest may be unresponsive before `onUnresponsive` acts, and how long one that has said hello may take to read its
   * welcome, in milliseconds. @defaultValue 30_000
   */
  readonly giveUpMs?: number;
  /**
   * Loads the guest again after connecting has failed, so many times, after pauses that double from `delayMs` to `maxDelayMs`, each
   * shortened at random by up to a half. Meanwhile the state is `reconnecting`, `ready` is pending, and calls wait within their timeouts.
   * When this page comes back online, the guest is loaded at once. While it is offline, every pause is the longest, and loads do not count.
   * Not after failures that loading again cannot mend, such as `BLOCKED_BY_CSP`. @defaultValue false
   */
  readonly reconnect?: Reconnect | false;
  /**
   * When the guest has not connected in time, asks its server for its address once more from this page, without cookies, so that the error can
   * tell a server that is down, an error status, a redirect and headers that forbid framing apart. What the server lets this page read
   * (CORS) decides how much that is. Not for guests in workers. @defaultValue false
   */
  readonly askServer?: boolean;
  /**
   * Traces the states of this mount in the console, in development builds; `localStorage['muntin.debug']` does it for all mounts of this
   * origin. @defaultValue false
   */
  readonly debug?: boolean;
  /** Accepts a guest over plain `http:` that is not on loopback. Anyone on the network can then be that guest. @defaultValue false */
  readonly allowInsecure?: boolean;
  /** Told what a handler of this side threw that its contract does not declare; the guest gets the message only. */
  readonly onHandlerError?: (error: unknown, procedure: string) => void;
}

/** How often, and after which pauses, a failed guest is loaded again. */
export interface Reconnect {
  /** Loads after one failure; the count begins again when the guest has stayed for a while. `Infinity` is allowed. */
  readonly retries: number;
  /** The first pause, in milliseconds. @defaultValue 1_000 */
  readonly delayMs?: number;
  /** The longest pause, in milliseconds. @defaultValue 30_000 */
  readonly maxDelayMs?: number;
}

/** How {@link Mounted.unmount} ends. */
export interface UnmountOptions {
  /** How long the guest may take for its `beforeClose`, in milliseconds. @defaultValue 0: it is not asked */
  readonly askMs?: number;
}

/** One mounted guest, whatever its shape. It is usable at once: calls wait until the guest has connected, within their timeouts. */
export interface Mounted<C extends AnyContract> extends AsyncDisposableIfKnown, LaneHolder, Extensible {
  /** The procedures of the guest. */
  readonly guest: Client<C['guest']>;
  /**
   * Fulfilled when the guest is connected; rejected when the mount fails or is unmounted first. After a reload, and when a guest comes
   * after the mount had failed, it is a new promise.
   */
  readonly ready: Promise<void>;
  /** Where the mount is. */
  readonly state: MountState;
  /** The present state at once, then every change; completes when unmounted. */
  readonly state$: Live<MountState>;
  /** The pinned origin; `null` as text for an opaque guest, whose origin pins nothing. */
  readonly origin: Origin | 'null';
  /** How values cross in the latest session: the name of `codec`, or `structured-clone` where the guest does not have that. */
  readonly codec: string | undefined;
  /** Messages and batches to and from this guest since it was mounted. */
  readonly stats: MountStats;
  /** Changes some values of the context; the guest gets them with its next batch. Throws `VALUE_NOT_CLONEABLE`, `VALUE_UNSAFE` or `VALUE_TOO_LARGE`. */
  setContext(change: Partial<ContextOf<C>>): void;
  /** How long a message to the guest and back takes, in milliseconds. Rejects as calls do. */
  ping(options?: CallOptions): Promise<number>;
  /** Loads the guest anew. Also brings a failed mount back. */
  reload(): void;
  /**
   * Ends everything of this mount and takes the guest away: its frame, its window or its worker. With `askMs` a guest that is connected
   * is asked first, so that it can save. Does nothing the second time. Rejects with `INVALID_OPTION` for a wrong option, and with nothing else.
   */
  unmount(options?: UnmountOptions): Promise<void>;
}

/** Counts since the mount was made. A message is a call, an answer, a group of stream values …; a batch is one `postMessage`. */
export interface MountStats {
  /** Messages that this side has sent. */
  readonly sent: number;
  /** Messages of the guest that were read. */
  readonly received: number;
  /** Batches of messages that were posted. */
  readonly batchesSent: number;
  /** Batches that have come. */
  readonly batchesReceived: number;
}
