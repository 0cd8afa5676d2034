import type { MuntinError } from '../errors.ts';
import type { Over } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Message } from '../link/messages.ts';

/** What came for a lane. */
export interface LaneMessage {
  readonly path: string;
  readonly data: unknown;
  readonly ports: readonly unknown[];
  /** Which limit the data break. */
  readonly over: Over;
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

/** What may wait for lanes that nobody has opened yet: messages, and about how many bytes they keep. */
export const maxWaiting: { readonly messages: number; readonly bytes: number } = { messages: 1000, bytes: 2 ** 24 };

/** The place of the lanes in one mount. It outlives the sessions of its mount, and has no code of its own for lanes. */
export class Lanes {
  readonly #limits: Limits;
  readonly #side: 'host' | 'guest';
  #handler: LaneHandler | undefined;
  #link: LaneLink | undefined;
  #window = 0;
  #ended: MuntinError | undefined;
  #waiting: LaneMessage[] = [];
  #waitingBytes = 0;

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
    const waiting = this.#waiting;
    this.#forget();
    for (let index = 0; index < waiting.length; index++) {
      const message = waiting[index];
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
    this.#forget();
    this.#handler?.detach(cause, isFinal);
  }

  receive(message: LaneMessage): boolean {
    if (this.#handler !== undefined) return this.#handler.receive(message);
    this.#waiting.push(message);
    this.#waitingBytes += weigh(message.data);
    return this.#waiting.length <= maxWaiting.messages && this.#waitingBytes <= maxWaiting.bytes;
  }

  unsendable(path: string, data: unknown, ports: readonly unknown[], error: MuntinError<string>): void {
    this.#handler?.unsendable(path, data, ports, error);
  }

  #forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** About how many bytes a value keeps: each object once, however many ways lead to it. */
export function weigh(root: unknown): number {
  const seen = new Set<object>();
  const open: unknown[] = [root];
  let bytes = 0;
  while (open.length > 0) {
    const node = open.pop();
    bytes += 16;
    if (typeof node === 'string') bytes += 2 * node.length;
    if (typeof node === 'bigint') bytes += node.toString(16).length;
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (ArrayBuffer.isView(node)) open.push(node.buffer);
    else if (node instanceof ArrayBuffer) bytes += node.byteLength;
    else if (node instanceof Map || node instanceof Set) node.forEach((value, key) => void open.push(value, key));
    else {
      const keys = Object.keys(node);
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index] ?? '';
        bytes += 2 * key.length;
        open.push(Reflect.get(node, key));
      }
    }
  }
  return bytes;
}
