import { Observable, type Subscriber } from 'rxjs';
import { attempt } from '../errors.ts';

/** A value that changes, as an Observable: who subscribes gets the present value at once, if there is one, and every later one. */
export class Latest<T> {
  readonly #subscribers = new Set<Subscriber<T>>();
  #current: { readonly value: T } | undefined;
  #isDone = false;
  // Each change with those who were there when it was made: who came since began with it, or with a later one.
  readonly #untold: (readonly [value: T, to: readonly Subscriber<T>[]])[] = [];
  readonly changes$: Observable<T> = new Observable<T>((subscriber) => {
    if (this.#current !== undefined) subscriber.next(this.#current.value);
    if (this.#isDone) return subscriber.complete();
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  });

  get value(): T | undefined {
    return this.#current?.value;
  }

  set(value: T): void {
    if (this.#isDone) return;
    this.#current = { value };
    this.#untold.push([value, [...this.#subscribers]]);
    if (this.#untold.length > 1) return; // set by a subscriber that is just being told: all hear it after what comes before it
    for (const [next, to] of this.#untold) for (const subscriber of to) attempt(() => subscriber.next(next));
    this.#untold.length = 0;
  }

  /** No more changes will come. */
  end(): void {
    this.#isDone = true;
    for (const subscriber of [...this.#subscribers]) attempt(() => subscriber.complete());
  }
}
