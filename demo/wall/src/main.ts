import { expose } from '@muntin/guest/popup';
import type { Locale } from '@quake-desk/contracts/context';
import { hosts } from '@quake-desk/contracts/hosts';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import { wall } from '@quake-desk/contracts/wall';

const magnitude = document.createElement('h1');
const place = document.createElement('p');
place.lang = 'en';
const main = document.createElement('main');
main.append(magnitude, place);
document.body.append(main);

const shell = expose(wall, { hosts, handlers: {} });
let locale: Locale = 'en';
shell.context$.subscribe((context) => {
  locale = context.locale;
  setLanguage(locale);
  document.documentElement.dataset['theme'] = context.theme;
});
shell.host.arrivals({ backlog: 1 }).subscribe({
  next: (quake) => {
    magnitude.textContent = `M ${quake.magnitude.toLocaleString(formatLocale(locale), { minimumFractionDigits: 1, maximumFractionDigits: 1 })}`;
    place.textContent = quake.place;
    document.body.style.setProperty('--size', String(Math.max(0, quake.magnitude) / 7));
  },
  error: (error: unknown) => {
    place.textContent = String(error);
  },
});

// While it is developed, the next version begins with an empty page.
import.meta.hot?.dispose(() => document.body.replaceChildren());
