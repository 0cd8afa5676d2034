import type { CallOptions, HandlerContext, Peer, ProcedureKind, Served, SubscribeOptions } from '../contract/types.ts';
import type { StreamSubscription } from '../stream/consumer.ts';
import type { PendingCall } from './pending.ts';

/** A call or a stream, as a hook sees it. */
export interface CallInfo {
  /** Which procedure, as in `chart.zoom`, or `+acme/toast/show` of an extension; `a reference` for what was passed by reference. */
  readonly path: string;
  readonly kind: ProcedureKind;
  /** What it is called with; of an incoming call, behind its schema. */
  readonly input: unknown;
  /** Fires when the call is over, whatever the hook still does. */
  readonly signal: AbortSignal;
  /** The other side; `undefined` where there is no session yet. */
  readonly peer: Peer | undefined;
}

/**
 * Calls the handler within the hooks. Of `done` and `failed` one is called, once; what a handler threw, `failed` gets as a `HandlerError`. `over`
 * is called when the hooks have answered and each handler that they have begun has settled, which may be later.
 */
export type Incoming = (
  served: Served,
  input: unknown,
  context: HandlerContext,
  done: (outcome: unknown) => void,
  failed: (error: unknown) => void,
  over: () => void,
) => void;

/** Stands between who calls and the sending. */
export interface Outgoing {
  call(call: PendingCall, options: CallOptions | undefined): void;
  subscribe(call: PendingCall, options: SubscribeOptions): StreamSubscription;
}
