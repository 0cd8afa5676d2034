import type { Arrival } from '@quake-desk/contracts/arrival';

/** The earthquakes that the chart knows, the one that arrived last at the end. Holds a bounded number: the oldest go. */
export class QuakeStore {
  readonly #quakes = new Map<string, Arrival>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#quakes.size;
  }

  values(): IterableIterator<Arrival> {
    return this.#quakes.values();
  }

  get(id: string): Arrival | undefined {
    return this.#quakes.get(id);
  }

  add(quake: Arrival): void {
    this.#quakes.delete(quake.id);
    this.#quakes.set(quake.id, quake);
    if (this.#quakes.size > this.#capacity) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const id of this.#quakes.keys()) {
      this.#quakes.delete(id);
      return;
    }
  }
}
