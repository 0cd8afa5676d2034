import { expose } from '@muntin/guest';
import type { Locale } from '@quake-desk/contracts/context';
import { hosts } from '@quake-desk/contracts/hosts';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import { energy } from '@quake-desk/contracts/reader';
import { Reading } from '@quake-desk/contracts/reading';

// This page runs without an origin: no cookies, no storage, nothing of its server's but what everybody may read.
const words: Readonly<Record<Locale, { readonly title: string; readonly unit: string; readonly note: string }>> = {
  en: { title: 'Energy set free', unit: 'kilotons of TNT', note: 'my origin is' },
  de: { title: 'Freigesetzte Energie', unit: 'Kilotonnen TNT', note: 'meine Herkunft ist' },
  ar: { title: 'الطاقة المنطلقة', unit: 'كيلوطن من مادة TNT', note: 'أصل هذه الصفحة هو' },
  ja: { title: '放出されたエネルギー', unit: 'キロトン (TNT 換算)', note: '私のオリジンは' },
};
const joulesPerKiloton = 4.184e12;

const title = document.createElement('h1');
const figure = document.createElement('p');
figure.className = 'figure';
const unit = document.createElement('p');
const note = document.createElement('p');
note.className = 'note';
const main = document.createElement('main');
main.append(title, figure, unit, note);
document.body.append(main);

let locale: Locale = 'en';
let kilotons = 0;
function write(): void {
  const said = words[locale];
  title.textContent = said.title;
  figure.textContent = new Intl.NumberFormat(formatLocale(locale), { maximumSignificantDigits: 4 }).format(kilotons);
  unit.textContent = said.unit;
  note.textContent = `${said.note} “${self.origin}”`;
}

const reading = new Reading();
const shell = expose(energy, {
  hosts,
  handlers: { status: () => reading.status$, locate: ({ id }) => reading.has(id) },
});
shell.context$.subscribe((context) => {
  locale = context.locale;
  setLanguage(locale);
  document.documentElement.dataset['theme'] = context.theme;
  write();
});
reading.follow(shell.host, (error) => {
  note.textContent = String(error);
});
reading.shown$.subscribe((shown) => {
  // Gutenberg and Richter: log10 of the joules is 4.8 + 1.5 M.
  kilotons = shown.reduce((sum, { magnitude }) => sum + 10 ** (4.8 + 1.5 * magnitude), 0) / joulesPerKiloton;
  write();
});
write();
