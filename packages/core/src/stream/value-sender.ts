import { copyPlain, keep } from '../link/copy.ts';
import type { Link } from '../link/link.ts';
import { type Message, NEXT } from '../link/messages.ts';

/** Says which values do not cross as they are. */
export interface Packer {
  transferListOf(value: unknown): readonly Transferable[] | undefined;
  /** What is kept of one that does not, while it waits. Throws where it cannot cross. */
  keep(value: unknown, name: string): unknown;
}

/** Values in one message before it is sent, so that the consumer starts while the producer still works. */
export const valuesPerPost = 512;

/** Puts the values of one stream into messages: those of one turn go together. */
export class ValueSender {
  readonly #link: Link;
  readonly #packer: Packer;
  readonly #id: number;
  /** How many were sent. */
  sent = 0;
  // The message that this turn's values are added to, as long as the link has not sent it.
  #values: unknown[] | undefined;
  #outbox: readonly Message[] | undefined;

  constructor(link: Link, packer: Packer, id: number) {
    this.#link = link;
    this.#packer = packer;
    this.#id = id;
  }

  /** `isCopied`: it is ours already, and crosses as it is. What is wrong with a value is told where it is posted: see `abandon` of the producer. */
  send(value: unknown, isCopied: boolean): void {
    this.sent++;
    const transfer = isCopied ? undefined : this.#packer.transferListOf(value);
    if (transfer !== undefined) {
      this.#outbox = undefined; // what is attached belongs to one value; the next one begins a message of its own
      this.#link.post([NEXT, this.#id, [value]], transfer);
      return this.#link.flush();
    }
    const isWhole = isCopied || typeof value !== 'object' || value === null;
    const copy = isWhole ? undefined : copyPlain(value);
    // What cannot be copied here is cloned by posting it, before its source may change it; alone, in case the consumer cannot read it.
    const isPostedNow = !isWhole && copy === undefined;
    if (isPostedNow) this.#link.flush();
    const count = this.#add(copy ?? value);
    if (isPostedNow) this.#link.unusual();
    else if (count < valuesPerPost) return this.#link.linger();
    this.#link.flush();
    // It is still there where something before it has to wait.
    const values = this.#values;
    if (isPostedNow && this.#link.outbox.some((message) => message[0] === NEXT && message[2] === values))
      values?.push(keep(values.pop()));
  }

  /** Adds a value to the message of this turn, and answers how many it has then. */
  #add(value: unknown): number {
    if (this.#values !== undefined && this.#outbox === this.#link.outbox) return this.#values.push(value);
    this.#values = [value];
    this.#outbox = this.#link.outbox; // before posting, which may send this outbox and begin the next
    this.#link.post([NEXT, this.#id, this.#values]);
    return 1;
  }
}
