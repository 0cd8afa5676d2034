import {
  bufferCount,
  catchError,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  from,
  map,
  merge,
  type Observable,
  of,
  pairwise,
  switchMap,
  timer,
} from 'rxjs';
import type { Widget } from './widgets.ts';

/** How the connection to one widget is doing; `null` is "not known". */
export interface Figures {
  readonly roundTripMs: number | null;
  /** Messages there and back, a second. A message may carry many events. */
  readonly messages: number | null;
  /** Events that reached the widget, a second: the widget's own count. */
  readonly events: number | null;
  readonly shown: number | null;
  readonly held: number | null;
}

export const noFigures: Figures = { roundTripMs: null, messages: null, events: null, shown: null, held: null };

const pingEveryMs = 2_000;
const countEveryMs = 1_000;

/** Measures for as long as it is subscribed to; each value has the figures that are new. */
export function measure({ mount, status }: Widget): Observable<Partial<Figures>> {
  const roundTrips = timer(200, pingEveryMs).pipe(
    // One at a time: while a widget does not answer, there is no queue of pings behind its back.
    exhaustMap(() => from(mount.ping({ timeoutMs: pingEveryMs })).pipe(catchError(() => of(null)))),
    map((roundTripMs) => ({ roundTripMs })),
  );
  const messages = timer(0, countEveryMs).pipe(
    map(() => ({ count: mount.stats.sent + mount.stats.received, at: performance.now() })),
    pairwise(),
    map(([before, now]) => ({ messages: perSecond(now.count - before.count, now.at - before.at) })),
  );
  const told = status().pipe(
    map(({ arrived, shown, held }) => ({ arrived, shown, held, at: performance.now() })),
    // The rate over about a second: over half of one it would jump.
    bufferCount(3, 1),
    map((samples) => {
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last) return {};
      const { shown, held } = last;
      return { shown, held, events: perSecond(last.arrived - first.arrived, last.at - first.at) };
    }),
    catchError(() => EMPTY), // why it ended is what the state of the mount says
  );
  // A widget that was reloaded counts anew, and so do we.
  return from(mount.state$).pipe(
    map(({ name }) => name === 'ready' || name === 'unresponsive'),
    distinctUntilChanged(),
    switchMap((isConnected) => (isConnected ? merge(roundTrips, messages, told) : EMPTY)),
  );
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? Math.max(0, (count / ms) * 1_000) : 0;
}
