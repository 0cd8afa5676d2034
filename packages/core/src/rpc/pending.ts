import type { Peer, Procedure, Served } from '../contract/types.ts';
import { keep } from '../link/copy.ts';
import type { Link } from '../link/link.ts';
import type { Receiver } from '../stream/consumer.ts';
import type { Credit } from '../stream/credit.ts';

/** How values cross that do not cross as they are: with something live in them, or encoded. */
export interface Values {
  /** What to post a value with: nothing where it crosses as it is. */
  transferListOf(value: unknown): readonly Transferable[] | undefined;
  /** What is kept of such a value that has to wait: a copy around what is live in it. Throws where it cannot cross. */
  keep(value: unknown, name: string): unknown;
  /** Whether every value passes a codec. */
  readonly isEncoded: boolean;
  /** Puts what is live in its places. Throws for what no honest peer packs. */
  unpack(value: unknown, attachments: readonly unknown[] | undefined): unknown;
  /** Nobody here takes what came: it is given back. */
  discard(attachments: readonly unknown[] | undefined): void;
  /** What the peer means by the index of something that it got by reference. */
  find(index: number): Served | undefined;
}

/** The session that a caller uses. */
export interface Route {
  readonly link: Link;
  readonly values: Values;
  /** Index by path of the procedures that the peer serves. */
  readonly indexes: ReadonlyMap<string, number>;
  /** How many calls the peer takes at once. */
  readonly window: number;
  /** The peer sent what no honest peer sends. */
  readonly onViolation: (what: string) => void;
  readonly peer: Peer;
}

/** What a reference of the peer is called by. */
export interface Target {
  readonly route: Route;
  readonly index: number;
}

/** Where a call is: it waits to be sent, its answer is being checked, hooks have it, or it has ended; or the peer has it, and knows it by its id. */
export type CallState =
  | { readonly name: 'waiting' | 'checking' | 'hooked' | 'settled' }
  | { readonly name: 'sent'; readonly id: number };

const waiting: CallState = { name: 'waiting' };
export const settled: CallState = { name: 'settled' };

/** A call or a subscription, from the moment it is made until it has ended. */
export class PendingCall {
  readonly path: string;
  readonly procedure: Procedure;
  /** Of a stream that goes on behind a cursor: what it was subscribed to with last. */
  input: unknown;
  readonly receiver: Receiver;
  /** Of a stream only. */
  readonly credit: Credit | undefined;
  /** Of a reference only: the one session in which it means something, and its index there. */
  readonly target: Target | undefined;
  /** The call that this is one sending of, where hooks are around it. */
  readonly whole: PendingCall | undefined;
  state: CallState = waiting;
  /** Whether a peer that may have run it has lost it: what may not be repeated is not. */
  ranBefore = false;
  #wasSent = false;
  /** Of a stream only: how many values came since it was sent. */
  count = 0;
  /** Of a stream with a cursor only: the value that was delivered last, as it came. */
  last: readonly unknown[] | undefined;
  /** When to give up, in the time of the page; see `Deadlines`. */
  deadline: number = Infinity;
  /** Only where the schema of a stream is asynchronous: what has to happen in order waits for it. */
  tail: Promise<void> | undefined;
  unlisten: (() => void) | undefined;
  /** It was given up: what is still on its way through a schema is not delivered. */
  isOver = false;

  constructor(
    path: string,
    procedure: Procedure,
    input: unknown,
    receiver: Receiver,
    credit: Credit | undefined,
    target: Target | undefined,
    whole?: PendingCall,
  ) {
    this.path = path;
    this.procedure = procedure;
    this.input = input;
    this.receiver = receiver;
    this.credit = credit;
    this.target = target;
    this.whole = whole;
  }

  /** Whether a peer may have had it, in this session or an earlier one. */
  get hasRun(): boolean {
    const { name } = this.state;
    return this.ranBefore || this.#wasSent || name === 'sent' || name === 'checking';
  }

  /** The peer gets it. */
  send(id: number): void {
    this.state = { name: 'sent', id };
    this.count = 0;
    if (this.whole !== undefined) this.whole.ranBefore = true;
  }

  /** The session is over in which it may have been sent. `isFree`: the peer had not said ready, so it may be sent again, whatever it is. */
  lose(isFree: boolean): void {
    this.#wasSent = this.hasRun;
    if (!isFree) this.ranBefore = this.#wasSent;
    this.wait();
  }

  /** It is to be sent. */
  wait(): void {
    this.state = waiting;
  }

  deliver(values: readonly unknown[]): void {
    if (this.isOver) return;
    // Its consumer may change what it gets.
    if (typeof this.procedure.stream.resumable === 'function') this.last = [keep(values[values.length - 1])];
    this.receiver.next(values);
  }

  /** Does something when all that came before is through its schema. */
  inOrder(step: () => void): void {
    if (this.tail === undefined) step();
    else this.waitFor(this.tail.then(step));
  }

  /** What comes next waits for this, until it has ended. */
  waitFor(work: Promise<void>): void {
    const tail = work.then(() => {
      if (this.tail === tail) this.tail = undefined;
    });
    this.tail = tail;
  }
}
