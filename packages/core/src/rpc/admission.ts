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
  #isBeginning = false;

  constructor({ calls, streams, callsPerSecond }: Limits) {
    this.#calls = { most: calls, taken: 0, waiting: new Map() };
    this.#streams = { most: streams, taken: 0, waiting: new Map() };
    this.#perSecond = callsPerSecond;
    this.#tokens = callsPerSecond;
  }

  /** Begins it now, or when it is its turn. Who has begun calls {@link leave} when the work has ended. */
  enter(applicant: Applicant): void {
    const places = this.#placesFor(applicant);
    if (places.waiting.size === 0 && hasRoom(places) && this.#takeToken()) {
      places.taken++;
      return applicant.begin();
    }
    places.waiting.set(applicant, performance.now() + patienceMs);
    this.#beginWaiting();
  }

  /** The work behind a place has ended. */
  leave(isStream: boolean): void {
    const places = isStream ? this.#streams : this.#calls;
    places.taken--;
    if (places.waiting.size > 0) this.#beginWaiting();
  }

  /** It is not wanted any more. True when it had not begun. */
  withdraw(applicant: Applicant): boolean {
    const isWaiting = this.#placesFor(applicant).waiting.delete(applicant);
    if (isWaiting && this.#calls.waiting.size + this.#streams.waiting.size === 0) this.#sleep();
    return isWaiting;
  }

  #placesFor({ isStream }: Applicant): Places {
    return isStream ? this.#streams : this.#calls;
  }

  #beginWaiting(): void {
    if (this.#isBeginning) return; // what begins may end at once: the loop below goes on with the next
    this.#isBeginning = true;
    for (const places of [this.#calls, this.#streams])
      for (const [applicant] of places.waiting) {
        if (!hasRoom(places) || !this.#takeToken()) break;
        places.waiting.delete(applicant);
        places.taken++;
        applicant.begin();
      }
    this.#isBeginning = false;
    this.#wakeLater();
  }

  /** One timer for all that waits: for the next token, or for the end of the first one's patience. */
  #wakeLater(): void {
    const at = Math.min(this.#nextIn(this.#calls), this.#nextIn(this.#streams));
    if (at === Infinity) return this.#sleep();
    if (at >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    this.#timer = setTimeout(() => {
      this.#wakesAt = Infinity;
      this.#beginWaiting();
      this.#refuseLate();
      this.#wakeLater();
    }, at - performance.now());
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Infinity;
  }

  #nextIn(places: Places): number {
    const [until] = places.waiting.values();
    if (until === undefined) return Infinity;
    if (!hasRoom(places)) return until;
    return Math.min(until, this.#refilledAt + ((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  #refuseLate(): void {
    const now = performance.now();
    for (const places of [this.#calls, this.#streams])
      for (const [applicant, until] of places.waiting) {
        if (until > now) break;
        places.waiting.delete(applicant);
        applicant.refuse(this.#overloaded(places));
      }
  }

  #overloaded(places: Places): MuntinError {
    const what = places === this.#calls ? 'calls' : 'streams';
    const text = hasRoom(places)
      ? `callsPerSecond: more is asked for than ${this.#perSecond} a second`
      : `${places.most} ${what} are still at work here, though some were cancelled: their handlers do not heed "signal"`;
    return new MuntinError('OVERLOADED', text);
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
