import { checkCodec } from './codec/check-codec.ts';
import type { Codec } from './codec/codec.ts';
import { structuredCloneName } from './codec/codec.ts';
import type { Procedures, Served } from './contract/types.ts';
import type { MuntinError } from './errors.ts';
import { Endpoint, type Use } from './extension/endpoint.ts';
import { type Introduction, protocolVersions } from './handshake/messages.ts';
import type { Limits } from './link/limits.ts';
import { Lanes } from './reference/lanes.ts';
import { Admission } from './rpc/admission.ts';
import { Caller } from './rpc/caller.ts';
import type { replayAfter } from './rpc/replay.ts';
import type { Side } from './rpc/sent-calls.ts';
import { Session, type SessionOptions } from './session.ts';

/** What a connection is made from. */
export interface ConnectionOptions extends Pick<SessionOptions, 'onHandlerError'> {
  readonly side: Side;
  readonly contract: Introduction['contract'];
  /** What this side serves of the contract, and the marks of what is built in; its order is what the handshake tells. */
  readonly served: readonly Served[];
  /** What the peer's side of the contract serves. */
  readonly calls: Procedures;
  /** Extensions and hooks. */
  readonly use: readonly Use[] | undefined;
  readonly limits: Limits;
  readonly codec: Codec | undefined;
}

/**
 * Where a connection is. `apart`: there is no session, and one may come. `opening`: there is one, and the peer has not said yet that it
 * listens. `open`. `gone`: none will come, and every call is refused with the cause, until {@link Connection.revive}.
 */
type ConnectionState =
  | { readonly name: 'apart' }
  | { readonly name: 'opening' | 'open'; readonly session: Session }
  | { readonly name: 'gone'; readonly cause: MuntinError };

/** What is the same on both sides and outlives sessions: the calls that wait for one, the lanes, and the session that there is. */
export class Connection {
  readonly caller: Caller;
  readonly lanes: Lanes;
  /** What extensions hold on to. */
  readonly endpoint: Endpoint;
  readonly #options: ConnectionOptions;
  readonly #admission: Admission;
  #state: ConnectionState = { name: 'apart' };

  /** Throws `INVALID_OPTION` for what is no codec, and for what is no extension. */
  constructor(options: ConnectionOptions) {
    checkCodec(options.codec);
    this.#options = options;
    this.#admission = new Admission(options.limits);
    this.caller = new Caller(options.side, options.limits, options.codec !== undefined);
    this.lanes = new Lanes(options.side, options.limits);
    this.endpoint = new Endpoint(options.side, this.caller, options.calls, options.served, options.use);
  }

  /** What this side says of itself in the handshake. */
  get introduction(): Introduction {
    const { contract, limits, codec } = this.#options;
    return {
      versions: protocolVersions,
      contract,
      serves: this.endpoint.served.map(({ path }) => path),
      calls: limits.calls,
      codecs: codec === undefined ? [structuredCloneName] : [codec.name, structuredCloneName],
    };
  }

  get session(): Session | undefined {
    return 'session' in this.#state ? this.#state.session : undefined;
  }

  /** Opens a session on a port; the one before is over. `codec`: the name that was agreed on. */
  open(
    options: Omit<
      SessionOptions,
      | 'side'
      | 'caller'
      | 'lanes'
      | 'served'
      | 'incoming'
      | 'tapped'
      | 'limits'
      | 'admission'
      | 'onHandlerError'
      | 'codec'
    > & {
      readonly codec: string;
    },
  ): Session {
    const { caller, lanes, endpoint } = this;
    const { codec } = this.#options;
    const session = new Session({
      ...this.#options,
      ...options,
      caller,
      lanes,
      served: endpoint.served,
      incoming: endpoint.incoming,
      tapped: endpoint,
      admission: this.#admission,
      codec: options.codec === codec?.name ? codec : undefined,
    });
    this.#state = { name: session.isReady ? 'open' : 'opening', session };
    return session;
  }

  /** The peer has said that it listens. */
  opened(): void {
    const { session } = this;
    if (session !== undefined) this.#state = { name: 'open', session };
  }

  /** The session is over, and another may come: what can wait for it does. The host alone needs `replay`, and gives it. */
  lose(cause: MuntinError, replay: typeof replayAfter): void {
    if (this.#state.name === 'gone') return;
    // Who never said ready has got nothing that can be sent once only, and what it may have run has told nobody.
    const neverRan = this.#state.name === 'opening';
    this.#close(cause);
    this.#state = { name: 'apart' };
    this.caller.end(cause, replay(neverRan));
    this.lanes.detach(cause, false);
  }

  /** No session will come: everything ends. */
  fail(cause: MuntinError, reason?: string): void {
    this.#close(cause, reason);
    this.#state = { name: 'gone', cause };
    this.caller.end(cause);
    this.lanes.detach(cause, true);
  }

  /** A session may come again: calls wait for it. */
  revive(): void {
    if (this.#state.name !== 'gone') return;
    this.#state = { name: 'apart' };
    this.caller.revive();
  }

  /** The peer reads the reason in the goodbye: it says whether it may say hello again. */
  #close(cause: MuntinError, reason: string = cause.code): void {
    this.session?.close(cause, reason);
  }
}
