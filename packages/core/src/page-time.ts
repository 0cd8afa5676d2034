const isPage = (what: 'hidden' | 'prerendering'): boolean => Reflect.get(Object(globalThis.document), what) === true;

// A wait is cut into stretches, so that it is noticed when nothing ran here: four at least, so that one interruption leaves most of a short wait.
const stretchMs = 1000;
const leastStretchMs = 100;
// What comes later than this did not come from a page that ran …
const lateMs = 50;
// … but in a hidden one, whose timers run once a second, and in Chromium once a minute when it has been hidden for five. It is heard meanwhile.
const hiddenMs = 60_000;

/**
 * Waits until a point in the time of this page. Time in which it was frozen, in the back/forward cache, prerendered, or kept busy by its
 * own scripts does not count: what a peer has sent meanwhile is still in the queue, and blames nobody. A stretch that is interrupted counts
 * all the same, for nine tenths of what it was to be, so that every wait ends, whatever a browser does to timers.
 */
export class PageTimer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stretch = 0;
  #due = Infinity;
  #lost = 0;

  /** The time of this page, in milliseconds. */
  now(): number {
    const at = performance.now();
    const late = at - this.#due;
    if (late > lateMs && late > lateMs + (isPage('hidden') ? hiddenMs : 0)) {
      this.#lost += late + this.#stretch / 10;
      this.#stretch = 0; // once for each
      this.#due = at;
    }
    return at - this.#lost;
  }

  /** Runs something at a time of this page, in place of what was to run before. */
  wakeAt(time: number, run: () => void): void {
    this.stop();
    const left = time - this.now();
    this.#stretch = Math.max(1, Math.min(stretchMs, left, Math.max(left / 4, leastStretchMs)));
    this.#due = performance.now() + this.#stretch;
    this.#timer = setTimeout(() => {
      // The page runs, but the frames in it do not load (HTML Standard, prerendering).
      if (isPage('prerendering')) this.#lost += this.#stretch;
      if (time - this.now() >= 1) return this.wakeAt(time, run);
      this.stop();
      run();
    }, this.#stretch);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }
}
