import type { MuntinError } from './errors.ts';

/** A promise with its ends in hand. A rejection that nobody waits for is not an unhandled one: `state$` tells it, too. */
export class Deferred {
  promise: Promise<void> = Promise.resolve();
  resolve: () => void = () => undefined;
  reject: (error: MuntinError) => void = () => undefined;
  #isSettled = true;

  constructor() {
    this.renew();
  }

  /** A new promise where the old one has been settled. */
  renew(): void {
    if (!this.#isSettled) return;
    this.#isSettled = false;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = () => {
        this.#isSettled = true;
        resolve();
      };
      this.reject = (error) => {
        this.#isSettled = true;
        reject(error);
      };
    });
    this.promise.catch(() => undefined);
  }
}
