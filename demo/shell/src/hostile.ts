import { type Mount, type MountState, mount } from '@muntin/host';
import { type AttackName, attackNames, hostile } from '@quake-desk/contracts/hostile';
import type { Desk } from './desk.ts';
import { element } from './element.ts';
import type { Texts } from './texts.ts';

/** What the desk has seen of one attack. */
interface Finding {
  readonly name: AttackName;
  isOver: boolean;
  /** Why the session has ended; `undefined` while it goes on. */
  end: { readonly code: string; readonly message: string } | undefined;
  /** Handlers of the desk that the widget has made run. */
  ran: number;
  /** What kept the desk busy for 50 ms or more; `undefined` where the browser does not say. */
  busyMs: number | undefined;
  hasHung: boolean;
  /** What the widget says that it got. */
  claim: string;
}

const answerWithinMs = 15_000;
const kept = 8;

/** A widget whose author is hostile, and what the desk sees of it: every line is measured here, except for what it says itself. */
export class HostilePanel {
  readonly root: HTMLElement;
  readonly #desk: Desk;
  readonly #ui = build();
  readonly #findings: Finding[] = [];
  #texts: Texts;
  #widget: Mount<typeof hostile> | null = null;
  #state: MountState = { name: 'unmounted' };

  constructor(desk: Desk, texts: Texts) {
    this.#desk = desk;
    this.#texts = texts;
    this.root = this.#ui.root;
    this.#ui.toggle.addEventListener('click', () => {
      if (this.#widget === null) this.#open();
      else this.#close();
    });
    for (const name of attackNames) this.#ui.attacks[name].addEventListener('click', () => void this.#try(name));
    observeLongTasks((ms) => {
      const finding = this.#findings[0];
      if (finding === undefined || finding.isOver) return;
      finding.busyMs = (finding.busyMs ?? 0) + ms;
    });
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
    const { title, lead, saw, attacks } = this.#ui;
    const words = texts.words.hostile;
    title.textContent = words.title;
    lead.textContent = words.lead;
    saw.textContent = words.saw;
    for (const name of attackNames) attacks[name].textContent = words.attacks[name];
    if (this.#widget !== null) this.#widget.frame.title = words.title;
    this.#write();
  }

  #open(): void {
    const count = (): void => {
      const finding = this.#findings[0];
      if (finding !== undefined && !finding.isOver) finding.ran++;
    };
    const widget = mount(hostile, {
      url: document.querySelector<HTMLMetaElement>('meta[name="quake-desk:hostile"]')?.content ?? '',
      into: this.#ui.slot,
      title: this.#texts.words.hostile.title,
      context: this.#desk.context$.value,
      unresponsiveMs: 1500,
      handlers: {
        note: count,
        wait: () => {
          count();
          return new Promise<never>(() => undefined);
        },
      },
    });
    this.#widget = widget;
    widget.state$.subscribe((state) => this.#see(state));
    this.#write();
  }

