import type { Arrival } from '@quake-desk/contracts/arrival';
import type { DeskContext, Locale } from '@quake-desk/contracts/context';
import { Frames } from '@quake-desk/contracts/frames';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import { nothingSelected, type Picks, type Selection, selectionFilter } from '@quake-desk/contracts/selection';
import type { WidgetStatus } from '@quake-desk/contracts/widget-status';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { map, type Observable, Subject, timer } from 'rxjs';
import { ArrivalLog } from './arrival-log.ts';
import { element } from './element.ts';
import { type RowFormat, RowPool, rowId } from './row-pool.ts';
import { type Column, columns, newestFirst, nextSorting, type Sorting, sortArrivals } from './sorting.ts';
import type { TableState } from './table-state.ts';
import { type Words, words } from './words.ts';

const rowHeight = 32;
const headHeight = 34;
const refreshMs = 250;
const ownPicksMs = 250;
const locatedMs = 6_000;
const pointedMs = 4_000;
const maxPicks = 5_000;

/** The table: it lists what it was given and says which rows its reader picked. Knows nothing of frames. */
export class TableView {
  readonly picks$: Observable<Picks>;
  readonly status$: Observable<WidgetStatus>;

  readonly #changes = new Subject<Picks>();
  readonly #log: ArrivalLog;
  readonly #ui = build();
  readonly #pool = new RowPool(this.#ui.body);
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #rows: Arrival[] = [];
  #sorting = newestFirst;
  #isOnce = false;
  #words: Words = words.en;
  #format: RowFormat = rowFormat('en');
  #selection: Selection = nothingSelected;
  #passes: ((arrival: Arrival) => boolean) | null = null;
  #picks = new Set<string>();
  #picksChangedAt = -Infinity;
  #active: Arrival | null = null;
  #anchor: Arrival | null = null;
  #located: { id: string; until: number } | null = null;
  #pointedUntil = -Infinity;
  #arrived = 0;
  #arrivedAtRefresh = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #frames = new Frames((now) => this.#draw(now));

