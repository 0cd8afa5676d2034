// The next drawing waits so many times as long as the last one took to come, up to this: a slow machine has other things to do, too.
const breath = 2;
const mostMs = 250;

/** One drawing for many changes, as often as the machine can spare. While the page is out of view there is none at all. */
export class Frames {
  readonly #draw: (now: number) => void;
  readonly #leastMs: number;
  #isAsked = false;
  #nextAt = -Infinity;

  /** `leastMs`: the time between two drawings. */
  constructor(draw: (now: number) => void, leastMs = 50) {
    this.#draw = draw;
    this.#leastMs = leastMs;
  }

  /** Something has changed. */
  schedule(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const waitMs = this.#nextAt - performance.now();
    if (waitMs > 0) setTimeout(() => this.#ask(), waitMs);
    else this.#ask();
  }

  #ask(): void {
    const askedAt = performance.now();
    requestAnimationFrame((now) => {
      const cameAt = performance.now();
      this.#isAsked = false;
      this.#nextAt = cameAt + Math.max(this.#leastMs, Math.min(mostMs, breath * (cameAt - askedAt)));
      this.#draw(now);
    });
  }
}
