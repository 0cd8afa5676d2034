import type { Arrival } from '@quake-desk/contracts/arrival';

/** An earthquake on the map, with its place on the screen. */
export interface Mark {
  quake: Arrival;
  x: number;
  y: number;
  isVisible: boolean;
  /** When it arrived last, by this page's clock. */
  arrivedAt: number;
}

/** The earthquakes that the map knows, the one that arrived last at the end. Holds a bounded number: the oldest go. */
export class QuakeStore {
  readonly #marks = new Map<string, Mark>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#marks.size;
  }

  values(): IterableIterator<Mark> {
    return this.#marks.values();
  }

  get(id: string): Mark | undefined {
    return this.#marks.get(id);
  }

  /** Takes one arrival; returns its mark and whether it was known before. */
  add(quake: Arrival): { mark: Mark; isNew: boolean } {
    const known = this.#marks.get(quake.id);
    const mark = known ?? { quake, x: 0, y: 0, isVisible: false, arrivedAt: -Infinity };
    mark.quake = quake;
    if (known) this.#marks.delete(quake.id);
    this.#marks.set(quake.id, mark);
    if (this.#marks.size > this.#capacity) this.#forgetOldest();
    return { mark, isNew: !known };
  }

  #forgetOldest(): void {
    for (const id of this.#marks.keys()) {
      this.#marks.delete(id);
      return;
    }
  }
}
