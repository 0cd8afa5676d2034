import { type Locale, locales } from '@quake-desk/contracts/context';
import type { Desk } from './desk.ts';
import { element } from './element.ts';
import type { Texts } from './texts.ts';
import { urlOf } from './url-of.ts';

const languageNames: Record<Locale, string> = { en: 'English', de: 'Deutsch', ja: '日本語', ar: 'العربية' };
const links = {
  docs: 'https://muntin.github.io/muntin/',
  code: 'https://github.com/muntin/muntin',
} as const;

/** The head of the page: what this is and why, where there is more of it, theme and language. */
export class Mast {
  readonly root: HTMLElement;
  readonly #ui = build();

  constructor(desk: Desk) {
    this.root = this.#ui.root;
    const { light, dark, language } = this.#ui;
    light.input.addEventListener('change', () => desk.setTheme('light'));
    dark.input.addEventListener('change', () => desk.setTheme('dark'));
    language.addEventListener('change', () => {
      const locale = locales.find((name) => name === language.value);
      if (locale) desk.setLocale(locale);
    });
    desk.context$.subscribe(({ theme }) => {
      light.input.checked = theme === 'light';
      dark.input.checked = theme === 'dark';
    });
  }

  setTexts({ words, locale }: Texts): void {
    const { line, docs, code, across, themeLegend, light, dark, languageLabel, language } = this.#ui;
    line.textContent = words.line;
    docs.textContent = words.docs;
    code.textContent = words.code;
    across.textContent = words.across;
    themeLegend.textContent = words.theme;
    light.text.textContent = words.light;
    dark.text.textContent = words.dark;
    languageLabel.textContent = words.language;
    language.value = locale;
  }
}

function radio(value: string) {
  const text = element('span', {});
  const input = element('input', { type: 'radio', name: 'theme', value, class: 'visually-hidden' });
  return { text, input, label: element('label', {}, input, text) };
}

function build() {
  const line = element('p', { class: 'line' });
  const docs = element('a', { href: links.docs, 'data-testid': 'docs' });
  const code = element('a', { href: links.code, 'data-testid': 'code' });
  const across = element('a', { href: urlOf('across'), 'data-testid': 'across' });
  const light = radio('light');
  const dark = radio('dark');
  const themeLegend = element('legend', { class: 'visually-hidden' });
  const theme = element('fieldset', { class: 'theme', 'data-testid': 'theme' }, themeLegend, light.label, dark.label);
  const languageLabel = element('label', { for: 'language', class: 'visually-hidden' });
  const language = element(
    'select',
    { id: 'language', 'data-testid': 'language' },
    ...locales.map((locale) => element('option', { value: locale, lang: locale }, languageNames[locale])),
  );
  const root = element(
    'header',
    { class: 'mast' },
    element('h1', { lang: 'en' }, 'Muntin'),
    line,
    element('nav', { 'aria-label': 'Muntin' }, docs, code, across),
    element('div', { class: 'preferences' }, theme, languageLabel, language),
  );
  return { root, line, docs, code, across, light, dark, themeLegend, languageLabel, language };
}