  #close(): void {
    void this.#widget?.unmount();
    this.#widget = null;
    this.#findings.length = 0;
    this.#write();
  }

  #see(state: MountState): void {
    this.#state = state;
    const finding = this.#findings[0];
    if (finding !== undefined && !finding.isOver) {
      if (state.name === 'unresponsive') finding.hasHung = true;
      const { cause } = state;
      if (state.name === 'failed' && cause !== undefined) finding.end = { code: cause.code, message: cause.message };
    }
    this.#write();
  }

  async #try(name: AttackName): Promise<void> {
    const widget = this.#widget;
    if (widget === null || this.#findings[0]?.isOver === false) return;
    const busyMs = seesLongTasks ? 0 : undefined;
    const finding: Finding = { name, isOver: false, end: undefined, ran: 0, busyMs, hasHung: false, claim: '' };
    this.#findings.unshift(finding);
    this.#findings.length = Math.min(this.#findings.length, kept);
    this.#write();
    try {
      finding.claim = await widget.guest.attack(name, { timeoutMs: answerWithinMs });
    } catch (error) {
      finding.claim = finding.end === undefined ? String(error) : '';
    }
    // Long tasks are told a little later than they end.
    await new Promise((resolve) => setTimeout(resolve, 300));
    finding.isOver = true;
    // Thrown out: it gets another chance to try.
    if (this.#widget === widget && this.#state.name === 'failed') widget.reload();
    this.#write();
  }

  #write(): void {
    const words = this.#texts.words.hostile;
    const { root, toggle, body, attacks, findings, nothing, stateText, state } = this.#ui;
    const isOpen = this.#widget !== null;
    root.dataset['state'] = isOpen ? this.#state.name : 'unmounted';
    state.dataset['state'] = root.dataset['state'];
    stateText.textContent = isOpen ? this.#texts.words.states[this.#state.name] : '';
    state.hidden = !isOpen;
    toggle.textContent = isOpen ? words.close : words.open;
    toggle.setAttribute('aria-expanded', String(isOpen));
    body.hidden = !isOpen;
    const isTrying = this.#findings[0]?.isOver === false;
    for (const name of attackNames) attacks[name].setAttribute('aria-disabled', String(isTrying));
    nothing.textContent = words.nothingYet;
    nothing.hidden = this.#findings.length > 0;
    findings.replaceChildren(...this.#findings.map((finding) => this.#describe(finding)));
  }

  #describe({ name, isOver, end, ran, busyMs, hasHung, claim }: Finding): HTMLElement {
    const words = this.#texts.words.hostile;
    const { whole } = this.#texts;
    const facts = [
      words.ran(whole(ran)),
      ...(busyMs === undefined ? [] : [words.busy(`${whole(busyMs)} ms`)]),
      ...(hasHung ? [words.hung] : []),
    ];
    const verdict = end === undefined ? (isOver ? words.goesOn : words.trying) : words.ended(end.code);
    return element(
      'li',
      { 'data-testid': `finding-${name}`, ...(isOver ? { 'data-over': '' } : {}) },
      element('p', { class: 'finding-head' }, element('strong', {}, words.attacks[name]), element('span', {}, verdict)),
      element('p', { class: 'finding-facts' }, facts.join(' · ')),
      ...(end === undefined ? [] : [element('p', { lang: 'en' }, end.message)]),
      ...(claim === '' ? [] : [element('p', {}, `${words.claims} `, element('q', { lang: 'en' }, claim))]),
    );
  }
}

const seesLongTasks = PerformanceObserver.supportedEntryTypes.includes('longtask');

function observeLongTasks(tell: (ms: number) => void): void {
  if (!seesLongTasks) return;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tell(duration);
  }).observe({ type: 'longtask' });
}

function build() {
  const title = element('h2', { id: 'hostile-title' });
  const stateText = element('span', {});
  const state = element(
    'p',
    { class: 'state', role: 'status', hidden: '', 'data-testid': 'hostile-state' },
    element('span', { class: 'lamp', 'aria-hidden': 'true' }),
    stateText,
  );
  const toggle = element('button', {
    type: 'button',
    'aria-controls': 'hostile-body',
    'data-testid': 'hostile-toggle',
  });
  const lead = element('p', { class: 'hostile-lead' });
  const attacks = Object.fromEntries(
    attackNames.map((name) => [name, element('button', { type: 'button', 'data-testid': `attack-${name}` })]),
  ) as Record<AttackName, HTMLButtonElement>;
  const list = element('ul', { class: 'attacks' }, ...attackNames.map((name) => element('li', {}, attacks[name])));
  const slot = element('div', { class: 'hostile-slot', 'data-testid': 'hostile-slot' });
  const saw = element('h3', { id: 'hostile-saw' });
  const nothing = element('p', { class: 'hostile-nothing' });
  const findings = element('ol', {
    class: 'findings',
    'aria-labelledby': 'hostile-saw',
    'aria-live': 'polite',
    'data-testid': 'findings',
  });
  const body = element(
    'div',
    { class: 'hostile-body', id: 'hostile-body', hidden: '' },
    element('div', { class: 'hostile-try' }, lead, list, slot),
    element('div', { class: 'hostile-saw' }, saw, nothing, findings),
  );
  const root = element(
    'section',
    { class: 'hostile', 'aria-labelledby': 'hostile-title', 'data-testid': 'hostile-panel' },
    element('header', { class: 'hostile-strip' }, title, state, element('div', { class: 'actions' }, toggle)),
    body,
  );
  return { root, title, state, stateText, toggle, lead, attacks, slot, saw, nothing, findings, body };
}
