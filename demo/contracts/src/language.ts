import type { Locale } from './context.ts';

/** Puts this page into a language, and its direction. */
export function setLanguage(locale: Locale): void {
  const { documentElement } = document;
  documentElement.lang = locale;
  documentElement.dir = isRightToLeft(locale) ? 'rtl' : 'ltr';
}

export function isRightToLeft(locale: Locale): boolean {
  return locale === 'ar';
}

/** What `Intl` is to be given: in Arabic with the digits that origins, code and the record have, too. */
export function formatLocale(locale: Locale): string {
  return locale === 'ar' ? 'ar-u-nu-latn' : locale;
}
