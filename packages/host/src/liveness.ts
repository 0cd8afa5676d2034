import { Heartbeat } from './heartbeat.ts';
import type { Settings } from './options.ts';
import { Patience, type PatienceEvents } from './patience.ts';

/** What is watched over, and who hears of it. */
export interface LivenessEvents extends PatienceEvents {
  /** Whether anything waits for the guest. */
  readonly isPending: () => boolean;
  /** Asks the guest for a sign of life. */
  readonly ask: () => void;
  readonly silent: () => void;
  readonly alive: () => void;
}

/** Watches over the guest of an open session: asks it for signs of life, says when there are none, and at some time gives up. */
export class Liveness {
  readonly #heartbeat: Heartbeat;
  readonly #patience: Patience;
  #openedAt = Infinity;

  constructor(settings: Settings, { isPending, ask, silent, alive, ...events }: LivenessEvents) {
    this.#patience = new Patience(settings, events);
    this.#heartbeat = new Heartbeat({
      unresponsiveMs: settings.unresponsiveMs,
      isPending,
      ask,
      onSilent: () => {
        silent();
        this.#patience.begin(this.#openMs);
      },
      onAlive: () => {
        this.#patience.stop();
        alive();
      },
    });
  }

  /** The session is open. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /** The session is over. Answers for how many milliseconds it was open. */
  lost(): number {
    const ms = this.#openMs;
    this.#openedAt = Infinity;
    return ms;
  }

  /** Something may be pending. */
  watch(): void {
    this.#heartbeat.start();
  }

  /** The guest has shown that it is there. */
  alive(): void {
    this.#heartbeat.alive();
  }

  stop(): void {
    this.#heartbeat.stop();
    this.#patience.stop();
  }

  /** What the guest has used up by being silent is there again. */
  forget(): void {
    this.#patience.forget();
  }

  get #openMs(): number {
    return performance.now() - this.#openedAt;
  }
}
