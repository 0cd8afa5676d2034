/** A bounded number of places, and a bounded queue before them. */
export class Places {
  #free: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<(leave: () => void) => void>();

  constructor(places: number, maxWaiting: number) {
    this.#free = places;
    this.#maxWaiting = maxWaiting;
  }

  /** Waits for a place. Resolves with how to leave it; with `undefined`, at once, where too many wait. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return () => this.#leave();
    }
    if (this.#waiting.size >= this.#maxWaiting) return undefined;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason as Error);
      };
      const enter = (leave: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(leave);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(enter);
    });
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next(() => this.#leave());
  }
}
