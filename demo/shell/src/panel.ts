import type { MountState } from '@muntin/host';
import * as place from '@muntin/host/place';
import { Frames } from '@quake-desk/contracts/frames';
import type { Unsubscribable } from 'rxjs';
import type { Desk } from './desk.ts';
import { element, setText } from './element.ts';
import { type Figures, measure, noFigures } from './meter.ts';
import { pulse } from './pulse.ts';
import type { Texts } from './texts.ts';
import type { TracePanel } from './trace-panel.ts';
import { urlOf } from './url-of.ts';
import type { Widget, WidgetSpec } from './widgets.ts';
import type { WidgetName } from './words.ts';

type FigureName = 'roundTrip' | 'messages' | 'events' | 'shown';
const figureNames: readonly FigureName[] = ['roundTrip', 'messages', 'events', 'shown'];

// The figures of all panels are written together: each layout is one of the whole desk.
const stale = new Set<Panel>();
const frames = new Frames(() => {
  for (const panel of stale) panel.writeFigures();
  stale.clear();
}, 250);

/** One widget's place on the desk: its frame, and in words and figures how the connection is. */
export class Panel {
  /** What it is dragged by. */
  readonly handle: HTMLElement;
  readonly #spec: WidgetSpec;
  readonly #desk: Desk;
  readonly #tracer: TracePanel;
  readonly #ui: ReturnType<typeof build>;
  #texts: Texts;
  #widget: Widget | null = null;
  #subscriptions: Unsubscribable[] = [];
  #state: MountState = { name: 'idle' };
  #figures: Figures = noFigures;
  /** Where it stands, and the place of its frame there: others after each move. */
  #root: HTMLElement;
  #slot: HTMLElement;
  #isTraced = false;
  /** Why it is loaded again: said until it is there. */
  #lost: MountState | null = null;
  #isServed = true;

  constructor(spec: WidgetSpec, desk: Desk, texts: Texts, tracer: TracePanel) {
    this.#spec = spec;
    this.#tracer = tracer;
    this.#desk = desk;
    this.#texts = texts;
    this.#ui = build(spec.name);
    this.#root = this.#ui.root;
    this.#slot = this.#ui.slot;
    this.handle = this.#ui.handle;
    this.#ui.maker.textContent = spec.maker;
    this.#ui.trace.addEventListener('click', () => this.setTraced(!this.#isTraced));
    this.#ui.outage.addEventListener('click', () => void this.#takeServerDown());
    this.#ui.reload.addEventListener('click', () => this.#reload());
    this.#ui.toggle.addEventListener('click', () => {
      if (this.#widget) this.remove();
      else this.mount();
    });
    desk.context$.subscribe((context) => this.#widget?.mount.setContext(context));
  }

  get root(): HTMLElement {
    return this.#root;
  }

  /** The widget, while it is mounted. */
  get widget(): Widget | null {
    return this.#widget;
  }

  get figures(): Figures {
    return this.#figures;
  }

  get id(): WidgetName {
    return this.#spec.name;
  }

  get name(): string {
    return this.#texts.words.widgets[this.#spec.name];
  }

