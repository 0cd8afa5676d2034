import { Observable, type ObservableInput, type Unsubscribable } from 'rxjs';
import { MuntinError, show } from '../errors.ts';

/** What the handler of an `observable` returns: an Observable, AsyncIterable, Iterable, Promise or ReadableStream of values. */
export type StreamSource<T> = ObservableInput<T>;

/** A source that sends when it likes. */
export interface PushSource {
  subscribe(observer: Observer): void;
}

/** What a push source is given. */
export interface Observer {
  /** Before anything else: how to stop it. */
  onSubscribe(subscription: Unsubscribable): void;
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** What foreign observables are known by; RxJS uses the text where no polyfill has defined the symbol. */
export const interop: PropertyKey = Symbol.observable ?? '@@observable';

/** The source as something that pushes; `undefined` where it is to be pulled. */
export function asPushSource(source: unknown): PushSource | undefined {
  if (hasMethod(source, 'subscribe')) return { subscribe: (observer) => subscribeTo(source, observer) };
  return hasMethod(source, interop) ? asPushSource(source[interop]?.()) : undefined;
}

function subscribeTo(source: { subscribe(observer: unknown): unknown }, observer: Observer): void {
  let unsubscribe = (): void => undefined;
  const subscription = new Observable<unknown>((subscriber) => {
    unsubscribe = () => subscriber.unsubscribe();
    const inner = source.subscribe(subscriber);
    return hasMethod(inner, 'unsubscribe') ? () => inner.unsubscribe() : undefined;
  });
  // A synchronous source is still inside this subscribe when it has to be stopped; what it returns comes too late.
  observer.onSubscribe({ unsubscribe: () => unsubscribe() });
  subscription.subscribe(observer);
}

/** The source as something that is asked for each value. Throws `HANDLER_FAILED` for what is no source at all. */
export function asPullSource(source: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (hasMethod(source, Symbol.asyncIterator)) return source[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  if (hasMethod(source, Symbol.iterator)) return source[Symbol.iterator]() as Iterator<unknown>;
  if (hasMethod(source, 'getReader')) return readerOf(source as ReadableStream<unknown>);
  if (hasMethod(source, 'then')) return once(source as PromiseLike<unknown>);
  throw new MuntinError(
    'HANDLER_FAILED',
    `The handler returned ${show(source)}: return an Observable, AsyncIterable, Iterable, Promise or ReadableStream`,
  );
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

async function* once(promise: PromiseLike<unknown>): AsyncGenerator<unknown, void, undefined> {
  yield await promise;
}

/** Whether something has a method, own or inherited, by this name. For values of our own side only. */
export function hasMethod<Name extends PropertyKey>(
  value: unknown,
  name: Name,
): value is Record<Name, (...args: readonly unknown[]) => unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof Reflect.get(value, name) === 'function'
  );
}
