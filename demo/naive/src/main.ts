import { expose } from '@muntin/guest';
import { setLanguage } from '@quake-desk/contracts/language';
import { naive } from '@quake-desk/contracts/naive';
import { Stake, tryOut } from '@quake-desk/contracts/stake';
import { StakeView } from '@quake-desk/contracts/stake-view';
import { openNaivePage } from './page.ts';

const read = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="quake-desk:${name}"]`)?.content ?? '';

const view = new StakeView();
const title = document.createElement('h1');
title.className = 'visually-hidden';
title.textContent = 'A naive page';
const main = document.createElement('main');
main.append(title, view.root);
document.body.append(main);
const show = (): void => view.show(stake, shell.context$.value?.locale ?? 'en');
const stake = new Stake(show);
// The desk lets it in, and looks on: it sees nothing of what the page and its widget say to each other.
const shell = expose(naive, {
  hosts: read('hosts').split(' '),
  handlers: {
    attack: (name) =>
      tryOut(stake, { attack: async () => String(await ask('attack', name)), greet: () => ask('greet') }),
  },
});
const ask = openNaivePage(main, read('hostile'), stake);
shell.context$.subscribe((context) => {
  document.documentElement.dataset['theme'] = context.theme;
  setLanguage(context.locale);
  show();
});
show();
