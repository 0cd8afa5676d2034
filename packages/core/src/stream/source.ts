import { Observable, type ObservableInput, type Subscriber, type TeardownLogic, type Unsubscribable } from 'rxjs';
import { inspect, MuntinError } from '../errors.ts';
import { hasMethod, isIterator, isPromiseLike, observableKeyOf } from './kinds.ts';

/**
 * What the handler of an `observable` returns: an Observable (of RxJS, of the browser, or of another library), AsyncIterable, Iterable or
 * ReadableStream of values, or a promise. A promise of an Observable, AsyncIterable, ReadableStream or iterator means its values; a
 * promise of anything else is a stream of that one value.
 */
export type StreamSource<T> = ObservableInput<T> | PushSource<T> | PromiseLike<ObservableInput<T> | PushSource<T> | T>;

/** Anything that can be subscribed to: also the browser's own Observable, which RxJS does not know. */
export interface PushSource<T> {
  subscribe(observer: { next(value: T): void; error(error: unknown): void; complete(): void }): unknown;
}

/** Who takes what a push source sends. */
export interface Observer {
  /** Before anything else: how to stop it. */
  onSubscribe(subscription: Unsubscribable): void;
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** The source as something that pushes; `undefined` where it is to be pulled. */
export function asPushSource(source: unknown): ((observer: Observer) => void) | undefined {
  if (hasMethod(source, 'subscribe')) return (observer) => subscribeTo(source, observer);
  const key = observableKeyOf(source);
  return key !== undefined && hasMethod(source, key) ? asPushSource(source[key]?.()) : undefined;
}

type Subscribable = Record<'subscribe', (...args: readonly unknown[]) => unknown>;

function subscribeTo(source: Subscribable, observer: Observer): void {
  const subscription = new Observable<unknown>((subscriber) => {
    // A synchronous source is still inside this subscribe when it has to be stopped; what it returns comes too late.
    observer.onSubscribe(subscriber);
    const rx = asObservable(source);
    return rx === undefined ? subscribeAbroad(source, subscriber) : rx.subscribe(subscriber);
  });
  subscription.subscribe(observer);
}

function asObservable(source: unknown): Observable<unknown> | undefined {
  return source instanceof Observable ? source : undefined;
}

/** Subscribes to what is not of RxJS. A browser's Observable calls functions without their object, and is stopped by a signal. */
function subscribeAbroad(source: Subscribable, subscriber: Subscriber<unknown>): TeardownLogic {
  subscriber.next = subscriber.next.bind(subscriber);
  subscriber.error = subscriber.error.bind(subscriber);
  subscriber.complete = subscriber.complete.bind(subscriber);
  // Made where it is asked for, as a browser's Observable does: RxJS does not know it, and streams are opened by the thousand.
  let stop: AbortController | undefined;
  subscriber.add(() => stop?.abort());
  const inner = source.subscribe(subscriber, {
    get signal() {
      stop ??= new AbortController();
      if (subscriber.closed) stop.abort();
      return stop.signal;
    },
  });
  return hasMethod(inner, 'unsubscribe') ? () => inner.unsubscribe() : undefined;
}

/** The source as something that is asked for each value. Throws `HANDLER_FAILED` for what is no source at all. */
export function asPullSource(source: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (hasMethod(source, Symbol.asyncIterator)) return source[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  if (hasMethod(source, Symbol.iterator)) return source[Symbol.iterator]() as Iterator<unknown>;
  if (hasMethod(source, 'getReader')) return readerOf(source as ReadableStream<unknown>);
  throw new MuntinError(
    'HANDLER_FAILED',
    `The handler returned ${inspect(source)}: return an Observable, AsyncIterable, Iterable, Promise or ReadableStream`,
  );
}

/**
 * What a promise of a handler means once it is there: a source whose values are read one after the other is that source. Everything else,
 * arrays included, is one value.
 */
export function asAwaited(value: unknown): unknown {
  return isSource(value) ? value : [value];
}

function isSource(value: unknown): boolean {
  return (
    hasMethod(value, 'subscribe') ||
    observableKeyOf(value) !== undefined ||
    hasMethod(value, Symbol.asyncIterator) ||
    hasMethod(value, 'getReader') ||
    isIterator(value)
  );
}

/** Whether a source has to be awaited first. */
export function isPromised(source: unknown): source is PromiseLike<unknown> {
  return isPromiseLike(source) && !isSource(source);
}

/** WebKit's ReadableStream is not an AsyncIterable. */
function readerOf(stream: ReadableStream<unknown>): AsyncIterator<unknown> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** A generator that throws while it cleans up has nobody left to tell: whoever waits leaves its rejection unhandled, to be reported. */
export function stopIterator(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<unknown> {
  return Promise.resolve(iterator.return?.());
}

/** A source that nobody subscribes to, and nobody reads: what is already running must stop. */
export function discard(source: unknown): void {
  if (hasMethod(source, 'getReader')) {
    const stream = source as unknown as ReadableStream;
    if (!stream.locked) void Promise.resolve(stream.cancel());
  } else if (hasMethod(source, 'return')) void stopIterator(source as unknown as Iterator<unknown>);
}
