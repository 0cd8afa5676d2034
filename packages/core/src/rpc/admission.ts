import { MuntinError } from '../errors.ts';
import type { Limits } from '../link/limits.ts';

/**
 * How long a call waits here for a free place, or for its turn under the rate, before it is answered with `OVERLOADED`, in
 * milliseconds. Shorter than the default time-out of a call, so that its caller hears the true cause.
 */
export const patienceMs = 5000;

/** Something that the peer asks for, until it may begin. */
export interface Applicant {
  readonly isStream: boolean;
  begin(): void;
  refuse(error: MuntinError): void;
}

/**
 * Says when what the peer asks for may begin: never more at once than `calls` and `streams`, and no faster than `callsPerSecond`.
 *
 * A place is taken until the work behind it has ended, also when nobody waits for the answer any more. Who finds no place waits, in
 * order: an honest peer that cancels much, or calls fast, is merely slower. It belongs to a mount, not to a session: a peer does not
 * get new places by connecting again.
 */
export class Admission {
  readonly #calls: Places;
  readonly #streams: Places;
  readonly #perSecond: number;
  #tokens: number;
  #refilledAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakesAt = Infinity;
  #isServing = false;
  // What the inputs of those who wait keep.
  readonly #bytes = new Map<Applicant, number>();
  #waitingBytes = 0;
  readonly #maxBytes: number;

  constructor({ calls, streams, callsPerSecond, waitingBytes }: Limits) {
    this.#maxBytes = waitingBytes;
    this.#calls = { most: calls, taken: 0, waiting: new Map() };
    this.#streams = { most: streams, taken: 0, waiting: new Map() };
    this.#perSecond = callsPerSecond;
    this.#tokens = callsPerSecond;
  }

  /**
   * Begins it now, or when it is its turn. Who has begun calls {@link leave} when the work has ended. False when it may have to wait:
   * {@link weigh} follows.
   */
  enter(applicant: Applicant): boolean {
    const places = this.#placesFor(applicant.isStream);
    const isFirst = places.waiting.size === 0 && this.#take(places);
    if (isFirst) applicant.begin();
    else {
      places.waiting.set(applicant, performance.now() + patienceMs);
      this.#serve();
    }
    return isFirst;
  }

  /** Says how many bytes the input of an applicant keeps who has to wait: more than all may keep together is refused at once. */
  weigh(applicant: Applicant, bytes: number): void {
    const { waiting } = this.#placesFor(applicant.isStream);
    if (!waiting.has(applicant)) return;
    this.#bytes.set(applicant, bytes);
    this.#waitingBytes += bytes;
    if (this.#waitingBytes <= this.#maxBytes) return;
    this.#takeOut(waiting, applicant);
    const text = `waitingBytes: more than ${this.#maxBytes} bytes of the peer's inputs wait for a free place`;
    applicant.refuse(new MuntinError('OVERLOADED', text));
  }

  #takeOut(waiting: Places['waiting'], applicant: Applicant): boolean {
    this.#waitingBytes -= this.#bytes.get(applicant) ?? 0;
    this.#bytes.delete(applicant);
    return waiting.delete(applicant);
  }

  /** The work behind a place has ended. */
  leave(isStream: boolean): void {
    const places = this.#placesFor(isStream);
    places.taken--;
    if (places.waiting.size > 0) this.#serve();
  }

  /** It is not wanted any more. True when it had not begun. */
  withdraw(applicant: Applicant): boolean {
    const isWaiting = this.#takeOut(this.#placesFor(applicant.isStream).waiting, applicant);
    if (isWaiting && this.#calls.waiting.size + this.#streams.waiting.size === 0) this.#wake(Infinity);
    return isWaiting;
  }

  #placesFor(isStream: boolean): Places {
    return isStream ? this.#streams : this.#calls;
  }

  /** Begins what may begin, refuses what has waited for too long, and comes back for the next. */
  #serve(): void {
    if (this.#isServing) return; // what begins may end at once: the loop below goes on with the next
    this.#isServing = true;
    let next = Infinity;
    try {
      for (const places of [this.#calls, this.#streams]) next = Math.min(next, this.#serveAll(places));
    } finally {
      this.#isServing = false;
      this.#wake(next);
    }
  }

  /** Returns when to come back. */
  #serveAll(places: Places): number {
    for (const [applicant, until] of places.waiting) {
      const mayBegin = this.#take(places);
      if (!mayBegin && until > performance.now()) {
        const tokenAt = this.#refilledAt + ((1 - this.#tokens) / this.#perSecond) * 1000;
        return Math.min(until, hasRoom(places) ? tokenAt : Infinity);
      }
      this.#takeOut(places.waiting, applicant);
      if (mayBegin) applicant.begin();
      else applicant.refuse(this.#overloaded(places));
    }
    return Infinity;
  }

  /** One timer for all that waits: for the next token, or for the end of the first one's patience. */
  #wake(at: number): void {
    if (at === this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    if (at === Infinity) return;
    this.#timer = setTimeout(() => {
      this.#wakesAt = Infinity;
      this.#serve();
    }, at - performance.now());
  }

  #overloaded(places: Places): MuntinError {
    const what = places === this.#calls ? 'calls' : 'streams';
    const text = hasRoom(places)
      ? `callsPerSecond: more is asked for than ${this.#perSecond} a second`
      : `${places.most} ${what} are still at work here, though some were cancelled: their handlers do not heed "signal"`;
    return new MuntinError('OVERLOADED', text);
  }

  /** Takes a place and a token, where there is one of each. */
  #take(places: Places): boolean {
    if (!hasRoom(places) || !this.#takeToken()) return false;
    places.taken++;
    return true;
  }

  #takeToken(): boolean {
    if (this.#perSecond === Infinity) return true;
    if (this.#tokens < 1) {
      const now = performance.now();
      const earned = ((now - this.#refilledAt) / 1000) * this.#perSecond;
      this.#tokens = Math.min(this.#perSecond, this.#tokens + earned);
      this.#refilledAt = now;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** Places of one kind, and who waits for one, with the time at which the patience with it ends. */
interface Places {
  readonly most: number;
  taken: number;
  readonly waiting: Map<Applicant, number>;
}

function hasRoom({ taken, most }: Places): boolean {
  return taken < most;
}
