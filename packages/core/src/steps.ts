import { reportErrors } from './errors.ts';

/**
 * Runs steps one after the other, and tells listeners after each. What a listener causes, in the middle of a step or when it is told, is
 * a step of its own: it finds everything in order, and nothing goes on behind its back.
 */
export class Steps {
  readonly #steps: (() => void)[] = [];
  readonly #untold: (() => void)[] = [];
  #isRunning = false;

  /** Runs a step: at once, or when the one that is running is complete. */
  readonly run = (step: () => void): void => {
    this.#steps.push(step);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#steps.shift(); next !== undefined; next = this.#steps.shift()) {
      reportErrors(next);
      for (let tell = this.#untold.shift(); tell !== undefined; tell = this.#untold.shift()) reportErrors(tell);
    }
    this.#isRunning = false;
  };

  /** Tells listeners something when the step is complete that is running; at once where none is. */
  tell(listen: () => void): void {
    if (this.#isRunning) this.#untold.push(listen);
    else reportErrors(listen);
  }
}
