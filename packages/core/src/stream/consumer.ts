import { Observable } from 'rxjs';
import { reportErrors } from '../errors.ts';
import { type Open, openPaced } from './opening.ts';
import { Queue } from './queue.ts';

/** Who waits for something that was called. */
export interface Receiver {
  /** Values of a stream, as many as came in one message. */
  next(values: readonly unknown[]): void;
  /** The answer, or the completion of a stream. */
  done(value: unknown): void;
  fail(error: unknown): void;
}

/** The open end of a stream: how its consumer paces and ends it. */
export interface StreamSubscription {
  /** Says that values were taken, so that the producer may send as many more. */
  request(count: number): void;
  /** Ends the stream. The producer is torn down. */
  cancel(): void;
}

/**
 * A stream of the other side: an RxJS Observable that is also an AsyncIterable. It is cold: every subscription and every
 * `for await` is one run of the handler on the other side, and ends it when it ends.
 *
 * Both hold the producer back: it is never more than the window ahead of what was taken. A subscriber takes a value when its `next`
 * returns; `for await` when it asks.
 */
export class RemoteStream<T> extends Observable<T> implements AsyncIterable<T> {
  // No private name: streams are held in reactive proxies, which cannot reach one.
  private readonly open: Open;

  /** `open` makes one remote subscription. */
  constructor(open: Open) {
    super((subscriber) => {
      const inlet = openPaced(open, {
        next: (values) => {
          // Checked against the contract before it came here.
          reportErrors(() => {
            for (const value of values) subscriber.next(value as T);
          });
          inlet.request(values.length);
        },
        // RxJS throws what a finalizer of the application throws; others who wait here must not hear it.
        done: () => reportErrors(() => subscriber.complete()),
        fail: (error) => reportErrors(() => subscriber.error(error)),
      });
      return () => inlet.cancel();
    });
    this.open = open;
  }

  /** Pulls values one by one; leaving the loop ends the stream. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined, undefined> {
    const values = new Queue<unknown>();
    let end: (() => undefined) | undefined;
    let wake = (): void => undefined;
    const stop = (how: () => undefined): void => {
      end ??= how;
      wake();
    };
    const open = (): StreamSubscription =>
      openPaced(this.open, {
        next: (batch) => {
          for (const value of batch) values.push(value);
          wake();
        },
        done: () => stop(() => undefined),
        fail: (error) =>
          stop(() => {
            throw error;
          }),
      });
    const pull = (async function* (): AsyncGenerator<T, undefined, undefined> {
      const inlet = open();
      try {
        for (;;) {
          while (values.size > 0) {
            yield values.shift() as T; // checked against the contract before it came here
            inlet.request(1);
          }
          if (end !== undefined) return end();
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        inlet.cancel();
      }
    })();
    return {
      next: () => pull.next(),
      // A generator that waits does not hear its return: it is woken first.
      return: () => {
        stop(() => undefined);
        return pull.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