  constructor(into: HTMLElement, capacity: number) {
    this.#log = new ArrivalLog(capacity);
    this.picks$ = this.#changes.asObservable();
    this.status$ = timer(0, 500).pipe(map(() => this.#status()));
    into.append(this.#ui.root);
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>({
      count: 0,
      getScrollElement: () => this.#ui.grid,
      estimateSize: () => rowHeight,
      scrollMargin: headHeight,
      scrollPaddingStart: headHeight,
      overscan: 8,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#frames.schedule(),
    });
    this.#virtualizer._didMount();
    this.#virtualizer._willUpdate();
    this.#listen();
    this.#write();
  }

  add(arrival: Arrival): void {
    this.#log.add(arrival);
    this.#arrived++;
    this.#timer ??= setTimeout(() => this.#tick(), refreshMs);
  }

  setSelection(selection: Selection): void {
    const { box, range } = this.#selection;
    const isSameFilter = JSON.stringify([box, range]) === JSON.stringify([selection.box, selection.range]);
    this.#selection = selection;
    this.#passes = selectionFilter(selection, 'picks');
    this.#adoptPicks();
    // The reader's own picks filter nothing here: the rows stay where they are.
    if (!isSameFilter) this.#refresh();
  }

  setContext({ theme, locale }: DeskContext): void {
    document.documentElement.dataset['theme'] = theme;
    setLanguage(locale);
    this.#words = words[locale];
    this.#format = rowFormat(locale);
    this.#write();
    this.#frames.schedule();
  }

  /** Scrolls to one earthquake and marks it for a while; `false` when it is not in the table. */
  locate(id: string): boolean {
    this.#refresh();
    const index = this.#rows.findIndex((arrival) => arrival.id === id);
    if (index < 0) return false;
    this.#located = { id, until: performance.now() + locatedMs };
    setTimeout(() => this.#frames.schedule(), locatedMs + 50);
    this.#virtualizer.scrollToIndex(index, { align: 'center' });
    this.#frames.schedule();
    return true;
  }

  say(thrown: unknown): void {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    this.#ui.notice.textContent = `${this.#words.lost} ${text}`;
    this.#ui.notice.hidden = false;
  }

  #status(): WidgetStatus {
    return { arrived: this.#arrived, held: this.#log.size, shown: this.#rows.length };
  }

  #listen(): void {
    const { grid, body, heads, once, clear, held } = this.#ui;
    for (const [index, head] of heads.entries())
      head.button.addEventListener('click', () => this.#sort(nextSorting(this.#sorting, columns[index] ?? 'arrival')));
    once.addEventListener('change', () => {
      this.#isOnce = once.checked;
      this.#refresh();
    });
    clear.addEventListener('click', () => this.#choose(new Set()));
    held.addEventListener('click', () => {
      grid.scrollTop = 0;
      this.#refresh();
    });
    body.addEventListener('click', (event) => this.#click(event));
    body.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'mouse') this.#pointedUntil = performance.now() + pointedMs;
    });
    body.addEventListener('pointerleave', () => {
      this.#pointedUntil = -Infinity;
      this.#tick();
    });
    grid.addEventListener('keydown', (event) => {
      if (event.target === grid && this.#key(event)) event.preventDefault();
    });
    grid.addEventListener('focus', () => this.#frames.schedule());
    grid.addEventListener('blur', () => this.#frames.schedule());
    grid.addEventListener('scroll', () => this.#writeCounts(), { passive: true });
  }

  /** Rows do not move under the hand of a reader who has scrolled, points at them or walks through them by keyboard. */
  #isHeld(): boolean {
    const { grid } = this.#ui;
    // A frame is not always told that the pointer has left it, so a pointer that rests counts for some seconds only.
    const isPointedAt = performance.now() < this.#pointedUntil;
    return isPointedAt || grid.scrollTop > 4 || grid.matches(':focus-visible');
  }

  #tick(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld()) this.#writeCounts();
    else this.#refresh();
  }

  #refresh(): void {
    this.#rows = sortArrivals(this.#log.newestFirst(this.#passes, this.#isOnce), this.#sorting);
    this.#arrivedAtRefresh = this.#arrived;
    this.#virtualizer.setOptions({ ...this.#virtualizer.options, count: this.#rows.length });
    this.#virtualizer._willUpdate();
    this.#writeCounts();
    this.#frames.schedule();
  }

  get state(): TableState {
    return { ...this.#sorting, isOnce: this.#isOnce };
  }

  restore({ column, isDescending, isOnce }: TableState): void {
    this.#isOnce = isOnce;
    this.#ui.once.checked = isOnce;
    this.#sort({ column, isDescending });
  }

  #sort(sorting: Sorting): void {
    this.#sorting = sorting;
    this.#ui.grid.scrollTop = 0;
    this.#writeHeads();
    this.#refresh();
  }

  /** Takes over the desk's picks; not while the reader's own hand is ahead of what the desk has heard. */
  #adoptPicks(): void {
    const quietFor = performance.now() - this.#picksChangedAt;
    if (quietFor < ownPicksMs) {
      setTimeout(() => this.#adoptPicks(), ownPicksMs);
      return;
    }
    this.#picks = new Set(this.#selection.picks);
    this.#writeCounts();
    this.#frames.schedule();
  }

  #choose(picks: Set<string>): void {
    this.#picks = new Set([...picks].slice(0, maxPicks));
    this.#picksChangedAt = performance.now();
    this.#changes.next([...this.#picks]);
    this.#writeCounts();
    this.#frames.schedule();
  }

  #click(event: MouseEvent): void {
    const { target } = event;
    if (!(target instanceof Element)) return;
    const id = target.closest('.row')?.id;
    const arrival = this.#rows.find((row) => rowId(row) === id);
    if (!arrival) return;
    const isToggle = event.ctrlKey || event.metaKey || target.closest('.pick') !== null || isTouch(event);
    this.#active = arrival;
    if (event.shiftKey)
      return this.#choose(new Set([...this.#picks, ...this.#between(this.#anchor ?? arrival, arrival)]));
    this.#anchor = arrival;
    if (isToggle) return this.#toggle(arrival);
    const isOnlyPick = this.#picks.size === 1 && this.#picks.has(arrival.id);
    this.#choose(new Set(isOnlyPick ? [] : [arrival.id]));
  }

  #toggle({ id }: Arrival): void {
    const picks = new Set(this.#picks);
    if (!picks.delete(id)) picks.add(id);
    this.#choose(picks);
  }

  #between(start: Arrival, end: Arrival): string[] {
    const [a, b] = [this.#rows.indexOf(start), this.#rows.indexOf(end)];
    if (a < 0 || b < 0) return [end.id];
    return this.#rows.slice(Math.min(a, b), Math.max(a, b) + 1).map(({ id }) => id);
  }

  #key(event: KeyboardEvent): boolean {
    const page = Math.max(1, Math.floor((this.#ui.grid.clientHeight - headHeight) / rowHeight) - 1);
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      this.#choose(new Set(this.#rows.map(({ id }) => id)));
      return true;
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    switch (event.key) {
      case 'ArrowDown':
        return this.#walk(1, event.shiftKey);
      case 'ArrowUp':
        return this.#walk(-1, event.shiftKey);
      case 'PageDown':
        return this.#walk(page, event.shiftKey);
      case 'PageUp':
        return this.#walk(-page, event.shiftKey);
      case 'Home':
        return this.#walk(-Infinity, event.shiftKey);
      case 'End':
        return this.#walk(Infinity, event.shiftKey);
      case ' ':
      case 'Enter':
        if (this.#active) this.#toggle(this.#active);
        this.#anchor = this.#active;
        return this.#active !== null;
      case 'Escape':
        if (this.#picks.size > 0) this.#choose(new Set());
        return true;
      default:
        return false;
    }
  }

  #walk(by: number, isExtending: boolean): boolean {
    const now = this.#active ? this.#rows.indexOf(this.#active) : -1;
    const from = now < 0 ? (by > 0 ? -1 : this.#rows.length) : now;
    const index = Math.min(this.#rows.length - 1, Math.max(0, from + by));
    const arrival = this.#rows[index];
    if (!arrival) return true;
    if (isExtending) {
      this.#anchor ??= this.#active ?? arrival;
      this.#choose(new Set(this.#between(this.#anchor, arrival)));
    } else this.#anchor = null;
    this.#active = arrival;
    this.#virtualizer.scrollToIndex(index, { align: 'auto' });
    this.#frames.schedule();
    return true;
  }

  #draw(now: number): void {
    if (this.#located && this.#located.until <= now) this.#located = null;
    const items = this.#virtualizer.getVirtualItems();
    const { body, grid } = this.#ui;
    body.style.height = `${this.#virtualizer.getTotalSize()}px`;
    this.#pool.resize(items.length);
    for (const [slot, { index, start }] of items.entries()) {
      const arrival = this.#rows[index];
      if (!arrival) continue;
      this.#pool.write(
        slot,
        arrival,
        {
          index,
          top: start - headHeight,
          isPicked: this.#picks.has(arrival.id),
          isActive: arrival === this.#active && grid.matches(':focus-visible'),
          isLocated: arrival.id === this.#located?.id,
        },
        this.#format,
      );
    }
    grid.setAttribute('aria-rowcount', String(this.#rows.length + 1));
    if (this.#active) grid.setAttribute('aria-activedescendant', rowId(this.#active));
    else grid.removeAttribute('aria-activedescendant');
  }

  #write(): void {
    const { grid, keys, corner, heads, onceText, clear, empty } = this.#ui;
    document.title = this.#words.table;
    this.#ui.heading.textContent = this.#words.table;
    grid.setAttribute('aria-label', this.#words.table);
    keys.textContent = this.#words.keys;
    for (const [index, head] of heads.entries()) head.label.textContent = this.#headText(columns[index] ?? 'arrival');
    onceText.textContent = this.#words.once;
    corner.textContent = this.#words.pick;
    clear.textContent = this.#words.clear;
    empty.textContent = this.#words.empty;
    this.#writeHeads();
    this.#writeCounts();
  }

  #headText(column: Column): string {
    return column === 'magnitude' ? this.#words.magnitudeShort : this.#words[column];
  }

  #writeHeads(): void {
    for (const [index, { root }] of this.#ui.heads.entries()) {
      const isSorted = columns[index] === this.#sorting.column;
      root.setAttribute('aria-sort', isSorted ? (this.#sorting.isDescending ? 'descending' : 'ascending') : 'none');
    }
  }

  #writeCounts(): void {
    const { count, held, clear, empty } = this.#ui;
    const { count: format } = this.#format;
    const rows = this.#words.rows(format.format(this.#rows.length), this.#rows.length === 1);
    const picked = this.#picks.size > 0 ? ` · ${this.#words.picked(format.format(this.#picks.size))}` : '';
    count.textContent = rows + picked;
    const newer = this.#arrived - this.#arrivedAtRefresh;
    held.textContent = this.#words.newer(format.format(newer));
    held.classList.toggle('is-off', newer === 0 || !this.#isHeld());
    clear.disabled = this.#picks.size === 0;
    empty.hidden = this.#rows.length > 0 || this.#log.size === 0;
  }
}

function isTouch(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === 'touch';
}

function rowFormat(locale: Locale): RowFormat {
  return {
    count: new Intl.NumberFormat(formatLocale(locale)),
    time: new Intl.DateTimeFormat(formatLocale(locale), {
      month: 'short',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZone: 'UTC',
    }),
    magnitude: new Intl.NumberFormat(formatLocale(locale), { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    depth: new Intl.NumberFormat(formatLocale(locale), { style: 'unit', unit: 'kilometer', maximumFractionDigits: 0 }),
  };
}

function build() {
  const heading = element('h1', { class: 'visually-hidden' });
  const heads = columns.map((column) => {
    const label = element('span', {});
    const button = element(
      'button',
      { type: 'button' },
      label,
      element('span', { class: 'arrow', 'aria-hidden': 'true' }),
    );
    const root = element('span', { role: 'columnheader', class: `cell ${column}`, 'aria-sort': 'none' }, button);
    return { root, button, label };
  });
  const corner = element('span', { class: 'visually-hidden' });
  const pick = element('span', { role: 'columnheader', class: 'cell pick' }, corner);
  const head = element(
    'div',
    { role: 'row', class: 'head', 'aria-rowindex': '1' },
    pick,
    ...heads.map(({ root }) => root),
  );
  const body = element('div', { role: 'rowgroup', class: 'body' });
  const empty = element('p', { class: 'empty', hidden: '' });
  const grid = element(
    'div',
    { role: 'grid', class: 'grid', tabindex: '0', 'aria-multiselectable': 'true', 'aria-describedby': 'keys' },
    element('div', { role: 'rowgroup', class: 'heads' }, head),
    body,
  );
  const keys = element('p', { class: 'keys', id: 'keys' });
  const once = element('input', { type: 'checkbox', id: 'once' });
  const onceText = element('label', { for: 'once' });
  const clear = element('button', { type: 'button' });
  const held = element('button', { type: 'button', class: 'held is-off', 'data-testid': 'held' });
  const count = element('p', { class: 'readout', 'data-testid': 'count' });
  const bar = element('div', { class: 'bar' }, element('span', { class: 'check' }, once, onceText), clear, count);
  const notice = element('p', { class: 'notice', role: 'alert', hidden: '' });
  const well = element('div', { class: 'well' }, grid, held, empty, keys);
  const root = element('main', { class: 'table' }, heading, bar, well, notice);
  return { root, heading, corner, heads, body, grid, keys, once, onceText, clear, held, count, empty, notice };
}
