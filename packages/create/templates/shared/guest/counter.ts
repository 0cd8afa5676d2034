import { BehaviorSubject } from 'rxjs';

/** What the widget does, without anything of a page: tests use it as it is. */
export function makeCounter() {
  const count$ = new BehaviorSubject(0);
  return {
    count$,
    add(by: number): number {
      count$.next(count$.value + by);
      return count$.value;
    },
  };
}

/** The one of this page. */
export const counter = makeCounter();
