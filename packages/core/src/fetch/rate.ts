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
    const now = this.#now();
    const times = this.#times.get(grant) ?? [];
    // What is older than a minute goes in one piece, so that a grant for many calls costs no walk over all of them.
    const recent = times.findIndex((time) => time > now - minuteMs);
    if (recent !== 0) times.splice(0, recent === -1 ? times.length : recent);
    const isLeft = times.length < grant.callsPerMinute;
    if (isLeft) times.push(now);
    this.#times.set(grant, times);
    return isLeft;
  }
}
