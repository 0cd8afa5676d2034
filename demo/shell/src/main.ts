import { setLanguage } from '@quake-desk/contracts/language';
import { typeIsSettled } from '@quake-desk/contracts/type';
import { Arena } from './arena/arena.ts';
import { Board } from './board.ts';
import { Deck } from './deck.ts';
import { Desk } from './desk.ts';
import { element } from './element.ts';
import { Live } from './live.ts';
import { Mast } from './mast.ts';
import { Panel } from './panel.ts';
import { keepPreferences, readPreferences } from './preferences.ts';
import { leftOut, recordFacts, source } from './record.ts';
import { Texts } from './texts.ts';
import { TracePanel } from './trace-panel.ts';
import { widgetSpecs } from './widgets.ts';
import { Wire } from './wire.ts';
import type { WidgetName } from './words.ts';

await typeIsSettled();
const desk = new Desk(readPreferences());
const first = new Texts(desk.context$.value.locale);
const mast = new Mast(desk);
const arena = new Arena(desk, first);
const deck = new Deck(desk, first);
const tracer = new TracePanel(() => {
  for (const panel of panels) panel.setTraced(false);
});
const panels = widgetSpecs(desk).map((spec) => new Panel(spec, desk, first, tracer));
const isLeft: readonly WidgetName[] = ['map', 'chart', 'strongest', 'lab'];
const columns = [true, false].map((side) => panels.filter(({ id }) => isLeft.includes(id) === side));
const board = new Board(columns, first);
const wire = new Wire(desk, first, (id) => {
  for (const panel of panels) panel.locate(id);
});
const live = new Live(desk, panels, arena, first);
const about = element('p', {});
document.body.append(
  mast.root,
  element('main', {}, arena.root, deck.root, wire.root, live.root, board.root, tracer.root),
  element('footer', { class: 'about' }, about),
);

let shown = '';
desk.context$.subscribe(({ theme, locale }) => {
  document.documentElement.dataset['theme'] = theme;
  if (locale === shown) return;
  shown = locale;
  setLanguage(locale);
  const texts = new Texts(locale);
  for (const part of [mast, arena, deck, wire, live, board, ...panels, tracer]) part.setTexts(texts);
  about.textContent = aboutText(texts);
});
keepPreferences(desk);
for (const panel of panels) panel.begin();
arena.open();
live.begin();

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
