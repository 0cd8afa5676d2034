/** A token bucket that holds one second's worth, and is full at first. */
export class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #refilledAt = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Takes a token. False where there is none. */
  take(): boolean {
    if (this.#perSecond === Infinity) return true;
    const now = performance.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#refilledAt) / 1000) * this.#perSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** When there is one again. */
  get nextAt(): number {
    return this.#refilledAt + ((1 - this.#tokens) / this.#perSecond) * 1000;
  }
}
