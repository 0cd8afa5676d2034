/** What the drivers of the handshake measure time with. Tests give one that they move by hand. */
export interface Clock {
  /** The present, in milliseconds. */
  now(): number;
  /** Runs something once, after so much time in which this page could have heard its peer. Answers with how to stop. */
  after(ms: number, run: () => void): () => void;
}

// A long wait is counted in so many steps, so that time in which nothing ran here is noticed.
const steps = 10;
// A page that is being prerendered runs, but the frames in it do not load (HTML Standard, prerendering).
const isPrerendering = (): boolean => {
  const page: unknown = globalThis.document;
  return typeof page === 'object' && page !== null && Reflect.get(page, 'prerendering') === true;
};

/**
 * The clock of this page. A wait does not count the time in which this page was frozen, in the back/forward cache, prerendered, or kept
 * busy by its own scripts: what a peer has sent meanwhile is still in the queue, and blames nobody.
 */
export const pageClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const stepMs = Math.max(50, ms / steps);
    let left = ms;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (): void => {
      const from = performance.now();
      const length = Math.min(left, stepMs);
      timer = setTimeout(() => {
        const passed = performance.now() - from;
        // A step that took more than twice its time was interrupted: it counts for nothing.
        if (!isPrerendering() && passed <= 2 * length + 50) left -= passed;
        if (left < 1) run();
        else wait();
      }, length);
    };
    wait();
    return () => clearTimeout(timer);
  },
};
