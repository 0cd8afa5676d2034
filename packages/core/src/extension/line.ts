/** The place of one event in its line. */
export interface Place {
  /** When it is its turn: at once where nobody is before it. */
  readonly turn: () => Promise<void> | undefined;
  /** It has had its turn, or needs none. */
  readonly leave: () => void;
}

interface Waiting {
  go?: () => void;
}

/** Lets events pass in the order in which they came, however long each is made to wait. */
export class Line {
  readonly #waiting = new Set<Waiting>();

  enter(): Place {
    const one: Waiting = {};
    this.#waiting.add(one);
    return {
      // One that has left has had its turn.
      turn: () =>
        this.#waiting.has(one) && this.#first !== one
          ? new Promise((resolve) => {
              one.go = resolve;
            })
          : undefined,
      leave: () => {
        if (!this.#waiting.delete(one)) return;
        one.go?.();
        this.#first?.go?.();
      },
    };
  }

  get #first(): Waiting | undefined {
    return this.#waiting.values().next().value;
  }
}
