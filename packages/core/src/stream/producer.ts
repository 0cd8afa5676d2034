import type { Unsubscribable } from 'rxjs';
import { HandlerError, reportErrors } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { RESULT } from '../link/messages.ts';
import { Backlog, type Overflow } from './backlog.ts';
import { maxWindow } from './credit.ts';
import { Puller, type PullSink } from './puller.ts';
import { asAwaited, asPullSource, asPushSource, discard, isPromised, type Observer } from './source.ts';
import { type Packer, ValueSender, valuesPerPost } from './value-sender.ts';

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

/**
 * The sending end of one stream: turns a source into messages and never sends more than its credit. It ends exactly once: by
 * completion or error of its source, or by {@link stop}; whichever comes first tears the source down.
 */
export class Producer implements Observer, PullSink {
  readonly #link: Link;
  readonly #packer: Packer;
  readonly #owner: ProducerOwner;
  /** How many bytes all streams of the session may keep together. */
  readonly #maxBytes: number;
  #credit: number;
  // Made for the first value that is sent, and for the first that waits.
  #sender: ValueSender | undefined;
  #backlog: Backlog | undefined;
  // What to say once everything that waits for credit has been sent; set when the source is done.
  #last: (() => void) | undefined;
  #isEnded = false;
  // The source: what pushes, what is pulled, or what is still to come.
  #subscription: Unsubscribable | undefined;
  #puller: Puller | undefined;
  #awaited: PromiseLike<void> | undefined;
  // What a torn down source has not finished yet.
  #remains: Promise<unknown> | undefined;

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
      this.#puller = new Puller(asPullSource(source), this);
      this.#puller.run();
    } catch (thrown) {
      this.error(thrown);
    }
  }

  onSubscribe(subscription: Unsubscribable): void {
    this.#subscription = subscription;
  }

  next(value: unknown): void {
    if (this.#isDone) return;
    if (this.#credit > 0) return void this.#send(value, false);
    try {
      this.#wait(value);
    } catch (error) {
      this.fail(error); // it cannot be kept
    }
  }

  /** Whether a source that is pulled is asked for more. */
  get isHungry(): boolean {
    return this.#credit > 0 && !this.#isEnded;
  }

  /** A source without end and a consumer without measure must not keep the page: after many values there is a pause. */
  take(value: unknown): Promise<void> | undefined {
    return this.#send(value, false) % valuesPerPost === 0 ? this.#link.slice : undefined;
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
    this.#backlog?.clear();
    this.#last = undefined;
    this.fail(error);
  }

  complete(): void {
    this.#finish(() => this.#link.post([RESULT, this.#owner.id, this.#sender?.sent ?? 0]));
  }

  /** The consumer takes more. */
  grant(count: number): void {
    this.#credit = Math.min(this.#credit + count, maxWindow);
    while (this.#credit > 0) {
      const next = this.#backlog?.shift();
      if (next === undefined) break;
      this.#send(next.value, next.isCopied);
    }
    this.#puller?.run();
    if (this.#last !== undefined && !this.#hasWaiting) this.#end();
  }

  /** The consumer is gone, or the session is. */
  stop(): void {
    this.#last = undefined;
    this.#backlog?.clear();
    this.#tearDown();
    this.#end();
  }

  /** Answers how many values were sent. */
  #send(value: unknown, isCopied: boolean): number {
    this.#credit--;
    const sender = (this.#sender ??= new ValueSender(this.#link, this.#packer, this.#owner.id));
    sender.send(value, isCopied);
    return sender.sent;
  }

  #wait(value: unknown): void {
    const { stream } = this.#owner.served.procedure;
    this.#backlog ??= new Backlog(this.#link, this.#packer, stream, this.#maxBytes);
    this.#backlog.add(value);
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
    return this.#backlog !== undefined && this.#backlog.size > 0;
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#last?.();
    this.#owner.runner.end(this.#owner, this.#remains);
  }

  #tearDown(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    reportErrors(() => subscription?.unsubscribe());
    if (this.#awaited !== undefined) this.#remains = Promise.resolve(this.#awaited);
    reportErrors(() => {
      const remains = this.#puller?.stop();
      if (remains !== undefined) this.#remains = remains;
    });
  }
}
