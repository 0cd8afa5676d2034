/** The widest window. A producer counts no more credit than this: endless credit would let a source without end stop its page. */
export const maxWindow = 65_536;

// Where the application chooses none: narrow enough for slow consumers of large values, wide enough for fast ones of small values.
const firstWindow = 1024;
const lastWindow = 16_384;

/**
 * The consumer's side of flow control: how many values the producer may still send, and when it may send more. Pure arithmetic.
 * The producer is never more than the window ahead of what was taken.
 */
export class Credit {
  readonly #given: number | undefined;
  #window: number;
  #outstanding: number;
  #untaken = 0;
  #taken = 0;

  /** Without a window it begins with 1,024 values and doubles, up to 16,384, each time the consumer has taken all that came. */
  constructor(window?: number) {
    this.#given = window;
    this.#window = this.#outstanding = window ?? firstWindow;
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
    this.#untaken += count;
    return this.#outstanding >= 0;
  }

  /** Values were taken. Answers how much credit to grant now: half a window at a time, so that granting costs few messages. */
  take(count: number): number {
    this.#taken += count;
    this.#untaken -= count;
    if (this.#taken * 2 < this.#window) return 0;
    const wider = this.#untaken > 0 ? this.#window : Math.min(this.#window * 2, this.#given ?? lastWindow);
    const grant = this.#taken + wider - this.#window;
    this.#window = wider;
    this.#taken = 0;
    this.#outstanding += grant;
    return grant;
  }
}
