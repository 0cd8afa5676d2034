import { MuntinError } from '../errors.ts';
import { Bucket } from '../link/bucket.ts';
import type { Scales } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';

/**
 * How long a call waits here for a free place, or for its turn under the rate, before it is answered with `OVERLOADED`, in
 * milliseconds. Shorter than the default time-out of a call, so that its caller hears the true cause.
 */
export const patienceMs = 5000;

/** Something that the peer asks for, until it may begin. */
export interface Applicant {
  readonly isStream: boolean;
  readonly input?: unknown;
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
  readonly #bucket: Bucket;
  readonly #maxBytes: number;
  // What the inputs of those who wait keep.
  #waitingBytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakesAt = Infinity;
  #isServing = false;

  constructor({ calls, streams, callsPerSecond, waitingBytes }: Limits) {
    this.#maxBytes = waitingBytes;
    this.#calls = { most: calls, taken: 0, waiting: new Map() };
    this.#streams = { most: streams, taken: 0, waiting: new Map() };
    this.#perSecond = callsPerSecond;
    this.#bucket = new Bucket(callsPerSecond);
  }

  /**
   * Begins it now, or when it is its turn. Who has begun calls {@link leave} when the work has ended. `scales` have just weighed its input:
   * those who wait keep no more together than they may.
   */
  enter(applicant: Applicant, scales?: Pick<Scales, 'weightOf'>): void {
    const { waiting } = this.#placesFor(applicant.isStream);
    if (waiting.size === 0 && this.#take(applicant.isStream)) return applicant.begin();
    const bytes = scales?.weightOf(applicant.input) ?? 0;
    waiting.set(applicant, { until: performance.now() + patienceMs, bytes });
    this.#waitingBytes += bytes;
    if (this.#waitingBytes <= this.#maxBytes) return this.#serve();
    this.withdraw(applicant);
    const text = `waitingBytes: more than ${this.#maxBytes} bytes of the peer's inputs wait for a free place`;
    applicant.refuse(new MuntinError('OVERLOADED', text));
  }

  /** The work behind a place has ended. */
  leave(isStream: boolean): void {
    const places = this.#placesFor(isStream);
    places.taken--;
    if (places.waiting.size > 0) this.#serve();
  }

  /** It is not wanted any more. True when it had not begun. */
  withdraw(applicant: Applicant): boolean {
    const isWaiting = this.#takeOut(applicant);
    if (isWaiting && this.#calls.waiting.size + this.#streams.waiting.size === 0) this.#wake(Infinity);
    return isWaiting;
  }

  #takeOut(applicant: Applicant): boolean {
    const { waiting } = this.#placesFor(applicant.isStream);
    this.#waitingBytes -= waiting.get(applicant)?.bytes ?? 0;
    return waiting.delete(applicant);
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
      next = Math.min(this.#serveAll(false), this.#serveAll(true));
    } finally {
      this.#isServing = false;
      this.#wake(next);
    }
  }

  /** Returns when to come back. */
  #serveAll(isStream: boolean): number {
    const places = this.#placesFor(isStream);
    for (const [applicant, { until }] of places.waiting) {
      const mayBegin = this.#take(isStream);
      if (!mayBegin && until > performance.now())
        return Math.min(until, hasRoom(places) ? this.#bucket.nextAt : Infinity);
      this.#takeOut(applicant);
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
  #take(isStream: boolean): boolean {
    const places = this.#placesFor(isStream);
    if (!hasRoom(places) || !this.#bucket.take()) return false;
    places.taken++;
    return true;
  }
}

/** Places of one kind, and who waits for one: until when, and how many bytes its input keeps. */
interface Places {
  readonly most: number;
  taken: number;
  readonly waiting: Map<Applicant, { readonly until: number; readonly bytes: number }>;
}

function hasRoom({ taken, most }: Places): boolean {
  return taken < most;
}
