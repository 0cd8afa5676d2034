import type { Grant } from './grants.ts';

const minuteMs = 60_000;

/** Counts the calls of each grant within the last minute. */
export class Rates {
  readonly #times = new Map<Grant, number[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes one call; `false` where the grant has none left for now. */
  take(grant: Grant): boolean {
    const since = this.#now() - minuteMs;
    const times = (this.#times.get(grant) ?? []).filter((time) => time > since);
    const isLeft = times.length < grant.callsPerMinute;
    if (isLeft) times.push(this.#now());
    this.#times.set(grant, times);
    return isLeft;
  }
}