  /** Mounts it: at once, or when its place comes near. */
  begin(): void {
    if (this.#spec.isLate) void place.near(this.#root).then(() => this.#widget ?? this.mount());
    else this.mount();
  }

  mount(): void {
    const widget = this.#spec.open(this.#slot, this.name, this.#desk.context$.value);
    this.#widget = widget;
    this.#ui.origin.textContent = widget.mount.origin;
    this.#subscriptions = [
      widget.mount.state$.subscribe((state) => this.#show(state)),
      measure(widget).subscribe((figures) => this.#showFigures(figures)),
      pulse(urlOf(this.#spec.name)).subscribe((isServed) => {
        const isBack = isServed && !this.#isServed;
        this.#isServed = isServed;
        this.#show(this.#state);
        // What has been loaded from nobody is loaded at once, without waiting for the next attempt.
        if (isBack && !['ready', 'unresponsive'].includes(this.#state.name)) this.#reload();
      }),
    ];
    this.setTraced(this.#isTraced);
  }

  /** Moves it to another place of the page. Its document lives on where the browser can do that, and else is loaded anew, with its state. */
  async moveTo(column: Element, before: Element | null): Promise<place.Moved> {
    const { strip, message, handle } = this.#ui;
    const from = this.#root;
    const isFocused = document.activeElement === handle;
    const slot = element('div', { class: 'slot', 'data-testid': `${this.#spec.name}-slot` });
    this.#root = from.cloneNode(false) as HTMLElement;
    // Only the frame has to be moved with care: all else is put where it belongs.
    column.insertBefore(this.#root, before);
    this.#root.append(element('div', { class: 'place' }, slot));
    this.#slot = slot;
    const moving = this.#widget === null ? 'moved' : place.move(this.#widget.mount, slot);
    this.#root.prepend(strip);
    slot.before(message);
    from.classList.add('is-left');
    if (isFocused) handle.focus();
    try {
      return await moving;
    } finally {
      from.remove();
    }
  }

  setTraced(isTraced: boolean): void {
    this.#isTraced = isTraced;
    this.#ui.trace.setAttribute('aria-pressed', String(isTraced));
    if (isTraced && this.#widget) this.#tracer.start(this.#spec.name, this.#widget.mount);
    else this.#tracer.stop(this.#spec.name);
  }

  /** Has the server of the widget killed, and the widget loaded again: then it is seen that nobody answers. */
  async #takeServerDown(): Promise<void> {
    const response = await fetch(`/outages/${this.#spec.name}`, { method: 'POST' }).catch(() => undefined);
    if (response?.ok) this.#reload();
  }

  #reload(): void {
    if (this.#widget) place.reload(this.#widget.mount).catch(() => undefined); // what comes of it is told by `state$`
  }

  remove(): void {
    const { mount } = this.#widget ?? {};
    this.#widget = null;
    this.#isServed = true; // nobody looks any more
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
    const { title, labels, handle, trace, outage, reload } = this.#ui;
    title.textContent = this.name;
    labels.origin.textContent = words.origin;
    labels.maker.textContent = words.maker;
    for (const name of figureNames) labels[name].textContent = words[name];
    handle.setAttribute('aria-label', words.move(this.name));
    trace.textContent = words.trace;
    trace.setAttribute('aria-label', words.traceWidget(this.name));
    outage.textContent = words.outage;
    outage.setAttribute('aria-label', words.outageOf(this.name));
    reload.textContent = words.reload;
    reload.setAttribute('aria-label', words.reloadWidget(this.name));
    if (this.#widget) this.#widget.mount.frame.title = this.name;
    this.#show(this.#state);
    this.#showFigures({});
  }

  #show(state: MountState): void {
    this.#state = state;
    if (state.name === 'reconnecting') this.#lost = state;
    else if (state.name === 'ready' || state.name === 'unmounted') this.#lost = null;
    const { words } = this.#texts;
    const { state: cell, stateText, outage, reload, toggle, message } = this.#ui;
    const isGone = this.#widget === null;
    this.#root.dataset['state'] = state.name;
    if (cell.dataset['state'] !== state.name) cell.dataset['state'] = state.name;
    stateText.textContent = this.#isServed ? words.states[state.name] : words.serverGone;
    cell.classList.toggle('is-unserved', !this.#isServed);
    reload.disabled = isGone;
    outage.disabled = isGone;
    toggle.textContent = isGone ? words.mount : words.remove;
    toggle.setAttribute('aria-label', isGone ? words.mountWidget(this.name) : words.removeWidget(this.name));
    message.replaceChildren(...this.#explainServer(state), ...this.#explain(state));
    if (state.name !== 'ready') this.#showFigures(noFigures);
  }

  /** Said before all else. A document that is there lives on without its server, and is not covered. */
  #explainServer({ name }: MountState): Node[] {
    if (this.#isServed || name === 'ready') return [];
    return [element('strong', {}, this.#texts.words.serverGoneOf(this.name))];
  }

  /** What stands where the widget would be. */
  #explain({ name, cause }: MountState): (Node | string)[] {
    const { words } = this.#texts;
    const why = element('span', { lang: 'en' }, cause ? `${cause.message} (${cause.code})` : '');
    switch (name) {
      case 'ready':
        return [];
      case 'unmounted':
        return [words.removed(this.name)];
      case 'failed':
        return [element('strong', {}, words.failed(this.name)), why];
      case 'unresponsive':
        return [words.silent(this.name)];
      case 'reconnecting':
        return [element('strong', {}, words.states[name]), why];
      case 'idle':
      case 'loading':
      case 'handshaking':
        return this.#lost ? this.#explain(this.#lost) : [words.loading(this.name)];
    }
  }

  #showFigures(change: Partial<Figures>): void {
    this.#figures = { ...this.#figures, ...change };
    stale.add(this);
    frames.schedule();
  }

  /** Called with those of all other panels: see `frames`. */
  writeFigures(): void {
    const { roundTripMs, messages, events, shown, held } = this.#figures;
    const { words } = this.#texts;
    const { whole, milliseconds } = this.#texts;
    const rate = (value: number | null): string => (value === null ? '–' : words.perSecond(whole(value)));
    const { figures } = this.#ui;
    setText(figures.roundTrip, roundTripMs === null ? '–' : milliseconds(roundTripMs));
    setText(figures.messages, rate(messages));
    setText(figures.events, rate(events));
    setText(figures.shown, shown === null || held === null ? '–' : words.ofAll(whole(shown), whole(held)));
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
  // Dots to take it by; its name is in words.
  const handle = element('button', { type: 'button', class: 'handle', 'data-testid': `${name}-move` });
  const trace = element('button', { type: 'button', 'data-testid': `${name}-trace` });
  const outage = element('button', { type: 'button', 'data-testid': `${name}-outage` });
  const reload = element('button', { type: 'button', 'data-testid': `${name}-reload` });
  const toggle = element('button', { type: 'button', 'data-testid': `${name}-toggle` });
  const origin = element('dd', { class: 'origin', 'data-testid': `${name}-origin` });
  const maker = element('dd', { lang: 'en' });
  const figure = (): HTMLElement => element('dd', {});
  const figures: Record<FigureName, HTMLElement> = {
    roundTrip: figure(),
    messages: figure(),
    events: figure(),
    shown: figure(),
  };
  const label = (): HTMLElement => element('dt', {});
  const labels = {
    origin: label(),
    maker: label(),
    roundTrip: label(),
    messages: label(),
    events: label(),
    shown: label(),
  };
  const pairs = figureNames.map((key) => {
    figures[key].dataset['testid'] = `${name}-${key}`;
    return element('div', { class: key }, labels[key], figures[key]);
  });
  const facts = [element('div', {}, labels.origin, origin), element('div', { class: 'maker' }, labels.maker, maker)];
  const list = element('dl', { class: 'figures' }, ...facts, ...pairs);
  const message = element('p', { class: 'message', 'aria-live': 'polite', 'data-testid': `${name}-message` });
  const slot = element('div', { class: 'slot', 'data-testid': `${name}-slot` });
  const actions = element('div', { class: 'actions' }, trace, outage, reload, toggle);
  const strip = element('header', { class: 'strip' }, handle, title, state, actions, list);
  const root = element(
    'section',
    { class: `panel panel-${name}`, 'aria-labelledby': `${name}-title`, 'data-testid': `${name}-panel` },
    strip,
    element('div', { class: 'place' }, message, slot),
  );
  return {
    root,
    strip,
    handle,
    trace,
    outage,
    title,
    state,
    stateText,
    reload,
    toggle,
    origin,
    maker,
    figures,
    labels,
    message,
    slot,
  };
}
