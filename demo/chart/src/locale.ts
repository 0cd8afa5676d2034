// uPlot makes a number format for the browser's language as soon as it is imported. Where the system has the locale "C", that language is
// no language to Intl, and the import would fail. The chart itself writes in the language that its host has chosen.
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
