import type { PendingCall } from './pending.ts';

/** One timer for all calls: it is set for the earliest deadline, and not moved when that call ends before. */
export class Deadlines {
  readonly #pending: () => Iterable<PendingCall>;
  readonly #onOver: (call: PendingCall) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakesAt = Infinity;

  constructor(pending: () => Iterable<PendingCall>, onOver: (call: PendingCall) => void) {
    this.#pending = pending;
    this.#onOver = onOver;
  }

  /** Gives the call so much time from now. */
  set(call: PendingCall, ms: number): void {
    if (ms === Infinity) return;
    call.deadline = performance.now() + ms;
    this.#wakeAt(call.deadline);
  }

  /** Time in which the page stood still does not count. */
  extend(ms: number): void {
    for (const call of this.#pending()) call.deadline += ms;
    if (this.#wakesAt === Infinity) return;
    this.stop();
    this.#expire();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Infinity;
  }

  #wakeAt(deadline: number): void {
    if (deadline >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = deadline;
    this.#timer = setTimeout(() => this.#expire(), deadline - performance.now());
  }

  #expire(): void {
    const now = performance.now() + 1; // a timer may come a little early
    this.#wakesAt = Infinity;
    for (const call of this.#pending()) {
      if (call.deadline <= now) this.#onOver(call);
      else if (call.deadline < Infinity) this.#wakeAt(call.deadline);
    }
  }
}
