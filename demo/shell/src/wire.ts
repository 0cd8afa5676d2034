import { type Selection, selectionFilter } from '@quake-desk/contracts/selection';
import type { Desk } from './desk.ts';
import { element } from './element.ts';
import { type Quake, quakes, recordFacts } from './record.ts';
import type { Texts } from './texts.ts';
import type { ChooserName } from './words.ts';

const strongestMs = 250;

/** The line between the head and the widgets: what is filtered by whom, and the strongest event so far. */
export class Wire {
  readonly root: HTMLElement;
  readonly #desk: Desk;
  readonly #locate: (id: string) => void;
  readonly #ui = build();
  #texts: Texts;
  #strongest: Quake | null = null;

  constructor(desk: Desk, texts: Texts, locate: (id: string) => void) {
    this.#desk = desk;
    this.#texts = texts;
    this.#locate = locate;
    this.root = this.#ui.root;
    this.#ui.clearAll.addEventListener('click', () => desk.clear());
    this.#ui.show.addEventListener('click', () => {
      if (this.#strongest) this.#locate(this.#strongest.id);
    });
    desk.selection$.subscribe((selection) => this.#writeFilters(selection));
    setInterval(() => this.#writeStrongest(), strongestMs);
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
    const { words } = texts;
    const { root, clearAll, strongestLabel, show } = this.#ui;
    root.setAttribute('aria-label', words.filters);
    clearAll.textContent = words.clearAll;
    strongestLabel.textContent = words.strongest;
    show.textContent = words.show;
    this.#writeFilters(this.#desk.selection$.value);
    this.#strongest = null;
    this.#writeStrongest();
  }

  #writeFilters(selection: Selection): void {
    const { words, whole } = this.#texts;
    const { count, chips, hint, clearAll } = this.#ui;
    const filter = selectionFilter(selection);
    const passing = filter ? quakes.filter(filter).length : recordFacts.count;
    count.textContent = words.passing(whole(passing), whole(recordFacts.count));
    hint.textContent = words.noFilter;
    hint.hidden = filter !== null;
    clearAll.hidden = filter === null;
    const { box, range, picks } = selection;
    this.#writeChip(chips.map, 'map', box && this.#texts.box(box));
    this.#writeChip(chips.chart, 'chart', range && this.#texts.range(range));
    this.#writeChip(
      chips.table,
      'table',
      picks.length > 0 ? words.picks(whole(picks.length), picks.length === 1) : null,
    );
  }

  #writeChip(chip: Chip, name: ChooserName, text: string | null): void {
    const { words } = this.#texts;
    chip.root.hidden = text === null;
    chip.name.textContent = words.widgets[name];
    chip.text.textContent = text;
    chip.clear.setAttribute('aria-label', words.clearOne(words.widgets[name]));
    chip.clear.onclick = () => this.#clear(name);
  }

  #clear(name: ChooserName): void {
    switch (name) {
      case 'map':
        return this.#desk.selectBox(null);
      case 'chart':
        return this.#desk.selectRange(null);
      case 'table':
        return this.#desk.selectPicks([]);
      default: // the others select nothing
    }
  }

  #writeStrongest(): void {
    const { strongest } = this.#desk.replay;
    if (strongest?.id === this.#strongest?.id) return;
    this.#strongest = strongest;
    const { magnitude, place, show } = this.#ui;
    magnitude.textContent = strongest ? this.#texts.magnitude(strongest.magnitude) : '';
    place.textContent = strongest?.place ?? '';
    show.disabled = strongest === null;
  }
}

interface Chip {
  readonly root: HTMLElement;
  readonly name: HTMLElement;
  readonly text: HTMLElement;
  readonly clear: HTMLButtonElement;
}

function makeChip(testId: string): Chip {
  const name = element('span', { class: 'chip-name' });
  const text = element('span', {});
  const clear = element('button', { type: 'button' }, '×');
  const root = element('li', { class: 'chip', hidden: '', 'data-testid': testId }, name, text, clear);
  return { root, name, text, clear };
}

function build() {
  const count = element('p', { class: 'count', role: 'status', 'data-testid': 'passing' });
  const hint = element('p', { class: 'hint' });
  const chips = { map: makeChip('chip-map'), chart: makeChip('chip-chart'), table: makeChip('chip-table') };
  const clearAll = element('button', { type: 'button', class: 'clear-all', hidden: '', 'data-testid': 'clear-all' });
  const filters = element('ul', { class: 'chips' }, chips.map.root, chips.chart.root, chips.table.root);
  const strongestLabel = element('span', { class: 'strongest-label' });
  const magnitude = element('strong', { 'data-testid': 'strongest' });
  const place = element('span', { class: 'strongest-place', lang: 'en' });
  const show = element('button', { type: 'button', disabled: '', 'data-testid': 'show-strongest' });
  const strongest = element('p', { class: 'strongest' }, strongestLabel, magnitude, place, show);
  const rail = element('div', { class: 'rail' }, hint, filters, clearAll);
  const root = element('section', { class: 'wire' }, count, rail, strongest);
  return { root, count, hint, chips, clearAll, strongestLabel, magnitude, place, show };
}
