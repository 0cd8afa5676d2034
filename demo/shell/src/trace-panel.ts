import type { Extensible } from '@muntin/core';
import { trace } from '@muntin/core/trace';
import { Frames } from '@quake-desk/contracts/frames';
import { element } from './element.ts';
import type { Texts } from './texts.ts';

/** Lines that are kept: enough to read back, few enough to lay out. */
const kept = 200;
/** And at most, while somebody who has scrolled up reads. */
const mostKept = 10 * kept;

/** Every message between the desk and the widgets that are traced, a line each, as it comes. */
export class TracePanel {
  readonly root: HTMLElement;
  readonly #stops = new Map<string, () => void>();
  readonly #ui = build();
  #pending: string[] = [];
  readonly #frames = new Frames(() => this.#write());

  /** `onClose` is called when the reader has closed the panel. */
  constructor(onClose: () => void) {
    this.root = this.#ui.root;
    this.#ui.clear.addEventListener('click', () => this.#ui.lines.replaceChildren());
    this.#ui.close.addEventListener('click', onClose);
  }

  setTexts({ words }: Texts): void {
    const { title, clear, close } = this.#ui;
    title.textContent = words.traceTitle;
    clear.textContent = words.clear;
    close.textContent = words.close;
  }

  /** Reads along from now on. */
  start(label: string, widget: Extensible): void {
    this.stop(label);
    this.#stops.set(label, trace(widget, { label, values: true, log: (line) => this.#add(line) }));
    this.root.hidden = false;
  }

  stop(label: string): void {
    this.#stops.get(label)?.();
    this.#stops.delete(label);
    this.root.hidden = this.#stops.size === 0;
  }

  /** Many lines come in a frame; they are laid out once. */
  #add(line: string): void {
    this.#pending.push(line);
    // No frame comes while the page is hidden.
    if (this.#pending.length > mostKept) this.#pending = this.#pending.slice(-kept);
    this.#frames.schedule();
  }

  #write(): void {
    const { lines } = this.#ui;
    // Whoever has scrolled up is reading, and is not carried along.
    const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    lines.append(...this.#pending.slice(-kept).map((line) => element('li', {}, line)));
    this.#pending = [];
    while (lines.childElementCount > (isAtEnd ? kept : mostKept)) lines.firstElementChild?.remove();
    if (isAtEnd) lines.scrollTop = lines.scrollHeight;
  }
}

function build() {
  const title = element('h2', { id: 'trace-title' });
  const clear = element('button', { type: 'button' });
  const close = element('button', { type: 'button', 'data-testid': 'trace-close' });
  const lines = element('ol', {
    class: 'trace-lines',
    tabindex: '0',
    'aria-labelledby': 'trace-title',
    lang: 'en',
    'data-testid': 'trace-lines',
  });
  const root = element(
    'section',
    { class: 'trace', hidden: '', 'aria-labelledby': 'trace-title', 'data-testid': 'trace' },
    element('header', {}, title, element('div', { class: 'actions' }, clear, close)),
    lines,
  );
  return { root, title, clear, close, lines };
}
