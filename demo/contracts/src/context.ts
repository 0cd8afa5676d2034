export const locales = ['en', 'de', 'ja', 'ar'] as const;
export type Locale = (typeof locales)[number];
export type Theme = 'light' | 'dark';

/** What the desk tells every widget about itself, live. */
export interface DeskContext {
  readonly theme: Theme;
  readonly locale: Locale;
}
