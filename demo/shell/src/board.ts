import { isRightToLeft } from '@quake-desk/contracts/language';
import { element } from './element.ts';
import type { Panel } from './panel.ts';
import type { Texts } from './texts.ts';

type Place = { readonly column: HTMLElement; readonly before: HTMLElement | null };

/** As near to an edge of the window a dragged panel scrolls it. */
const edgePx = 60;
const scrollPx = 12;

/** The columns that the panels stand in. A panel goes to another place by being dragged, by the arrow keys, or by a click: to the other column. */
export class Board {
  readonly root: HTMLElement;
  readonly #columns: readonly HTMLElement[];
  readonly #mark = element('div', { class: 'drop-mark' });
  readonly #said = element('p', { class: 'visually-hidden', role: 'status', 'data-testid': 'moved' });
  #texts: Texts;
  /** The browser makes a click of every drag, too. */
  #hasDragged = false;

  /** Each list of panels is a column. */
  constructor(columns: readonly (readonly Panel[])[], texts: Texts) {
    this.#texts = texts;
    this.#columns = columns.map((panels) => element('div', { class: 'column' }, ...panels.map(({ root }) => root)));
    this.root = element('div', { class: 'panels' }, ...this.#columns, this.#said);
    for (const panel of columns.flat()) this.#listen(panel);
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
  }

  #listen(panel: Panel): void {
    const { handle } = panel;
    handle.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') this.#hasDragged = false;
      const place = this.#placeBy(panel, event.key);
      if (place === undefined) return;
      event.preventDefault();
      void this.#put(panel, place);
    });
    handle.addEventListener('click', () => {
      const place = this.#hasDragged ? undefined : this.#otherColumn(panel);
      if (place !== undefined) void this.#put(panel, place);
    });
    handle.addEventListener('pointerdown', (event) => {
      if (event.button === 0) this.#drag(panel, event);
    });
  }

  /** Follows the pointer until it is let go of, or Escape is pressed. Less than a few pixels is a click. */
  #drag(panel: Panel, { pointerId, clientX, clientY }: PointerEvent): void {
    const { handle } = panel;
    const over = new AbortController();
    const { signal } = over;
    let place: Place | undefined;
    const end = (): void => {
      over.abort();
      this.#mark.remove();
      document.documentElement.classList.remove('is-dragging');
      panel.root.classList.remove('is-dragged');
    };
    this.#hasDragged = false;
    handle.setPointerCapture(pointerId);
    // Frames would take the pointer for themselves.
    document.documentElement.classList.add('is-dragging');
    const follow = (event: PointerEvent): void => {
      if (place === undefined && Math.hypot(event.clientX - clientX, event.clientY - clientY) < 6) return;
      this.#hasDragged = true;
      panel.root.classList.add('is-dragged');
      place = this.#placeAt(event.clientX, event.clientY);
      place.column.insertBefore(this.#mark, place.before);
      if (event.clientY < edgePx) scrollBy(0, -scrollPx);
      if (event.clientY > innerHeight - edgePx) scrollBy(0, scrollPx);
    };
    const drop = (): void => {
      end();
      if (place === undefined) return;
      void this.#put(panel, place);
    };
    handle.addEventListener('pointermove', follow, { signal });
    handle.addEventListener('pointerup', drop, { signal });
    handle.addEventListener('pointercancel', end, { signal });
    addEventListener('keydown', ({ key }) => key === 'Escape' && end(), { signal });
  }

  #placeAt(x: number, y: number): Place {
    const distance = (column: HTMLElement): number => {
      const { left, right, top, bottom } = column.getBoundingClientRect();
      return Math.max(left - x, x - right, 0) + Math.max(top - y, y - bottom, 0);
    };
    const column = this.#columns.reduce((best, one) => (distance(one) < distance(best) ? one : best));
    const before = panelsOf(column).find((panel) => {
      const { top, height } = panel.getBoundingClientRect();
      return y < top + height / 2;
    });
    return { column, before: before ?? null };
  }

  #placeBy(panel: Panel, key: string): Place | undefined {
    const column = this.#columnOf(panel);
    const panels = panelsOf(column);
    const at = panels.indexOf(panel.root);
    switch (key) {
      case 'ArrowUp':
        return at > 0 ? { column, before: panels[at - 1] ?? null } : undefined;
      case 'ArrowDown':
        return at < panels.length - 1 ? { column, before: panels[at + 2] ?? null } : undefined;
      case 'ArrowLeft':
      case 'ArrowRight': {
        const isForth = (key === 'ArrowRight') !== isRightToLeft(this.#texts.locale);
        const next = this.#columns[this.#columns.indexOf(column) + (isForth ? 1 : -1)];
        return next && { column: next, before: panelsOf(next)[at] ?? null };
      }
      default:
        return undefined;
    }
  }

  #otherColumn(panel: Panel): Place | undefined {
    const column = this.#columns.find((one) => one !== this.#columnOf(panel));
    return column && { column, before: panelsOf(column)[0] ?? null };
  }

  #columnOf(panel: Panel): HTMLElement {
    const column = this.#columns.find((one) => one.contains(panel.root));
    if (column === undefined) throw new Error('a panel stands in a column');
    return column;
  }

  async #put(panel: Panel, { column, before }: Place): Promise<void> {
    if (before === panel.root || (panel.root.parentNode === column && panel.root.nextElementSibling === before)) return;
    const how = await panel.moveTo(column, before).catch(() => undefined);
    if (how === undefined) return; // it was removed meanwhile, and its panel says so
    const place = panelsOf(column).indexOf(panel.root) + 1;
    const { words, whole } = this.#texts;
    this.#said.dataset['how'] = how;
    this.#said.textContent = words.moved(panel.name, whole(this.#columns.indexOf(column) + 1), whole(place));
  }
}

function panelsOf(column: HTMLElement): HTMLElement[] {
  // But for what a panel leaves behind until its frame has come along.
  return [...column.querySelectorAll<HTMLElement>(':scope > .panel:not(.is-left)')];
}
