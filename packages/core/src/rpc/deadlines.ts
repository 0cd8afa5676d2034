import { PageTimer } from '../page-time.ts';
import type { PendingCall } from './pending.ts';

/** One timer for all calls: it is set for the earliest deadline, and not moved when that call ends before. */
export class Deadlines {
  readonly #pending: () => Iterable<PendingCall>;
  readonly #onOver: (call: PendingCall) => void;
  readonly #timer = new PageTimer();
  #wakesAt = Infinity;

  constructor(pending: () => Iterable<PendingCall>, onOver: (call: PendingCall) => void) {
    this.#pending = pending;
    this.#onOver = onOver;
  }

  /** Gives the call so much of this page's time from now. */
  set(call: PendingCall, ms: number): void {
    if (ms === Infinity) return;
    call.deadline = this.#timer.now() + ms;
    this.#wakeAt(call.deadline);
  }

  stop(): void {
    this.#timer.stop();
    this.#wakesAt = Infinity;
  }

  #wakeAt(deadline: number): void {
    if (deadline >= this.#wakesAt) return;
    this.#wakesAt = deadline;
    this.#timer.wakeAt(deadline, () => this.#expire());
  }

  #expire(): void {
    const now = this.#timer.now() + 1; // a timer may come a little early
    this.#wakesAt = Infinity;
    for (const call of this.#pending()) {
      if (call.deadline <= now) this.#onOver(call);
      else if (call.deadline < Infinity) this.#wakeAt(call.deadline);
    }
  }
}
