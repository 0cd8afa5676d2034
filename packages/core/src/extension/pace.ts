import { MuntinError } from '../errors.ts';
import type { StreamSubscription } from '../stream/consumer.ts';
import { Queue } from '../stream/queue.ts';
import { weigh } from '../stream/weight.ts';

// As far as a stream runs ahead of its consumer where nothing else is chosen.
const usualLead = 1024;

/**
 * The pace of a stream that a hook has wrapped. The hook takes what comes at once, and nobody knows how many values it makes of one: so what
 * it takes is granted again only while few of the values that it has made wait for the consumer. What waits is bounded in bytes, too.
 */
export class Pace {
  readonly #lead: number;
  readonly #mostBytes: number;
  readonly #waiting = new Queue<number>();
  #bytes = 0;
  /** What the streams below were asked for, and is granted later. */
  readonly #withheld = new Map<StreamSubscription, number>();

  constructor(lead: number = usualLead, mostBytes: number = Infinity) {
    this.#lead = lead;
    this.#mostBytes = mostBytes;
  }

  /** The hook has made a value. False where more wait than may. */
  came(value: unknown): boolean {
    const bytes = weigh(value, this.#mostBytes);
    this.#waiting.push(bytes);
    this.#bytes += bytes;
    return this.#bytes <= this.#mostBytes;
  }

  /** The consumer has taken some. */
  taken(count: number): void {
    for (let left = count; left > 0; left--) this.#bytes -= this.#waiting.shift() ?? 0;
    if (!this.#hasRoom) return;
    const withheld = [...this.#withheld];
    this.#withheld.clear();
    for (const [inlet, asked] of withheld) inlet.request(asked);
  }

  /** A stream of the other side that the hook subscribes to. */
  through(inlet: StreamSubscription): StreamSubscription {
    return {
      request: (count) => {
        if (this.#hasRoom) inlet.request(count);
        else this.#withheld.set(inlet, (this.#withheld.get(inlet) ?? 0) + count);
      },
      cancel: () => {
        this.#withheld.delete(inlet);
        inlet.cancel();
      },
    };
  }

  /** Nobody takes what waits. */
  end(): void {
    this.#waiting.clear();
    this.#withheld.clear();
    this.#bytes = 0;
  }

  overloaded(): MuntinError {
    const text = `a hook has made more of a stream than nobody has taken yet may keep, ${this.#mostBytes} bytes`;
    return new MuntinError('OVERLOADED', `${text}: make less of it, or raise limits.windowBytes`);
  }

  get #hasRoom(): boolean {
    return this.#waiting.size < this.#lead;
  }
}
