import { stopIterator } from './source.ts';

/** Who takes what an iterator has. */
export interface PullSink {
  /** Whether one more is wanted. */
  readonly isHungry: boolean;
  /** Takes a value; what it answers is waited for before the next. */
  take(value: unknown): Promise<void> | undefined;
  error(thrown: unknown): void;
  complete(): void;
}

/** Asks an iterator for one value at a time, only while it is wanted: a source that is pulled never runs ahead. */
export class Puller {
  readonly #sink: PullSink;
  /** As long as it has not ended, by itself or by {@link Puller.stop}. */
  #iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  #isPulling = false;
  #work: Promise<void> | undefined;

  constructor(iterator: AsyncIterator<unknown> | Iterator<unknown>, sink: PullSink) {
    this.#iterator = iterator;
    this.#sink = sink;
  }

  /** Something may be wanted now. */
  run(): void {
    if (this.#isPulling || this.#iterator === undefined) return;
    this.#isPulling = true;
    this.#work = this.#pull(this.#iterator);
  }

  /** Throws what the iterator throws. Answers what it has not finished yet; `undefined` where it had ended by itself. */
  stop(): Promise<unknown> | undefined {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    if (iterator === undefined) return undefined;
    const stopped = stopIterator(iterator);
    return this.#isPulling ? Promise.all([stopped, this.#work]) : stopped;
  }

  async #pull(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
    try {
      while (this.#iterator !== undefined && this.#sink.isHungry) {
        const step = iterator.next();
        // What is there at once is taken at once; anything else may answer with a promise of any kind.
        const { done, value } = 'then' in step ? await Promise.resolve(step) : step;
        if (this.#iterator === undefined) return;
        if (done === true) {
          this.#iterator = undefined; // there is nothing to return
          return this.#sink.complete();
        }
        const pause = this.#sink.take(value);
        if (pause !== undefined) await pause;
      }
    } catch (thrown) {
      this.#iterator = undefined;
      this.#sink.error(thrown);
    } finally {
      this.#isPulling = false;
    }
  }
}
