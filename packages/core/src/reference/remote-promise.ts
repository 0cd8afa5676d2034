import type { RemoteStream } from '../stream/consumer.ts';

/**
 * A promise of the other side. It asks for the outcome when somebody first wants it: who only receives a thousand promises has not
 * subscribed to one. `await` and `Promise.all` call `then` of a class that is not Promise itself.
 */
export class RemotePromise extends Promise<unknown> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #ask: (() => void) | undefined;

  constructor(stream: RemoteStream<unknown>) {
    let settle: { resolve(value: unknown): void; reject(reason: unknown): void } | undefined;
    super((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#ask = () =>
      stream.subscribe({ next: (value) => settle?.resolve(value), error: (error) => settle?.reject(error) });
  }

  // oxlint-disable-next-line unicorn/no-thenable -- this is a promise
  override then<A = unknown, B = never>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const ask = this.#ask;
    this.#ask = undefined;
    ask?.();
    return super.then(onFulfilled, onRejected);
  }
}
