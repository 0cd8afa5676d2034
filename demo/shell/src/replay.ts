import { type Arrival, maxBacklog } from '@quake-desk/contracts/arrival';
import { BehaviorSubject, defer, from, merge, type Observable, Subject } from 'rxjs';
import { type Quake, quakes, recordFacts } from './record.ts';

/** Events a second that the speed control offers: a logarithmic scale in the steps of a measuring instrument. */
export const rates = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000] as const;

// A timer, not animation frames: the widgets' news does not depend on whether this page is being painted.
const tickMs = 16;
/** After a pause of the whole page (a sleeping laptop, a debugger) the clock goes on; it does not catch up. */
const longestStepMs = 250;

const count = quakes.length;
// One pass lasts from the first event to as long after the last as events are apart on average.
const passMs = ((recordFacts.to - recordFacts.from) * count) / (count - 1);

/**
 * The record, told again against a clock: each event when its time comes, from the start again after the last. The clock runs so
 * many times faster than the earth that on average `rate` events happen in a second.
 */
export class Replay {
  readonly isPlaying$ = new BehaviorSubject(true);
  readonly rate$ = new BehaviorSubject<number>(100);
  /** Every event, when it happens. */
  readonly #arrivals = new Subject<Arrival>();
  #position = 0;
  #next = 0;
  #lastTick = performance.now();
  #strongest: Quake | null = null;

  constructor() {
    setInterval(() => this.#tick(performance.now()), tickMs);
  }

  /** The latest `backlog` events at once, then every new one. */
  arrivals(backlog: number): Observable<Arrival> {
    return defer(() => merge(from(this.#latest(Math.min(backlog, maxBacklog))), this.#arrivals));
  }

  /** How strong those of the record were that have happened so far. */
  magnitudes(): Float64Array {
    return Float64Array.from(quakes.slice(0, Math.min(this.#next, count)), ({ magnitude }) => magnitude);
  }

  /** How many events have happened since the desk was opened. */
  get told(): number {
    return this.#next;
  }

  get pass(): number {
    return Math.floor(this.#position / passMs) + 1;
  }

  /** How many events of this pass have happened. */
  get toldOfPass(): number {
    return this.#next === 0 ? 0 : ((this.#next - 1) % count) + 1;
  }

  /** The record's clock: milliseconds since 1970, UTC. */
  get clock(): number {
    return recordFacts.from + (this.#position % passMs);
  }

  /** How much of this pass is over, from 0 to 1. */
  get progress(): number {
    return (this.#position % passMs) / passMs;
  }

  /** The strongest event of this pass so far. */
  get strongest(): Quake | null {
    return this.#strongest;
  }

  /** How many times faster than the earth the clock runs. */
  get speedUp(): number {
    return (this.rate$.value * passMs) / count / 1_000;
  }

  #tick(now: number): void {
    const step = Math.min(longestStepMs, now - this.#lastTick);
    this.#lastTick = now;
    if (!this.isPlaying$.value) return;
    this.#position += step * this.speedUp;
    while (this.#dueAt(this.#next) <= this.#position) this.#tell(this.#next++);
  }

  #tell(seq: number): void {
    const arrival = this.#arrival(seq);
    if (seq % count === 0 || arrival.magnitude > (this.#strongest?.magnitude ?? -Infinity)) this.#strongest = arrival;
    this.#arrivals.next(arrival);
  }

  #latest(backlog: number): Arrival[] {
    const length = Math.min(backlog, this.#next);
    return Array.from({ length }, (_, index) => this.#arrival(this.#next - length + index));
  }

  #dueAt(seq: number): number {
    return Math.floor(seq / count) * passMs + (quakeAt(seq).time - recordFacts.from);
  }

  #arrival(seq: number): Arrival {
    return { seq, pass: Math.floor(seq / count) + 1, ...quakeAt(seq) };
  }
}

function quakeAt(seq: number): Quake {
  const quake = quakes[seq % count];
  if (!quake) throw new Error('The record is empty: build the shell again');
  return quake;
}
