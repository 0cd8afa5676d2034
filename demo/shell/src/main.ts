import { typeIsSettled } from '@quake-desk/contracts/type';
import { Deck } from './deck.ts';
import { Desk } from './desk.ts';
import { element } from './element.ts';
import { HostilePanel } from './hostile.ts';
import { Panel } from './panel.ts';
import { keepPreferences, readPreferences } from './preferences.ts';
import { leftOut, recordFacts, source } from './record.ts';
import { Texts } from './texts.ts';
import { widgetSpecs } from './widgets.ts';
import { Wire } from './wire.ts';

await typeIsSettled();
const desk = new Desk(readPreferences());
const first = new Texts(desk.context$.value.locale);
const deck = new Deck(desk, first);
const panels = widgetSpecs(desk).map((spec) => new Panel(spec, desk, first));
const wire = new Wire(desk, first, (id) => {
  for (const panel of panels) panel.locate(id);
});
const hostile = new HostilePanel(desk, first);
const about = element('p', {});
const acrossUrl = document.querySelector<HTMLMetaElement>('meta[name="quake-desk:across"]')?.content ?? '';
const across = element('a', { href: acrossUrl, 'data-testid': 'across', lang: 'en' }, 'Across origins');
document.body.append(
  deck.root,
  wire.root,
  element('main', { class: 'panels' }, ...panels.map(({ root }) => root)),
  hostile.root,
  element('footer', { class: 'about' }, about, across),
);

let shown = '';
desk.context$.subscribe(({ theme, locale }) => {
  document.documentElement.dataset['theme'] = theme;
  if (locale === shown) return;
  shown = locale;
  document.documentElement.lang = locale;
  const texts = new Texts(locale);
  for (const part of [deck, wire, ...panels, hostile]) part.setTexts(texts);
  about.textContent = aboutText(texts);
});
keepPreferences(desk);
for (const panel of panels) panel.mount();

function aboutText({ words, whole, days, moment }: Texts): string {
  const facts = {
    count: whole(recordFacts.count),
    leftOut: whole(leftOut),
    dates: days(recordFacts.from, recordFacts.to),
    generated: moment(source.generated),
    package: source.package,
  };
  return `${words.about(facts)} ${words.again}`;
}
