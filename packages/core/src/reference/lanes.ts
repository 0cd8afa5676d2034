import type { MuntinError } from '../errors.ts';
import type { ExceededLimit } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Message } from '../link/messages.ts';

/** What came for a lane. */
export interface LaneMessage {
  readonly path: string;
  readonly data: unknown;
  readonly ports: readonly unknown[];
  /** Which limit the data break. */
  readonly over: ExceededLimit;
  /** About how many bytes the data keep, by the budget of the message. */
  readonly bytes: number;
}

/** The session that lanes are carried by. */
export interface LaneLink {
  post(message: Message, transfer?: readonly Transferable[]): void;
  /** The peer sent what an honest one cannot: the session ends. */
  violate(what: string): void;
}

/** What handles lanes: `@muntin/core/comlink`, once an application uses it; before that, what keeps what comes for them. */
export interface LaneHandler {
  /** What it has only kept, for the handler that comes after it. */
  readonly kept?: readonly LaneMessage[];
  /** A session is open; its peer takes so many requests at once. */
  attach(link: LaneLink, window: number): void;
  /** The session is over. `isFinal`: no other will come, and what is sent from now on is refused. */
  detach(cause: MuntinError, isFinal: boolean): void;
  /** Takes a message of the peer. False when an honest peer cannot have sent it. */
  receive(message: LaneMessage): boolean;
  /** A message of ours could not be cloned. */
  unsendable(path: string, data: unknown, ports: readonly unknown[], error: MuntinError<string>): void;
}

/** Where lanes can be opened: a mount of `@muntin/host`, or what `expose` of `@muntin/guest` returns. */
export interface LaneHolder {
  /** For `@muntin/core/comlink` only. */
  readonly 'muntin.lanes': () => Lanes;
}

/**
 * The place of the lanes in one mount, which outlives its sessions. It has no code for lanes: that comes with who opens the first, see
 * `handleLanes`, or with the first message of the peer for one.
 */
export class Lanes {
  readonly side: 'host' | 'guest';
  readonly limits: Limits;
  handler: LaneHandler | undefined;
  /** The session that carries them now, and how many requests its peer takes at once. */
  carrier: readonly [link: LaneLink, window: number] | undefined;
  /** Why no session will carry them. */
  ended: MuntinError | undefined;

  constructor(side: 'host' | 'guest', limits: Limits) {
    this.side = side;
    this.limits = limits;
  }

  attach(...carrier: readonly [link: LaneLink, window: number]): void {
    this.carrier = carrier;
    this.ended = undefined;
    this.handler?.attach(...carrier);
  }

  detach(cause: MuntinError, isFinal: boolean): void {
    this.carrier = undefined;
    this.ended = isFinal ? cause : undefined;
    this.handler?.detach(cause, isFinal);
  }
}
