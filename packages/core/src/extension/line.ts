/** The place of one event in its line. */
export interface Place {
  /** When it is its turn: at once where nobody is before it. */
  readonly turn: () => Promise<void> | undefined;
  /** It has had its turn, or needs none. */
  readonly leave: () => void;
}

/** Lets events pass in the order in which they came, however long each is made to wait. */
export class Line {
  readonly #waiting = new Set<{ go: (() => void) | undefined }>();

  enter(): Place {
    const one: { go: (() => void) | undefined } = { go: undefined };
    this.#waiting.add(one);
    return {
      turn: () =>
        this.#first === one
          ? undefined
          : new Promise((resolve) => {
              one.go = resolve;
            }),
      leave: () => {
        if (this.#waiting.delete(one)) this.#first?.go?.();
      },
    };
  }

  get #first(): { readonly go: (() => void) | undefined } | undefined {
    return this.#waiting.values().next().value;
  }
}
