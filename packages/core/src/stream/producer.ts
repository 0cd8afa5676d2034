import type { Unsubscribable } from 'rxjs';
import { cloneOf } from '../clone.ts';
import { HandlerError, MuntinError, reportErrors } from '../errors.ts';
import { copyPlain, keep } from '../link/copy.ts';
import type { Link } from '../link/link.ts';
import { type Message, NEXT, RESULT } from '../link/messages.ts';
import { maxWindow } from './credit.ts';
import { Queue } from './queue.ts';
import { asAwaited, asPullSource, asPushSource, discard, isPromised, type Observer, stopIterator } from './source.ts';
import { weigh } from './weight.ts';

/** Says which values do not cross as they are. */
export interface Packer {
  transferListOf(value: unknown): readonly Transferable[] | undefined;
  /** What is kept of one that does not, while it waits. Throws where it cannot cross. */
  keep(value: unknown, name: string): unknown;
}

/** What a producer does with values for which it has no credit; see `StreamOptions`. */
interface Overflow {
  readonly overflow?: 'buffer' | 'latest' | 'drop' | undefined;
  /** How many values it keeps. @defaultValue of `buffer`, as many as their bytes allow; else one */
  readonly buffer?: number | undefined;
}

/** Whose stream it is. One object, and no functions of its own for each stream: a peer opens a thousand for a few bytes each. */
export interface ProducerOwner {
  readonly id: number;
  /** How many values may be sent at first. */
  readonly credit: number;
  readonly served: { readonly procedure: { readonly stream: Overflow } };
  readonly runner: {
    /** Its stream has failed; told once, so that the dispatcher takes the error as it is now. It answers what says so to the peer. */
    fail(owner: ProducerOwner, error: unknown): () => void;
    /** Told once, however its stream ends; with what still goes on, where the source does not stop at once. */
    end(owner: ProducerOwner, remains: Promise<unknown> | undefined): void;
  };
}

interface Waiting {
  readonly value: unknown;
  /** Whether it is a copy that crosses as it is. Others are still packed, encoded or cloned when they are sent. */
  readonly isCopied: boolean;
  /** Estimated; 0 where bytes are not counted. */
  bytes: number;
}

// What the producers of a session keep, estimated: a peer that opens many streams and takes nothing gets no more than one.
const keptBytes = new WeakMap<Link, number>();

// Values in one message before it is sent, so that the consumer starts while the producer still works.
const valuesPerPost = 512;

/**
 * The sending end of one stream: turns a source into messages and never sends more than its credit. It ends exactly once: by
 * completion or error of its source, or by {@link stop}; whichever comes first tears the source down.
 */
export class Producer implements Observer {
  readonly #link: Link;
  readonly #packer: Packer;
  readonly #owner: ProducerOwner;
  /** How many bytes all streams of the session may keep together. */
  readonly #maxBytes: number;
  #credit: number;
  // Made for the first that waits.
  #waiting: Queue<Waiting> | undefined;
  #bytes = 0;
  // What to say once everything that waits for credit has been sent; set when the source is done.
  #last: (() => void) | undefined;
  #isEnded = false;
  #subscription: Unsubscribable | undefined;
  #pulling: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  // The pull that is going on, and what a torn down source has not finished yet.
  #pullWork: Promise<void> | undefined;
  #remains: Promise<unknown> | undefined;
  // A source that is still to come.
  #awaited: PromiseLike<void> | undefined;
  #isPulling = false;
  #sent = 0;
  // The message that this turn's values are added to, as long as the link has not sent it.
  #values: unknown[] | undefined;
  #outbox: readonly Message[] | undefined;

  constructor(link: Link, packer: Packer, owner: ProducerOwner, maxBytes: number) {
    this.#link = link;
    this.#packer = packer;
    this.#owner = owner;
    this.#credit = Math.min(owner.credit, maxWindow);
    this.#maxBytes = maxBytes;
  }

  /** Begins to send. The source is subscribed to (or pulled from) here, once. */
  start(source: unknown): void {
    if (this.#isEnded) return discard(source);
    try {
      if (isPromised(source)) {
        this.#awaited = source.then(
          (value) => this.start(asAwaited(value)),
          (thrown) => this.error(thrown),
        );
        return;
      }
      const push = asPushSource(source);
      if (push !== undefined) return push(this);
      this.#pulling = asPullSource(source);
      this.#beginPull(this.#pulling);
    } catch (thrown) {
      this.error(thrown);
    }
  }

  onSubscribe(subscription: Unsubscribable): void {
    this.#subscription = subscription;
  }

