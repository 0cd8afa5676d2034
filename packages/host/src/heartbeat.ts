/** What a heartbeat needs from its mount. */
export interface HeartbeatOptions {
  /** Within which time a peer that does not answer counts as unresponsive, in milliseconds. */
  readonly unresponsiveMs: number;
  readonly isPending: () => boolean;
  /** Asks the peer for a sign of life. */
  readonly ask: () => void;
  readonly onSilent: () => void;
  readonly onAlive: () => void;
}

// Questions within the time: one that is lost in a busy moment is not yet a verdict.
const asksWithin = 2;

/** Asks the guest for signs of life, only while something is pending. It counts questions, not time, so that a host that was itself busy or asleep blames nobody. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  #isSilent = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Something may be pending. */
  start(): void {
    if (this.#timer !== undefined || !this.#options.isPending()) return;
    this.#unanswered = 0;
    this.#timer = setInterval(() => this.#beat(), this.#options.unresponsiveMs / (asksWithin + 1));
  }

  /** The peer has shown that it is there. */
  alive(): void {
    this.#unanswered = 0;
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#options.onAlive();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isSilent = false;
  }

  #beat(): void {
    const { isPending, ask, onSilent } = this.#options;
    if (!isPending() && !this.#isSilent) return this.stop();
    if (this.#unanswered === asksWithin && !this.#isSilent) {
      this.#isSilent = true;
      onSilent();
    }
    this.#unanswered++;
    ask();
  }
}
