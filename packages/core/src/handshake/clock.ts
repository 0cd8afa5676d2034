import { PageTimer } from '../page-time.ts';

/** What the drivers of the handshake measure time with. Tests give one that they move by hand. */
export interface Clock {
  /** The present, in milliseconds. */
  now(): number;
  /** Runs something once, after so much time in which this page could have heard its peer. Answers with how to stop. */
  after(ms: number, run: () => void): () => void;
}

/** The clock of this page. */
export const pageClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = new PageTimer();
    timer.wakeAt(timer.now() + ms, run);
    return () => timer.stop();
  },
};
