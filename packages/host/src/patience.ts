import { pageClock } from '@muntin/core/internal';
import type { Settings } from './options.ts';
import { stayedMs } from './retries.ts';

/** What a mount does about a guest that has been silent for too long. */
export interface PatienceEvents {
  /** Load it again. */
  readonly reload: () => void;
  /** It was silent for so many milliseconds, and nothing is left to be tried. */
  readonly over: (ms: number) => void;
}

/** How long a mount bears with a guest that does not react, and how often it loads one again for that. */
export class Patience {
  readonly #settings: Settings;
  readonly #events: PatienceEvents;
  #reloads = 0;
  #stop: () => void = () => undefined;

  constructor(settings: Settings, events: PatienceEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  /**
   * The guest has fallen silent that was there for so long. Its reloads are forgotten when that was long: one that falls silent soon after each
   * has used up what it was given.
   */
  begin(readyMs: number): void {
    const { onUnresponsive, giveUpMs } = this.#settings;
    if (onUnresponsive === 'wait') return;
    if (readyMs >= stayedMs) this.forget();
    const ms = giveUpMs * 2 ** this.#reloads;
    this.#stop = pageClock.after(ms, () => {
      if (onUnresponsive === 'fail' || this.#reloads >= onUnresponsive.reload) return this.#events.over(ms);
      this.#reloads++;
      this.#events.reload();
    });
  }

  stop(): void {
    this.#stop();
  }

  /** All reloads are there again. */
  forget(): void {
    this.#reloads = 0;
  }
}
