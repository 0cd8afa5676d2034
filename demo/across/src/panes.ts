import { element } from './element.ts';

/** One of two panes beside each other: how tutorials do it, and how it is done here. */
export class Pane {
  readonly root: HTMLElement;
  readonly #value: HTMLElement;
  readonly #note: HTMLElement;

  constructor(testId: string, kind: 'naive' | 'safe', title: string, code: string, empty: string) {
    this.#value = element('output', { class: 'value', 'data-testid': `${testId}-value` }, empty);
    this.#note = element('p', { class: 'note', 'data-testid': `${testId}-note`, 'aria-live': 'polite' });
    this.root = element(
      'div',
      { class: `pane ${kind}`, 'data-testid': testId },
      element('h3', {}, title),
      element('pre', { tabindex: '0' }, element('code', {}, code)),
      this.#value,
      this.#note,
    );
  }

  show(value: string, note: string, isFooled = false): void {
    this.#value.textContent = value;
    this.#note.textContent = note;
    this.root.classList.toggle('fooled', isFooled);
  }

  note(text: string): void {
    this.#note.textContent = text;
  }
}

/** One system: what it is, in plain words, and its two panes. */
export function system(
  id: string,
  title: string,
  text: string,
  actions: readonly Node[],
  ...panes: readonly Node[]
): HTMLElement {
  return element(
    'section',
    { class: 'system', id, 'aria-labelledby': `${id}-title` },
    element('div', { class: 'intro' }, element('h2', { id: `${id}-title` }, title), element('p', {}, text)),
    element('div', { class: 'actions' }, ...actions),
    element('div', { class: 'pair' }, ...panes),
  );
}
