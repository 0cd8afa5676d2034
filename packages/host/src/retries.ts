import type { ErrorCode, MuntinError } from '@muntin/core';
import { pageClock } from '@muntin/core/internal';
import type { Reconnect } from './mounted.ts';

// What loading again can mend: a server that was away, a login in between, a deployment that is not complete.
const mendable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'GUEST_NOT_LOADED',
  'GUEST_UNREACHABLE',
  'GUEST_ERROR_STATUS',
  'GUEST_SCRIPT_FAILED',
  'GUEST_SILENT',
  'GUEST_ORIGIN_MISMATCH',
  'PEER_NAVIGATED',
  'PEER_UNRESPONSIVE',
  'PEER_CLOSED',
  'VERSION_MISMATCH',
  'CONTRACT_MISMATCH',
]);
/** A guest that stayed for so long begins with all its retries again, and with all reloads for being silent. */
export const stayedMs = 10_000;

/** Loads a failed guest again, after growing pauses, or as soon as this page is online again. */
export class Retries {
  readonly #options: Required<Reconnect>;
  readonly #load: () => void;
  #used = 0;
  #stop: () => void = () => undefined;

  constructor(options: Required<Reconnect>, load: () => void) {
    this.#options = options;
    this.#load = load;
  }

  /** The guest was there for so long that its retries are forgotten, or not. */
  forget(readyMs: number = Infinity): void {
    if (readyMs >= stayedMs) this.#used = 0;
  }

  /** Whether to load again after a failure. */
  isWorth({ code }: MuntinError): boolean {
    return mendable.has(code) && this.#used < this.#options.retries;
  }

  schedule(): void {
    const { delayMs, maxDelayMs } = this.#options;
    const pause = navigator.onLine ? Math.min(maxDelayMs, delayMs * 2 ** this.#used) : maxDelayMs;
    this.stop();
    const again = (): void => {
      this.stop();
      // Offline only a server on this machine can answer: it is tried, and nothing is lost by it.
      if (navigator.onLine) this.#used++;
      this.#load();
    };
    addEventListener('online', again);
    // A page with many guests does not ask a server that is just back for all of them at once.
    const stopTimer = pageClock.after(pause * (1 - Math.random() / 2), again);
    this.#stop = () => {
      stopTimer();
      removeEventListener('online', again);
    };
  }

  stop(): void {
    this.#stop();
  }
}
