import type { MuntinError } from '../errors.ts';
import type { ExceededLimit } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Message } from '../link/messages.ts';
import { lazyPart } from './lazy.ts';
import type { WaitingLanes } from './waiting-lanes.ts';

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

/** What handles lanes: `@muntin/core/comlink`, once an application uses it. */
export interface LaneHandler {
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
  readonly 'muntin.lanes': () => Pick<Lanes, 'handle'>;
}

/** The place of the lanes in one mount. It outlives the sessions of its mount, and has no code of its own for lanes. */
export class Lanes {
  readonly #limits: Limits;
  readonly #side: 'host' | 'guest';
  #handler: LaneHandler | undefined;
  #link: LaneLink | undefined;
  #window = 0;
  #ended: MuntinError | undefined;
  #waiting: WaitingLanes | undefined;

  constructor(side: 'host' | 'guest', limits: Limits) {
    this.#side = side;
    this.#limits = limits;
  }

  /** What handles the lanes of this mount; made when the first is opened. */
  handle<H extends LaneHandler>(make: (side: 'host' | 'guest', limits: Limits) => H): H {
    if (this.#handler !== undefined) return this.#handler as H; // there is one kind of handler
    const handler = make(this.#side, this.#limits);
    this.#handler = handler;
    if (this.#link !== undefined) handler.attach(this.#link, this.#window);
    if (this.#ended !== undefined) handler.detach(this.#ended, true);
    const messages = this.#waiting?.messages ?? [];
    this.#waiting = undefined;
    for (let index = 0; index < messages.length; index++) {
      const message = messages[index];
      if (message !== undefined && !handler.receive(message)) this.#link?.violate('what no lane takes');
    }
    return handler;
  }

  attach(link: LaneLink, window: number): void {
    this.#link = link;
    this.#window = window;
    this.#ended = undefined;
    this.#handler?.attach(link, window);
  }

  detach(cause: MuntinError, isFinal: boolean): void {
    this.#link = undefined;
    this.#ended = isFinal ? cause : undefined;
    this.#waiting = undefined;
    this.#handler?.detach(cause, isFinal);
  }

  /** Whether there is a handler. Until then a message needs what keeps it. */
  get isHandled(): boolean {
    return this.#handler !== undefined;
  }

  /** Without a handler, messages wait for one, but where the part that keeps them could not be loaded. */
  receive(message: LaneMessage): boolean {
    if (this.#handler !== undefined) return this.#handler.receive(message);
    const part = lazyPart();
    this.#waiting ??= part && new part.WaitingLanes(this.#limits);
    return this.#waiting?.add(message) === true;
  }

  unsendable(path: string, data: unknown, ports: readonly unknown[], error: MuntinError<string>): void {
    this.#handler?.unsendable(path, data, ports, error);
  }
}
