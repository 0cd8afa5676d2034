import { expose } from '@muntin/guest/popup';
import { hosts } from '@quake-desk/contracts/hosts';
import { wall } from '@quake-desk/contracts/wall';

const magnitude = document.createElement('h1');
const place = document.createElement('p');
place.lang = 'en';
const main = document.createElement('main');
main.append(magnitude, place);
document.body.append(main);

const shell = expose(wall, { hosts, handlers: {} });
let locale = 'en';
shell.context$.subscribe((context) => {
  locale = context.locale;
  document.documentElement.lang = locale;
  document.documentElement.dataset['theme'] = context.theme;
});
shell.host.arrivals({ backlog: 1 }).subscribe({
  next: (quake) => {
    magnitude.textContent = `M ${quake.magnitude.toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}`;
    place.textContent = quake.place;
    document.body.style.setProperty('--size', String(Math.max(0, quake.magnitude) / 7));
  },
  error: (error: unknown) => {
    place.textContent = String(error);
  },
});
