/** The widest window. A producer counts no more credit than this: endless credit would let a source without end stop its page. */
export const maxWindow = 65_536;

/**
 * The consumer's side of flow control: how many values the producer may still send, and when it may send more. Pure arithmetic.
 * The producer is never more than the window ahead of what was taken.
 */
export class Credit {
  readonly #window: number;
  #outstanding: number;
  #taken = 0;

  constructor(window: number) {
    this.#window = window;
    this.#outstanding = window;
  }

  /** How much to begin with: the whole window, and in a later session less what has come and was not taken yet. */
  restart(): number {
    this.#outstanding += this.#taken;
    this.#taken = 0;
    return this.#outstanding;
  }

  /** Values have come. False when the producer had no credit for them, which no honest one does. */
  spend(count: number): boolean {
    this.#outstanding -= count;
    return this.#outstanding >= 0;
  }

  /** Values were taken. Answers how much credit to grant now: half a window at a time, so that granting costs few messages. */
  take(count: number): number {
    this.#taken += count;
    if (this.#taken * 2 < this.#window) return 0;
    const grant = this.#taken;
    this.#taken = 0;
    this.#outstanding += grant;
    return grant;
  }
}
