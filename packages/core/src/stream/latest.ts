import type { InteropObservable, Observer, Unsubscribable } from 'rxjs';
import { reportErrors } from '../errors.ts';
import { observableKeys } from './kinds.ts';

/**
 * A value that changes. RxJS takes it as it is: `from(widget.state$)`.
 *
 * `Empty` is what {@link Live.value} is before the first value.
 */
export interface Live<T, Empty = T> extends InteropObservable<T> {
  /** The present value. */
  readonly value: T | Empty;
  /**
   * Tells the present value at once, if there is one, and every later one. Completes when no more will come; it never fails.
   * Takes a function or an RxJS observer. What they throw is reported like any uncaught error, and stops nobody else.
   */
  subscribe(observer: Partial<Observer<T>> | ((value: T) => void)): Unsubscribable;
}

/** What is told to those who were there when it was said. */
type Told<T> = readonly [tell: (observer: Partial<Observer<T>>) => void, to: readonly Partial<Observer<T>>[]];

/** Keeps a value that changes, and tells it: the end that sets what a {@link Live} shows. */
export class Latest<T, Empty = T> {
  readonly #observers = new Set<Partial<Observer<T>>>();
  readonly #empty: Empty;
  #current: { readonly value: T } | undefined;
  #isDone = false;
  // Whoever comes later began with this change, or with a later one.
  readonly #untold: Told<T>[] = [];
  readonly changes$: Live<T, Empty>;

  /** `empty` is the value before the first; nobody is told it. */
  constructor(empty: Empty) {
    this.#empty = empty;
    this.changes$ = changesOf<T, Empty>(this);
  }

  get value(): T | Empty {
    return this.#current === undefined ? this.#empty : this.#current.value;
  }

  set(value: T): void {
    if (this.#isDone) return;
    this.#current = { value };
    this.#tell((observer) => observer.next?.(value));
  }

  /** No more changes will come. */
  end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#tell((observer) => {
      this.#observers.delete(observer);
      observer.complete?.();
    });
  }

  subscribe(given: Partial<Observer<T>> | ((value: T) => void)): Unsubscribable {
    // An object of its own for each subscription: the same observer may subscribe twice.
    const observer: Partial<Observer<T>> =
      typeof given === 'function'
        ? { next: given }
        : { next: (value) => given.next?.(value), complete: () => given.complete?.() };
    const [current, isDone] = [this.#current, this.#isDone];
    if (!isDone) this.#observers.add(observer);
    if (current !== undefined) reportErrors(() => observer.next?.(current.value));
    if (isDone) reportErrors(() => observer.complete?.());
    return { unsubscribe: () => void this.#observers.delete(observer) };
  }

  /** A change that an observer makes while it is told one is told to all after that one. */
  #tell(tell: Told<T>[0]): void {
    this.#untold.push([tell, [...this.#observers]]);
    if (this.#untold.length > 1) return;
    for (const [next, to] of this.#untold)
      for (const observer of to) if (this.#observers.has(observer)) reportErrors(() => next(observer));
    this.#untold.length = 0;
  }
}

/** The side of a {@link Latest} that applications see: without private fields, so that it works behind a Proxy. */
function changesOf<T, Empty>(latest: Latest<T, Empty>): Live<T, Empty> {
  const changes = {
    get value(): T | Empty {
      return latest.value;
    },
    subscribe: (observer: Partial<Observer<T>> | ((value: T) => void)): Unsubscribable => latest.subscribe(observer),
  };
  for (const key of observableKeys()) Object.defineProperty(changes, key, { value: () => changes });
  return changes as Live<T, Empty>; // with the keys that have just been defined
}
