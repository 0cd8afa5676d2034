import type { Arrival } from '@quake-desk/contracts/arrival';
import { element } from './element.ts';

/** How a row is written in the reader's locale. */
export interface RowFormat {
  readonly count: Intl.NumberFormat;
  readonly time: Intl.DateTimeFormat;
  readonly magnitude: Intl.NumberFormat;
  readonly depth: Intl.NumberFormat;
}

export interface RowState {
  readonly index: number;
  readonly top: number;
  readonly isPicked: boolean;
  readonly isActive: boolean;
  readonly isLocated: boolean;
}

interface Row {
  readonly root: HTMLElement;
  readonly cells: readonly HTMLElement[];
  arrival: Arrival | null;
  format: RowFormat | null;
}

/** The few rows that are in view. They are made once and written again as the table scrolls and grows. */
export class RowPool {
  readonly #body: HTMLElement;
  readonly #rows: Row[] = [];

  constructor(body: HTMLElement) {
    this.#body = body;
  }

  /** Makes exactly `count` rows visible; the caller then writes each. */
  resize(count: number): void {
    while (this.#rows.length < count) this.#rows.push(this.#make());
    for (const [index, row] of this.#rows.entries()) row.root.hidden = index >= count;
  }

  write(slot: number, arrival: Arrival, state: RowState, format: RowFormat): void {
    const row = this.#rows[slot];
    if (!row) return;
    const { root } = row;
    if (row.arrival !== arrival || row.format !== format) writeCells(row, arrival, format);
    root.style.transform = `translateY(${state.top}px)`;
    root.setAttribute('aria-rowindex', String(state.index + 2));
    root.setAttribute('aria-selected', String(state.isPicked));
    root.classList.toggle('is-active', state.isActive);
    root.classList.toggle('is-located', state.isLocated);
    root.classList.toggle('is-odd', state.index % 2 === 1);
  }

  #make(): Row {
    const cells = ['pick', 'arrival', 'time', 'magnitude', 'depth', 'place'].map((name) =>
      element('span', { role: 'gridcell', class: `cell ${name}` }),
    );
    cells[5]?.setAttribute('lang', 'en');
    const root = element('div', { role: 'row', class: 'row' }, ...cells);
    this.#body.append(root);
    return { root, cells, arrival: null, format: null };
  }
}

export function rowId(arrival: Arrival): string {
  return `arrival-${arrival.seq}`;
}

function writeCells(row: Row, arrival: Arrival, format: RowFormat): void {
  const [, seq, time, magnitude, depth, place] = row.cells;
  if (!seq || !time || !magnitude || !depth || !place) return;
  row.arrival = arrival;
  row.format = format;
  row.root.id = rowId(arrival);
  row.root.dataset['quake'] = arrival.id;
  seq.textContent = format.count.format(arrival.seq + 1);
  time.textContent = format.time.format(arrival.time);
  magnitude.textContent = format.magnitude.format(arrival.magnitude);
  magnitude.style.setProperty('--share', `${Math.max(0, Math.min(100, (arrival.magnitude / 7) * 100)).toFixed(0)}%`);
  magnitude.classList.toggle('is-strong', arrival.magnitude >= 4.5);
  depth.textContent = format.depth.format(arrival.depth);
  place.textContent = arrival.place;
}
