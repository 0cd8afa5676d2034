import { MuntinError } from '@muntin/core';

/**
 * Finds out why a guest has not connected. Until that is known its mount has not failed, and a guest that comes after all ends the inquiry.
 */
export class Inquiry {
  #running: Promise<MuntinError> | undefined;

  /** `tell` hears the cause, at once where it is known, and not at all after {@link stop}. */
  begin(found: MuntinError | Promise<MuntinError>, tell: (cause: MuntinError) => void): void {
    if (found instanceof MuntinError) return tell(found);
    this.#running = found;
    void found.then((cause) => {
      if (this.#running === found) tell(cause);
    });
  }

  stop(): void {
    this.#running = undefined;
  }
}
