import { mountWorker, open, type Popup } from '@muntin/host';
import { auditor } from '@quake-desk/contracts/auditor';
import { wall } from '@quake-desk/contracts/wall';
import { exhaustMap, timer } from 'rxjs';
import type { Arena } from './arena/arena.ts';
import type { Desk } from './desk.ts';
import { element } from './element.ts';
import type { Panel } from './panel.ts';
import type { Texts } from './texts.ts';
import { urlOf } from './url-of.ts';
import { handshakeTimeoutMs, type Widget } from './widgets.ts';

const everyMs = 1_000;
const names = ['frames', 'values', 'messages', 'calls', 'audit', 'law', 'wall'] as const;
type Name = (typeof names)[number];

const atOnce = 100;
const measureMs = 1_000;

/** Figures over all widgets, each measured; and what is no frame: a worker that audits the streams, a law that the lab computes, a window of its own. */
export class Live {
  readonly root: HTMLElement;
  readonly #desk: Desk;
  readonly #panels: readonly Panel[];
  readonly #arena: Arena;
  readonly #ui = build();
  #texts: Texts;
  #calls: number | 'measuring' | null = null;
  #audit: { told: number; missing: number } | null = null;
  #wall: Popup<typeof wall> | null = null;

  constructor(desk: Desk, panels: readonly Panel[], arena: Arena, texts: Texts) {
    this.#desk = desk;
    this.#panels = panels;
    this.#arena = arena;
    this.#texts = texts;
    this.root = this.#ui.root;
    this.#ui.measure.addEventListener('click', () => void this.#measure());
    this.#ui.openWall.addEventListener('click', () => this.#openWall());
    desk.context$.subscribe((context) => this.#wall?.setContext(context));
  }

  /** Starts the worker, and begins to count. */
  begin(): void {
    const { replay } = this.#desk;
    const worker = mountWorker(auditor, {
      worker: () => new Worker(new URL('./auditor.worker.ts', import.meta.url), { type: 'module' }),
      handshakeTimeoutMs,
      handlers: { arrivals: ({ backlog }) => replay.arrivals(backlog) },
    });
    worker.guest.audit().subscribe({
      next: (audit) => {
        this.#audit = audit;
      },
      error: () => {
        this.#audit = null; // where there is no worker, nothing is said of it
      },
    });
    setInterval(() => this.#write(), everyMs);
    // A lab that does not answer is not asked again meanwhile.
    timer(everyMs, everyMs)
      .pipe(exhaustMap(() => this.#askLab()))
      .subscribe();
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
    const { words } = texts;
    const { root, labels, measure, openWall } = this.#ui;
    root.setAttribute('aria-label', words.live.title);
    for (const name of names) labels[name].textContent = words.live[name];
    measure.textContent = words.live.measure;
    openWall.textContent = words.live.open;
    this.#write();
  }

  #write(): void {
    const { words, whole } = this.#texts;
    const { values } = this.#ui;
    const ready = this.#panels.filter(({ widget }) => widget?.mount.state.name === 'ready');
    const sum = (read: (panel: Panel) => number | null): string => {
      const known = ready.map(read).filter((value) => value !== null);
      return known.length === 0 ? '–' : words.perSecond(whole(known.reduce((total, value) => total + value, 0)));
    };
    values.frames.textContent = whole(ready.length + this.#arena.alive);
    values.values.textContent = sum(({ figures }) => figures.events);
    values.messages.textContent = sum(({ figures }) => figures.messages);
    values.calls.textContent =
      this.#calls === null
        ? '–'
        : this.#calls === 'measuring'
          ? words.live.measuring
          : words.perSecond(whole(this.#calls));
    this.#writeWall();
    values.audit.textContent =
      this.#audit === null ? '–' : words.live.audited(whole(this.#audit.told), whole(this.#audit.missing));
  }

  /** Calls to the chart and its answers, a hundred at a time, for a second; what comes before that is not counted: nothing is warm yet. */
  async #measure(): Promise<void> {
    const widget = this.#panels.find(({ id }) => id === 'chart')?.widget;
    if (!widget || this.#calls === 'measuring') return;
    this.#calls = 'measuring';
    this.#write();
    try {
      await callFor(widget, measureMs / 2);
      const { count, ms } = await callFor(widget, measureMs);
      this.#calls = (count / ms) * 1_000;
    } catch {
      this.#calls = null; // the chart has gone meanwhile, and its panel says why
    }
    this.#write();
  }

  /** Has the law computed by the worker behind the lab, over the lane that the lab serves. */
  async #askLab(): Promise<void> {
    const lab = this.#panels.find(({ id }) => id === 'lab')?.widget?.lab;
    const { law } = this.#ui.values;
    if (lab === undefined) {
      law.textContent = '–';
      return;
    }
    const told = this.#desk.replay.magnitudes();
    const found = await lab.fit(told).catch(() => null); // the lab is away, and its panel says so
    const { words, hundredths, whole } = this.#texts;
    law.textContent =
      found === null
        ? '–'
        : words.live.found(`${hundredths(found.b)} ± ${hundredths(found.error)}`, whole(found.count));
  }

  #openWall(): void {
    void this.#wall?.unmount();
    const { replay, context$ } = this.#desk;
    this.#wall = open(wall, {
      url: urlOf('wall'),
      features: 'popup,width=640,height=420',
      context: context$.value,
      handshakeTimeoutMs,
      handlers: { arrivals: ({ backlog }) => replay.arrivals(backlog) },
    });
    this.#wall.state$.subscribe(() => this.#writeWall());
  }

  /** Of the window that was opened last. */
  #writeWall(): void {
    const { wall: cell } = this.#ui.values;
    const state = this.#wall?.state.name;
    cell.textContent = state === undefined ? '–' : this.#texts.words.states[state];
    if (state !== undefined) cell.dataset['state'] = state;
  }
}

async function callFor({ mount }: Widget, leastMs: number): Promise<{ count: number; ms: number }> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < leastMs) {
    await Promise.all(Array.from({ length: atOnce }, () => mount.ping()));
    count += atOnce;
  }
  return { count, ms: performance.now() - start };
}

function build() {
  const labels = Object.fromEntries(names.map((name) => [name, element('dt', {})])) as Record<Name, HTMLElement>;
  const values = Object.fromEntries(
    names.map((name) => [name, element('dd', { 'data-testid': `live-${name}` }, '–')]),
  ) as Record<Name, HTMLElement>;
  const measure = element('button', { type: 'button', 'data-testid': 'measure' });
  const openWall = element('button', { type: 'button', 'data-testid': 'open-wall' });
  const buttons: Partial<Record<Name, HTMLElement>> = { calls: measure, wall: openWall };
  const pairs = names.map((name) => {
    const button = buttons[name];
    return element(
      'div',
      { class: `live-${name}` },
      labels[name],
      values[name],
      ...(button ? [element('dd', { class: 'actions' }, button)] : []),
    );
  });
  const root = element('section', { class: 'live', 'data-testid': 'live' }, element('dl', {}, ...pairs));
  return { root, labels, values, measure, openWall };
}
