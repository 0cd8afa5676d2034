import type { MountState } from '@muntin/host';
import type { Unsubscribable } from 'rxjs';
import type { Desk } from './desk.ts';
import { element } from './element.ts';
import { type Figures, measure, noFigures } from './meter.ts';
import type { Texts } from './texts.ts';
import type { Widget, WidgetSpec } from './widgets.ts';
import type { WidgetName } from './words.ts';

type FigureName = 'roundTrip' | 'messages' | 'events' | 'shown';
const figureNames: readonly FigureName[] = ['roundTrip', 'messages', 'events', 'shown'];

/** One widget's place on the desk: its frame, and in words and figures how the connection is. */
export class Panel {
  readonly root: HTMLElement;
  readonly #spec: WidgetSpec;
  readonly #desk: Desk;
  readonly #ui: ReturnType<typeof build>;
  #texts: Texts;
  #widget: Widget | null = null;
  #subscriptions: Unsubscribable[] = [];
  #state: MountState = { name: 'unmounted' };
  #figures: Figures = noFigures;

  constructor(spec: WidgetSpec, desk: Desk, texts: Texts) {
    this.#spec = spec;
    this.#desk = desk;
    this.#texts = texts;
    this.#ui = build(spec.name);
    this.root = this.#ui.root;
    this.#ui.reload.addEventListener('click', () => this.#widget?.mount.reload());
    this.#ui.toggle.addEventListener('click', () => {
      if (this.#widget) this.remove();
      else this.mount();
    });
    desk.context$.subscribe((context) => this.#widget?.mount.setContext(context));
  }

  mount(): void {
    const widget = this.#spec.open(this.#ui.slot, this.#name(), this.#desk.context$.value);
    this.#widget = widget;
    this.#ui.origin.textContent = widget.mount.origin;
    this.#subscriptions = [
      widget.mount.state$.subscribe((state) => this.#show(state)),
      measure(widget).subscribe((figures) => this.#showFigures(figures)),
    ];
  }

  remove(): void {
    const { mount } = this.#widget ?? {};
    this.#widget = null;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    void mount?.unmount();
    this.#spec.forget();
    this.#show({ name: 'unmounted' });
  }

  /** Asks the widget to show one earthquake; one that is not connected is not asked. */
  locate(id: string): void {
    if (this.#state.name === 'ready') this.#widget?.locate(id).catch(() => undefined); // a courtesy: its failure is no news
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
    const { words } = texts;
    const { title, labels, reload } = this.#ui;
    title.textContent = this.#name();
    labels.origin.textContent = words.origin;
    for (const name of figureNames) labels[name].textContent = words[name];
    reload.textContent = words.reload;
    reload.setAttribute('aria-label', words.reloadWidget(this.#name()));
    if (this.#widget) this.#widget.mount.frame.title = this.#name();
    this.#show(this.#state);
    this.#showFigures({});
  }

  #show(state: MountState): void {
    this.#state = state;
    const { words } = this.#texts;
    const { root, state: cell, stateText, reload, toggle, message } = this.#ui;
    const isGone = state.name === 'unmounted';
    root.dataset['state'] = state.name;
    cell.dataset['state'] = state.name;
    stateText.textContent = words.states[state.name];
    reload.disabled = isGone;
    toggle.textContent = isGone ? words.mount : words.remove;
    toggle.setAttribute('aria-label', isGone ? words.mountWidget(this.#name()) : words.removeWidget(this.#name()));
    message.replaceChildren(...this.#explain(state));
    if (state.name !== 'ready') this.#showFigures(noFigures);
  }

  /** What stands where the widget would be. */
  #explain({ name, cause }: MountState): (Node | string)[] {
    const { words } = this.#texts;
    const why = element('span', { lang: 'en' }, cause ? `${cause.message} (${cause.code})` : '');
    switch (name) {
      case 'ready':
        return [];
      case 'unmounted':
        return [words.removed(this.#name())];
      case 'failed':
        return [element('strong', {}, words.failed(this.#name())), why];
      case 'unresponsive':
        return [words.silent(this.#name())];
      case 'reconnecting':
        return [element('strong', {}, words.states[name]), why];
      case 'idle':
      case 'loading':
      case 'handshaking':
        return [words.loading(this.#name())];
    }
  }

  #showFigures(change: Partial<Figures>): void {
    this.#figures = { ...this.#figures, ...change };
    const { roundTripMs, messages, events, shown, held } = this.#figures;
    const { words } = this.#texts;
    const { whole, milliseconds } = this.#texts;
    const rate = (value: number | null): string => (value === null ? '–' : words.perSecond(whole(value)));
    const { figures } = this.#ui;
    figures.roundTrip.textContent = roundTripMs === null ? '–' : milliseconds(roundTripMs);
    figures.messages.textContent = rate(messages);
    figures.events.textContent = rate(events);
    figures.shown.textContent = shown === null || held === null ? '–' : words.ofAll(whole(shown), whole(held));
  }

  #name(): string {
    return this.#texts.words.widgets[this.#spec.name];
  }
}

function build(name: WidgetName) {
  const title = element('h2', { id: `${name}-title` });
  const stateText = element('span', {});
  const state = element(
    'p',
    { class: 'state', role: 'status', 'data-testid': `${name}-state` },
    element('span', { class: 'lamp', 'aria-hidden': 'true' }),
    stateText,
  );
  const reload = element('button', { type: 'button', 'data-testid': `${name}-reload` });
  const toggle = element('button', { type: 'button', 'data-testid': `${name}-toggle` });
  const origin = element('dd', { class: 'origin', 'data-testid': `${name}-origin` });
  const figure = (): HTMLElement => element('dd', {});
  const figures: Record<FigureName, HTMLElement> = {
    roundTrip: figure(),
    messages: figure(),
    events: figure(),
    shown: figure(),
  };
  const label = (): HTMLElement => element('dt', {});
  const labels = { origin: label(), roundTrip: label(), messages: label(), events: label(), shown: label() };
  const pairs = figureNames.map((key) => {
    figures[key].dataset['testid'] = `${name}-${key}`;
    return element('div', { class: key }, labels[key], figures[key]);
  });
  const list = element('dl', { class: 'figures' }, element('div', {}, labels.origin, origin), ...pairs);
  const message = element('p', { class: 'message', 'aria-live': 'polite', 'data-testid': `${name}-message` });
  const slot = element('div', { class: 'slot', 'data-testid': `${name}-slot` });
  const root = element(
    'section',
    { class: `panel panel-${name}`, 'aria-labelledby': `${name}-title`, 'data-testid': `${name}-panel` },
    element('header', { class: 'strip' }, title, state, element('div', { class: 'actions' }, reload, toggle), list),
    element('div', { class: 'place' }, message, slot),
  );
  return { root, title, state, stateText, reload, toggle, origin, figures, labels, message, slot };
}