  next(value: unknown): void {
    if (this.#isDone) return;
    if (this.#credit > 0) return this.#send(value);
    try {
      this.#wait(value);
    } catch (error) {
      this.fail(error); // it cannot be kept
    }
  }

  #wait(value: unknown): void {
    const { overflow = 'buffer', buffer = overflow === 'buffer' ? Infinity : 1 } = this.#owner.served.procedure.stream;
    const waiting = (this.#waiting ??= new Queue());
    if (waiting.size < buffer && this.#keep(value, waiting, buffer === Infinity)) return;
    if (overflow === 'latest') {
      waiting.shift();
      waiting.push(this.#snapshot(value));
    } else if (overflow === 'buffer') {
      const ahead = `The source is ${waiting.size} values ahead of its consumer`;
      const text = `${ahead}: slow it down, raise limits.producerBytes or buffer, or choose overflow "latest" or "drop"`;
      this.fail(new MuntinError('STREAM_OVERFLOW', text));
    }
  }

  /** Keeps a value that has no credit. False where there is no room for its bytes, if they are counted. */
  #keep(given: unknown, waiting: Queue<Waiting>, isCounted: boolean): boolean {
    const kept = this.#snapshot(given);
    if (isCounted) kept.bytes = weigh(kept.value, this.#maxBytes);
    const hasRoom = this.#count(kept.bytes) <= this.#maxBytes;
    if (hasRoom) waiting.push(kept);
    else this.#count(-kept.bytes);
    return hasRoom;
  }

  /** A value is what it was when it was passed, however long it waits. What does not cross as it is, is copied around what is live. */
  #snapshot(value: unknown): Waiting {
    if (typeof value !== 'object' || value === null) return { value, isCopied: false, bytes: 0 };
    try {
      if (this.#packer.transferListOf(value) === undefined) {
        const copy = copyPlain(value);
        return { value: copy ?? cloneOf(value), isCopied: copy !== undefined, bytes: 0 };
      }
    } catch {
      // keeping it says why
    }
    return { value: this.#packer.keep(value, 'value'), isCopied: false, bytes: 0 };
  }

  /** Answers what all streams of the session keep now. */
  #count(bytes: number): number {
    const all = (keptBytes.get(this.#link) ?? 0) + bytes;
    if (bytes !== 0) keptBytes.set(this.#link, all);
    this.#bytes += bytes;
    return all;
  }

  #forgetWaiting(): void {
    this.#waiting = undefined;
    if (this.#bytes !== 0) this.#count(-this.#bytes);
  }

  /** The source failed. */
  error(thrown: unknown): void {
    this.fail(new HandlerError(thrown));
  }

  /** The stream fails, by an error of ours or by what its source threw. */
  fail(error: unknown): void {
    if (!this.#isDone) this.#finish(this.#owner.runner.fail(this.#owner, error));
  }

  /** A value could not be sent: the stream fails at once, so that nothing comes behind the gap. */
  abandon(error: unknown): void {
    this.#forgetWaiting();
    this.#last = undefined;
    this.fail(error);
  }

  complete(): void {
    this.#finish(() => this.#link.post([RESULT, this.#owner.id, this.#sent]));
  }

  /** The source is done: it is torn down now; the stream ends when what waits for credit has been sent. */
  #finish(say: () => void): void {
    if (this.#isDone) return;
    this.#last = say;
    this.#tearDown();
    if (!this.#hasWaiting) this.#end();
  }

  /** Whether the source may say nothing more. */
  get #isDone(): boolean {
    return this.#isEnded || this.#last !== undefined;
  }

  get #hasWaiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.size > 0;
  }

  /** The consumer takes more. */
  grant(count: number): void {
    this.#credit = Math.min(this.#credit + count, maxWindow);
    while (this.#credit > 0) {
      const next = this.#waiting?.shift();
      if (next === undefined) break;
      this.#count(-next.bytes);
      this.#send(next.value, next.isCopied);
    }
    if (this.#pulling !== undefined) this.#beginPull(this.#pulling);
    if (this.#last !== undefined && !this.#hasWaiting) this.#end();
  }

  /** The consumer is gone, or the session is. */
  stop(): void {
    this.#last = undefined;
    this.#forgetWaiting();
    this.#tearDown();
    this.#end();
  }

  /** `isCopied`: when it began to wait. */
  #send(value: unknown, isCopied = false): void {
    this.#credit--;
    this.#sent++;
    const transfer = isCopied ? undefined : this.#packer.transferListOf(value);
    if (transfer !== undefined) {
      this.#outbox = undefined; // what is attached belongs to one value; the next one begins a message of its own
      this.#link.post([NEXT, this.#owner.id, [value]], transfer);
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
    this.#link.post([NEXT, this.#owner.id, this.#values]);
    return 1;
  }

  #beginPull(iterator: AsyncIterator<unknown> | Iterator<unknown>): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    this.#pullWork = this.#pull(iterator);
  }

  /** Asks for one value at a time, only while there is credit: a source that is pulled never runs ahead. */
  async #pull(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
    try {
      while (this.#credit > 0 && !this.#isEnded) {
        const step = iterator.next();
        // What is there at once is taken at once; anything else may answer with a promise of any kind.
        const { done, value } = 'then' in step ? await Promise.resolve(step) : step;
        if (this.#isEnded) return;
        if (done === true) {
          this.#pulling = undefined; // it has ended by itself: there is nothing to return
          return this.complete();
        }
        this.#send(value);
        // A source without end and a consumer without measure must not keep the page.
        if (this.#sent % valuesPerPost === 0) await this.#link.slice;
      }
    } catch (thrown) {
      this.#pulling = undefined;
      this.error(thrown);
    } finally {
      this.#isPulling = false;
    }
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#last?.();
    this.#owner.runner.end(this.#owner, this.#remains);
  }

  #tearDown(): void {
    const subscription = this.#subscription;
    const iterator = this.#pulling;
    this.#subscription = undefined;
    this.#pulling = undefined;
    reportErrors(() => subscription?.unsubscribe());
    if (this.#awaited !== undefined) this.#remains = Promise.resolve(this.#awaited);
    if (iterator === undefined) return;
    reportErrors(() => {
      const stopped = stopIterator(iterator);
      this.#remains = this.#isPulling ? Promise.all([stopped, this.#pullWork]) : stopped;
    });
  }
}
