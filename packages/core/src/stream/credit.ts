/** The widest window. A producer counts no more credit than this: endless credit would let a source without end stop its page. */
export const maxWindow = 65_536;

// Where the application chooses none: what a consumer of any pace gets, and the most that the quickest gets.
const firstWindow = 1024;
const lastWindow = 16_384;
// A wider window holds what the consumer takes in so long: more than the way there and back, and of a slow one's values few.
const paceMs = 25;

/** About how many bytes the values keep that came in all streams of a caller and were not taken. */
export interface Held {
  bytes: number;
  /** How many they may keep. */
  readonly most: number;
}

// Of a stream whose iterator somebody has dropped, nobody takes what is left, and nobody says so.
const dropped = /* @__PURE__ */ new FinalizationRegistry<Credit>((credit) => credit.forget());

// Values that keep less on average are counted, and not weighed: a window of them is small.
const lightBytes = 1024;

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
  readonly held: Held;
  // So many values have come, and so many of them were taken.
  #came = 0;
  #gone = 0;
  // What heavy messages keep, each until so many values were taken.
  readonly #heavy = new Map<number, number>();
  // When credit was last granted, or a value came behind a pause.
  #since = 0;

  /**
   * Without a window it begins with 1,024 values, and follows the pace of the consumer: as many as it takes in 25 ms, but no fewer than
   * 1,024 and no more than 16,384.
   */
  constructor(window?: number, now: () => number = () => performance.now(), held: Held = { bytes: 0, most: Infinity }) {
    this.#given = window;
    this.held = held;
    this.#now = now;
    this.#window = this.#outstanding = window ?? firstWindow;
  }

  /** How much to begin with: the whole window, and in a later session less what has come and was not taken yet. */
  restart(): number {
    this.#outstanding += this.#taken;
    this.#taken = 0;
    return this.#outstanding;
  }

  /** Values have come, which keep about so many bytes. False when the producer had no credit for them, which no honest one does. */
  spend(count: number, bytes = 0): boolean {
    this.#came += count;
    if (count > 0 && bytes > lightBytes * count) {
      this.#heavy.set(this.#came, bytes);
      this.held.bytes += bytes;
    }
    if (this.#since === 0 && this.#given === undefined) this.#since = this.#now();
    this.#outstanding -= count;
    return this.#outstanding >= 0;
  }

  /** Values were taken. Answers how much credit to grant now: half a window at a time, so that granting costs few messages. */
  take(count: number): number {
    this.#gone += count;
    if (this.#heavy.size > 0) this.forget(this.#gone);
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

  /** The last message was heavy, and now all streams keep more than they may. */
  get isOver(): boolean {
    return this.held.bytes > this.held.most && this.#heavy.has(this.#came);
  }

  /** What is left is forgotten when `inlet`, by which alone it can be taken, is collected. */
  watch(inlet: object): void {
    dropped.register(inlet, this);
  }

  /** So many values were taken; without a number, nobody takes what is left. */
  forget(gone: number = Infinity): void {
    for (const [until, bytes] of this.#heavy) {
      if (until > gone) return;
      this.held.bytes -= bytes;
      this.#heavy.delete(until);
    }
  }

  /** The window that fits the pace at which values were taken since the last grant. It at most doubles. */
  #follow(): number {
    const now = this.#now();
    const pace = (this.#taken / Math.max(now - this.#since, 0.1)) * paceMs;
    this.#since = now;
    return Math.max(firstWindow, Math.min(pace, this.#window * 2, lastWindow) | 0);
  }
}
