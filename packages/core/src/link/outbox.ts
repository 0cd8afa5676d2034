import { copyPlain, keep } from './copy.ts';
import { messagesPerPost } from './limits.ts';
import type { BatchSender, Post } from './link.ts';
import { GOODBYE, LANE, type Message, NEXT, putValue, valueOf } from './messages.ts';

// An asynchronous generator needs three rounds of microtasks from one value to the next.
const lingerRounds = 6;
// How long one turn may keep the event loop before what is left waits for the next.
const sliceMs = 8;

const settled = Promise.resolve();

/** Collects what one turn of the event loop posts, and sends it as one batch. */
export class Outbox {
  readonly #post: Post;
  readonly #sender: () => BatchSender | undefined;
  readonly #keepLive: (value: unknown) => unknown;
  #messages: Message[] = [];
  // Those that have to be packed before they are sent, and what they are known to give away.
  #live = new Map<Message, readonly Transferable[] | undefined>();
  // Whether something in there is no copy of plain data.
  #isUnusual = false;
  #isTurn = false;
  #rounds = 0;
  #sliceEnd = 0;
  #nextSlice: Promise<void> | undefined;

  /**
   * `sender`: what sends values that do not cross as they are; `undefined` while it is on its way, and {@link flush} follows. `keepLive`: what is
   * kept of such a value meanwhile.
   */
  constructor(post: Post, sender: () => BatchSender | undefined, keepLive: (value: unknown) => unknown) {
    this.#post = post;
    this.#sender = sender;
    this.#keepLive = keepLive;
  }

  /** What is being collected, and only until it is sent. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** See `Link.post`. */
  add(message: Message, transfer: readonly Transferable[] | undefined): void {
    const value = message[0] === NEXT ? undefined : valueOf(message); // a stream copies its own
    const isPlain = typeof value !== 'object' || value === null;
    const copy = isPlain || transfer !== undefined ? undefined : copyPlain(value);
    if (copy !== undefined) putValue(message, copy);
    const isUnusual = !isPlain && copy === undefined;
    const isAlone = isUnusual && transfer === undefined;
    // What the peer cannot read is lost with all that is in its batch.
    if (isAlone) this.flush();
    this.#messages.push(message);
    if (isAlone) this.#isUnusual = true;
    if (transfer !== undefined) this.#live.set(message, transfer);
    if (!this.#isTurn) {
      this.#isTurn = true;
      void settled.then(this.#onRound);
    }
    const isPacked = message[0] === NEXT && transfer !== undefined;
    if (isUnusual || isPacked || this.#messages.length >= messagesPerPost) this.flush();
    // What could not be posted at once, because something before it has to wait, is cloned. What cannot be cloned is told when it is sent.
    if (isAlone && this.#messages.at(-1) === message) putValue(message, keep(value));
    // What is to be packed is copied around what is live in it; a lane packs its own.
    else if (transfer !== undefined && message[0] !== LANE && this.#messages.at(-1) === message)
      putValue(message, message[0] === NEXT ? message[2].map(this.#keepLive) : this.#keepLive(value));
  }

  /** What was added last is no copy of plain data, and goes alone. */
  unusual(): void {
    this.#isUnusual = true;
  }

  /** More is to be expected in this turn: the next value of a stream may be some microtasks away. */
  linger(): void {
    this.#rounds = lingerRounds;
  }

  readonly #onRound = (): void => {
    if (this.#rounds-- > 0) return void settled.then(this.#onRound);
    this.#isTurn = false;
    this.#rounds = 0;
    this.#sliceEnd = 0;
    this.flush();
  };

  /** Resolves when a long-running producer may go on; `undefined` when it may at once. Asked now and then by whoever could run for ever. */
  get slice(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#sliceEnd === 0) this.#sliceEnd = now + sliceMs;
    if (this.#nextSlice === undefined && now > this.#sliceEnd)
      this.#nextSlice = new Promise((resolve) => {
        setTimeout(() => {
          this.#nextSlice = undefined;
          this.#sliceEnd = 0;
          resolve();
        });
      });
    return this.#nextSlice;
  }

  /** Sends what was collected, now. What has to be packed waits until that is possible, and all that is behind it. */
  flush(): void {
    if (this.#messages.length === 0) return;
    const isUnusual = this.#isUnusual;
    this.#isUnusual = false;
    if (this.#live.size === 0) {
      const batch = this.#messages;
      this.#messages = [];
      if (this.#post(batch, [], !isUnusual) === undefined) return;
      // Something in it cannot be cloned as it is: it may have something live deep inside, where nobody has looked.
      this.#messages = [...batch, ...this.#messages];
      for (const message of batch) this.#live.set(message, undefined);
    }
    const sender = this.#sender();
    if (sender === undefined) return;
    const [batch, live] = [this.#messages, this.#live];
    this.#messages = [];
    this.#live = new Map();
    sender.send(batch, live, this.#post);
  }

  /** Sends what can be sent now, and a last word. What has to be packed first is not sent any more, nor what follows it. */
  close(reason: string | undefined): void {
    const ready = this.#messages.findIndex((message) => this.#live.has(message));
    if (ready >= 0 && this.#sender() === undefined) this.#messages.length = ready;
    if (reason !== undefined) this.#messages.push([GOODBYE, reason]);
    this.flush();
    this.#messages.length = 0;
    this.#live.clear();
  }
}
