import { type Observable, ReplaySubject, switchMap } from 'rxjs';
import type { WidgetStatus } from './widget-status.ts';

const given$ = new ReplaySubject<Observable<WidgetStatus>>(1);

/** The status of whichever version of a widget is there: what the desk has subscribed to runs on when a module of the widget is edited. */
export function newest(status$: Observable<WidgetStatus>): Observable<WidgetStatus> {
  given$.next(status$);
  return given$.pipe(switchMap((status) => status));
}
