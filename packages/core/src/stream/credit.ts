/** The widest window. A producer counts no more credit than this: endless credit would let a source without end stop its page. */
export const maxWindow = 65_536;

// Where the application chooses none: what a consumer of any pace gets, and the most that the quickest gets.
const firstWindow = 1024;
const lastWindow = 16_384;
// A wider window holds what the consumer takes in so long: more than the way there and back, and of a slow one's values few.
const paceMs = 25;

/**
 * The consumer's side of flow control: how many values the producer may still send, and when it may send more. Pure arithmetic.
 * The producer is never more than the window ahead of what was taken.
 */
export class Credit {
  readonly #given: number | undefined;
  readonly #now: () => number;
  #window: number;
  #outstanding: number;
  #taken = 0;
  // When credit was last granted, or a value came behind a pause.
  #since = 0;

  /**
   * Without a window it begins with 1,024 values, and follows the pace of the consumer: as many as it takes in 25 ms, but no fewer than
   * 1,024 and no more than 16,384.
   */
  constructor(window?: number, now: () => number = () => performance.now()) {
    this.#given = window;
    this.#now = now;
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
    if (this.#since === 0 && this.#given === undefined) this.#since = this.#now();
    this.#outstanding -= count;
    return this.#outstanding >= 0;
  }

  /** Values were taken. Answers how much credit to grant now: half a window at a time, so that granting costs few messages. */
  take(count: number): number {
    this.#taken += count;
    if (this.#taken * 2 < this.#window) return 0;
    const next = this.#given ?? this.#follow();
    // Credit cannot be taken back: a window narrows as its values are taken.
    const grant = Math.max(0, this.#taken + next - this.#window);
    this.#window += grant - this.#taken;
    this.#taken = 0;
    this.#outstanding += grant;
    return grant;
  }

  /** The window that fits the pace at which values were taken since the last grant. It at most doubles. */
  #follow(): number {
    const now = this.#now();
    const pace = (this.#taken / Math.max(now - this.#since, 0.1)) * paceMs;
    this.#since = now;
    return Math.max(firstWindow, Math.min(pace, this.#window * 2, lastWindow) | 0);
  }
}
