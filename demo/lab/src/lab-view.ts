import type { DeskContext, Locale } from '@quake-desk/contracts/context';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import type { Fit } from '@quake-desk/contracts/reader';

const words: Readonly<Record<Locale, { readonly title: string; readonly few: string; readonly picture: string }>> = {
  en: {
    title: 'How many are how strong',
    few: 'too few to fit',
    picture: 'Earthquakes by least magnitude, and the law',
  },
  de: { title: 'Wie viele wie stark sind', few: 'zu wenige', picture: 'Beben nach Mindeststärke, und das Gesetz' },
  ar: { title: 'كم زلزالًا بكل قوة', few: 'أقل مما يكفي', picture: 'الزلازل بحسب أدنى قوة، والقانون' },
  ja: { title: '規模ごとの回数', few: '少なすぎます', picture: '下限の規模ごとの回数と法則' },
};
const strongest = 8;
const mostLog = 4;
const space = 'http://www.w3.org/2000/svg';

/** Counts over magnitudes on squared paper, with the line that was fitted. */
export class LabView {
  readonly #title = document.createElement('h1');
  readonly #law = document.createElement('p');
  readonly #picture = document.createElementNS(space, 'svg');
  readonly #points = document.createElementNS(space, 'path');
  readonly #line = document.createElementNS(space, 'path');
  #locale: Locale = 'en';
  #found: Fit | null = null;

  constructor(root: HTMLElement) {
    this.#picture.setAttribute('viewBox', `0 0 ${strongest} ${mostLog}`);
    this.#picture.setAttribute('preserveAspectRatio', 'none');
    this.#picture.setAttribute('role', 'img');
    this.#points.setAttribute('class', 'points');
    this.#line.setAttribute('class', 'line');
    this.#picture.append(this.#line, this.#points);
    const main = document.createElement('main');
    const header = document.createElement('header');
    header.append(this.#title, this.#law);
    main.append(header, this.#picture);
    root.append(main);
    this.#write();
  }

  setContext({ locale, theme }: DeskContext): void {
    this.#locale = locale;
    setLanguage(locale);
    document.documentElement.dataset['theme'] = theme;
    this.#write();
  }

  show(magnitudes: Float64Array, found: Fit | null): void {
    this.#found = found;
    const counts = Array.from(
      { length: strongest * 10 },
      (_, at) => magnitudes.filter((one) => one >= at / 10 - 0.05).length,
    );
    this.#points.setAttribute(
      'd',
      counts.map((count, at) => (count > 0 ? `M${at / 10} ${mostLog - Math.log10(count)}h0` : '')).join(''),
    );
    this.#line.setAttribute(
      'd',
      found === null
        ? ''
        : `M${found.complete} ${mostLog - (found.a - found.b * found.complete)}L${strongest} ${mostLog - (found.a - found.b * strongest)}`,
    );
    this.#write();
  }

  say(trouble: unknown): void {
    this.#law.textContent = String(trouble);
  }

  #write(): void {
    const { title, few, picture } = words[this.#locale];
    const two = new Intl.NumberFormat(formatLocale(this.#locale), {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    });
    this.#title.textContent = title;
    this.#picture.setAttribute('aria-label', picture);
    this.#law.textContent =
      this.#found === null
        ? few
        : `b = ${two.format(this.#found.b)} ± ${two.format(this.#found.error)}, M ≥ ${two.format(this.#found.complete)}`;
  }
}
