import { auditTime, map, type Observable, Subject, startWith, timer } from 'rxjs';
import { type Arrival, maxBacklog } from './arrival.ts';
import { nothingSelected, type Selection, selectionFilter } from './selection.ts';
import type { WidgetStatus } from './widget-status.ts';

/** What a widget asks of the desk to read along. */
interface Source {
  arrivals(request: { backlog: number }): Observable<Arrival>;
  selection(): Observable<Selection>;
}

/** The record as a widget has read it: every earthquake once, filtered by what is chosen on the desk. */
export class Reading {
  /** The earthquakes that pass the filters, some times a second. */
  readonly shown$: Observable<readonly Arrival[]>;
  readonly status$: Observable<WidgetStatus>;
  readonly #quakes = new Map<string, Arrival>();
  readonly #changes = new Subject<void>();
  #selection = nothingSelected;
  #arrived = 0;

  constructor() {
    this.shown$ = this.#changes.pipe(
      auditTime(250),
      startWith(undefined),
      map(() => this.#shown()),
    );
    this.status$ = timer(0, 500).pipe(
      map(() => ({ arrived: this.#arrived, held: this.#quakes.size, shown: this.#shown().length })),
    );
  }

  /** Reads from now on. Answers what stops it. */
  follow(source: Source, say: (error: unknown) => void): () => void {
    const reading = source.arrivals({ backlog: maxBacklog }).subscribe({
      next: (quake) => {
        this.#arrived++;
        this.#quakes.set(quake.id, quake);
        this.#changes.next();
      },
      error: say,
    });
    reading.add(
      source.selection().subscribe({
        next: (selection) => {
          this.#selection = selection;
          this.#changes.next();
        },
        error: say,
      }),
    );
    return () => reading.unsubscribe();
  }

  has(id: string): boolean {
    return this.#quakes.has(id);
  }

  #shown(): readonly Arrival[] {
    const passes = selectionFilter(this.#selection);
    const all = [...this.#quakes.values()];
    return passes ? all.filter(passes) : all;
  }
}
