import { type DeskContext, type Locale, locales, type Theme } from '@quake-desk/contracts/context';
import type { Desk } from './desk.ts';

const key = 'quake-desk';
const darkQuery = matchMedia('(prefers-color-scheme: dark)');

/** Theme and language: what was chosen here before, else what the browser says. */
export function readPreferences(): DeskContext {
  const { theme, locale } = readStored();
  return { theme: theme ?? browserTheme(), locale: locale ?? browserLocale() };
}

/** Keeps what the reader chooses; as long as nothing was chosen the theme follows the browser's. */
export function keepPreferences(desk: Desk): void {
  let last = desk.context$.value;
  desk.context$.subscribe(({ theme, locale }) => {
    const isChosen = theme !== browserTheme() || readStored().theme !== undefined;
    if (theme !== last.theme || locale !== last.locale) store({ locale, ...(isChosen ? { theme } : {}) });
    last = { theme, locale };
  });
  darkQuery.addEventListener('change', () => {
    if (readStored().theme === undefined) desk.setTheme(browserTheme());
  });
}

function browserTheme(): Theme {
  return darkQuery.matches ? 'dark' : 'light';
}

function browserLocale(): Locale {
  for (const language of navigator.languages) {
    const locale = locales.find((name) => language.toLowerCase().startsWith(name));
    if (locale) return locale;
  }
  return 'en';
}

function readStored(): { theme?: Theme; locale?: Locale } {
  try {
    const { theme, locale: name }: Record<string, unknown> = JSON.parse(localStorage.getItem(key) ?? '{}') ?? {};
    const locale = locales.find((known) => known === name);
    return { ...(theme === 'light' || theme === 'dark' ? { theme } : {}), ...(locale ? { locale } : {}) };
  } catch {
    return {}; // storage may be switched off, and what is in it may be anything
  }
}

function store(context: Partial<DeskContext>): void {
  try {
    localStorage.setItem(key, JSON.stringify(context));
  } catch {
    // a desk that cannot remember works all the same
  }
}
