import type { DeskContext, Locale, Theme } from '@quake-desk/contracts/context';
import { type Box, nothingSelected, type Picks, type Range, type Selection } from '@quake-desk/contracts/selection';
import { BehaviorSubject } from 'rxjs';
import { Replay } from './replay.ts';

/** What the desk has and its widgets share: the replay, the selection, theme and language. */
export class Desk {
  readonly replay = new Replay();
  readonly selection$ = new BehaviorSubject<Selection>(nothingSelected);
  readonly context$: BehaviorSubject<DeskContext>;

  constructor(context: DeskContext) {
    this.context$ = new BehaviorSubject(context);
  }

  selectBox(box: Box | null): void {
    this.#select({ box });
  }

  selectRange(range: Range | null): void {
    this.#select({ range });
  }

  selectPicks(picks: Picks): void {
    this.#select({ picks });
  }

  clear(): void {
    this.#select(nothingSelected);
  }

  setTheme(theme: Theme): void {
    this.context$.next({ ...this.context$.value, theme });
  }

  setLocale(locale: Locale): void {
    this.context$.next({ ...this.context$.value, locale });
  }

  #select(part: Partial<Selection>): void {
    this.selection$.next({ ...this.selection$.value, ...part });
  }
}
