import type { MountState } from '@muntin/host';
import { type AttackName, attackNames } from '@quake-desk/contracts/hostile';
import { StakeView } from '@quake-desk/contracts/stake-view';
import type { Desk } from '../desk.ts';
import { element } from '../element.ts';
import type { Texts } from '../texts.ts';
import { build, sideNames } from './build.ts';
import { catalogue } from './catalogue.ts';
import { MuntinSide } from './muntin-side.ts';
import { NaiveSide } from './naive-side.ts';
import type { Outcome, Side } from './side.ts';
import { type ArenaWords, arenaWords, type SideName } from './words.ts';

type Found = Outcome | 'trying';

/** The hostile widget in two pages, and what comes of its attacks in each. */
export class Arena {
  readonly root: HTMLElement;
  readonly #desk: Desk;
  readonly #stake = new StakeView();
  readonly #ui = build(this.#stake.root);
  readonly #found: Record<SideName, Map<AttackName, Found>> = { naive: new Map(), muntin: new Map() };
  #sides: Readonly<Record<SideName, Side>> | undefined;
  #states: Record<SideName, MountState> = { naive: { name: 'idle' }, muntin: { name: 'idle' } };
  #texts: Texts;
  /** The latest attack. */
  #shown: AttackName | undefined;
  #isTrying = false;
  /** Whether one attack follows the other. */
  #goesOn = false;

  constructor(desk: Desk, texts: Texts) {
    this.#desk = desk;
    this.#texts = texts;
    this.root = this.#ui.root;
    for (const name of attackNames) this.#ui.attacks[name].addEventListener('click', () => void this.#try(name));
    this.#ui.all.addEventListener('click', () => {
      if (this.#goesOn) this.#stop();
      else void this.#tryAll();
    });
    desk.context$.subscribe((context) => {
      for (const name of sideNames) this.#sides?.[name].setContext(context);
    });
  }

  /** Lets the widget into both pages. */
  open(): void {
    const context = this.#desk.context$.value;
    const { places } = this.#ui;
    this.#sides = {
      naive: new NaiveSide(places.naive.slot, this.#words.sides.naive, context),
      muntin: new MuntinSide(places.muntin.slot, this.#words.sides.muntin, context, (stake) =>
        this.#stake.show(stake, this.#desk.context$.value.locale),
      ),
    };
    for (const name of sideNames) {
      places[name].origin.textContent = this.#sides[name].origin;
      this.#sides[name].state$.subscribe((state) => {
        this.#states[name] = state;
        this.#writeState(name);
      });
    }
    this.#write();
  }

  /** How many of its two pages are there. */
  get alive(): number {
    return sideNames.filter((name) => this.#states[name].name === 'ready').length;
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
    const words = this.#words;
    const { title, lead, attackHead, attacks, heads, places, catalogueTitle, catalogueLead } = this.#ui;
    title.textContent = words.title;
    lead.textContent = words.lead;
    attackHead.textContent = words.attack;
    for (const name of attackNames) attacks[name].textContent = words.attacks[name];
    for (const name of sideNames) {
      heads[name].name.textContent = words.sides[name];
      places[name].name.textContent = words.sides[name];
      places[name].about.textContent = words.about[name];
      this.#sides?.[name].setTitle(words.sides[name]);
      this.#writeState(name);
    }
    catalogueTitle.textContent = words.catalogue(texts.whole(catalogue.length));
    catalogueLead.textContent = words.catalogueLead;
    this.#write();
  }

  get #words(): ArenaWords {
    return arenaWords[this.#texts.locale];
  }

  async #tryAll(): Promise<void> {
    this.#goesOn = true;
    for (const name of attackNames) {
      if (!this.#goesOn) break;
      await this.#try(name);
    }
    this.#stop();
  }

  #stop(): void {
    this.#goesOn = false;
    this.#write();
  }

  async #try(name: AttackName): Promise<void> {
    const sides = this.#sides;
    if (sides === undefined || this.#isTrying) return;
    this.#isTrying = true;
    this.#shown = name;
    for (const side of sideNames) this.#found[side].delete(name);
    // One after the other: where both pages share a process, what freezes the one would be seen in the other.
    for (const side of sideNames) {
      this.#found[side].set(name, 'trying');
      this.#write();
      const found = await sides[side].attempt(name).catch(() => undefined);
      // Of a page that did not come nothing was seen, and nothing is said; its state says why.
      if (found === undefined) this.#found[side].delete(name);
      else this.#found[side].set(name, found);
    }
    this.#isTrying = false;
    this.#write();
  }

  #write(): void {
    const words = this.#words;
    const { all, attacks, rows, cells, heads, places } = this.#ui;
    all.textContent = this.#goesOn ? words.stop : words.all;
    for (const name of attackNames) {
      attacks[name].setAttribute('aria-disabled', String(this.#isTrying));
      rows[name].toggleAttribute('data-shown', name === this.#shown);
      for (const side of sideNames) this.#writeCell(cells[name][side], name, this.#found[side].get(name));
    }
    for (const side of sideNames) {
      const tried = attackNames.slice(1).flatMap((name) => this.#found[side].get(name) ?? []);
      const outcomes = tried.filter((found) => found !== 'trying');
      const broken = outcomes.filter(({ harms }) => harms.length > 0).length;
      heads[side].score.textContent = words.score(this.#texts.whole(broken), this.#texts.whole(outcomes.length));
      heads[side].score.toggleAttribute('data-broken', broken > 0);
      const found = this.#shown === undefined ? undefined : this.#found[side].get(this.#shown);
      places[side].verdict.replaceChildren(...this.#explain(found));
    }
  }

  #writeCell(cell: HTMLElement, name: AttackName, found: Found | undefined): void {
    const words = this.#words;
    const [harm] = found === undefined || found === 'trying' ? [] : found.harms;
    const isDone = found !== undefined && found !== 'trying';
    cell.dataset['outcome'] = isDone ? (harm === undefined ? 'held' : 'broken') : (found ?? 'untried');
    const kept = name === attackNames[0] ? words.works : words.held;
    cell.textContent = isDone ? (harm === undefined ? kept : words.got[harm]) : words[found ?? 'untried'];
  }

  /** What is known about the latest attack, in sentences. */
  #explain(found: Found | undefined): HTMLElement[] {
    const words = this.#words;
    if (found === undefined) return this.#isTrying ? [] : [element('p', {}, words.pick)];
    if (found === 'trying') return [element('p', {}, words.trying)];
    const { harms, claim, notice } = found;
    const { whole } = this.#texts;
    const said = [
      ...(notice?.end === undefined ? [] : [words.ended(notice.end.code)]),
      ...(notice?.hasHung ? [words.hung] : []),
      ...(notice === undefined ? [] : [words.ran(whole(notice.ran))]),
      ...(notice?.busyMs === undefined ? [] : [words.busy(`${whole(notice.busyMs)} ms`)]),
    ];
    return [
      element('p', {}, element('strong', {}, harms.map((harm) => words.harms[harm]).join(' ') || words.unharmed)),
      ...(said.length === 0 ? [] : [element('p', {}, said.join(' '))]),
      ...(notice?.end === undefined ? [] : [element('p', { lang: 'en' }, notice.end.message)]),
      ...(claim === '' ? [] : [element('p', {}, `${words.claims} `, element('q', { lang: 'en' }, claim))]),
    ];
  }

  #writeState(name: SideName): void {
    const { name: state } = this.#states[name];
    const { state: cell, stateText, root } = this.#ui.places[name];
    root.dataset['state'] = state;
    cell.dataset['state'] = state;
    stateText.textContent = this.#texts.words.states[state];
  }
}
