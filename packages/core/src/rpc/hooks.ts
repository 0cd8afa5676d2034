import type { CallOptions, Peer, ProcedureKind, SubscribeOptions } from '../contract/types.ts';
import type { Inlet } from '../stream/consumer.ts';
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

/** Stands between what the peer calls and its handler; `run` goes on to that. */
export type Incoming = (call: CallInfo, run: (input: unknown, added: object | undefined) => unknown) => unknown;

/** Stands between who calls and the sending. */
export interface Outgoing {
  call(call: PendingCall, options: CallOptions | undefined): void;
  subscribe(call: PendingCall, options: SubscribeOptions): Inlet;
}
