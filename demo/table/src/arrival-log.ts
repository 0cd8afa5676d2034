import type { Arrival } from '@quake-desk/contracts/arrival';

/** The latest arrivals, a bounded number of them: a ring that forgets the oldest. */
export class ArrivalLog {
  readonly #ring: Arrival[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#ring.length;
  }

  add(arrival: Arrival): void {
    this.#ring[this.#next] = arrival;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** All arrivals that pass, the newest first; with `once`, only the newest of each earthquake. */
  newestFirst(passes: ((arrival: Arrival) => boolean) | null, once: boolean): Arrival[] {
    const found: Arrival[] = [];
    const seen = new Set<string>();
    const count = this.#ring.length;
    for (let back = 1; back <= count; back++) {
      const arrival = this.#ring[(this.#next - back + count) % count];
      if (!arrival || (passes && !passes(arrival))) continue;
      if (once) {
        if (seen.has(arrival.id)) continue;
        seen.add(arrival.id);
      }
      found.push(arrival);
    }
    return found;
  }
}
