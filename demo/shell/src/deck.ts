import { Frames } from '@quake-desk/contracts/frames';
import type { Desk } from './desk.ts';
import { element, setText } from './element.ts';
import { recordFacts } from './record.ts';
import { rates } from './replay.ts';
import type { Texts } from './texts.ts';

const measureMs = 1_000;

/** The head of the desk: the record's clock, and the controls of the replay. */
export class Deck {
  readonly root: HTMLElement;
  readonly #desk: Desk;
  readonly #ui = build();
  #texts: Texts;
  #measured = { told: 0, at: performance.now(), rate: 0 };
  readonly #frames = new Frames(() => this.#writeClock(), 125);

  constructor(desk: Desk, texts: Texts) {
    this.#desk = desk;
    this.#texts = texts;
    this.root = this.#ui.root;
    this.#listen();
    setInterval(() => this.#measure(), measureMs);
  }

  setTexts(texts: Texts): void {
    this.#texts = texts;
    const { words } = texts;
    const { tagline, clock, speedLabel } = this.#ui;
    tagline.textContent = words.tagline;
    clock.setAttribute('aria-label', words.clock);
    speedLabel.textContent = words.speed;
    this.#writeTransport();
    this.#writeMeasured();
  }

  #listen(): void {
    const { play, speed } = this.#ui;
    const { replay } = this.#desk;
    play.addEventListener('click', () => replay.isPlaying$.next(!replay.isPlaying$.value));
    speed.addEventListener('input', () => replay.rate$.next(rates[Number(speed.value)] ?? 100));
    replay.isPlaying$.subscribe(() => this.#writeTransport());
    replay.rate$.subscribe(() => this.#writeTransport());
  }

  #measure(): void {
    const { told } = this.#desk.replay;
    const now = performance.now();
    this.#measured = { told, at: now, rate: ((told - this.#measured.told) / (now - this.#measured.at)) * 1_000 };
    this.#writeMeasured();
  }

  #writeTransport(): void {
    const { words, whole } = this.#texts;
    const { play, playText, speed, rate, speedUp } = this.#ui;
    const { replay } = this.#desk;
    this.#frames.schedule();
    const isPlaying = replay.isPlaying$.value;
    playText.textContent = isPlaying ? words.pause : words.play;
    play.classList.toggle('is-playing', isPlaying);
    const asked = words.rate(whole(replay.rate$.value));
    speed.value = String(rates.findIndex((value) => value === replay.rate$.value));
    speed.setAttribute('aria-valuetext', asked);
    speed.style.setProperty('--share', `${(Number(speed.value) / (rates.length - 1)) * 100}%`);
    rate.textContent = asked;
    speedUp.textContent = words.speedUp(whole(replay.speedUp));
  }

  #writeMeasured(): void {
    this.#ui.measured.textContent = this.#texts.words.measured(this.#texts.whole(this.#measured.rate));
  }

  /** The clock runs while the record is told. */
  #writeClock(): void {
    if (this.#desk.replay.isPlaying$.value) this.#frames.schedule();
    const { words, whole, clockDay, clockTime } = this.#texts;
    const { replay } = this.#desk;
    const { day, time, pass, bar } = this.#ui;
    setText(day, clockDay(replay.clock));
    setText(time, clockTime(replay.clock));
    setText(pass, words.pass(whole(replay.pass), whole(replay.toldOfPass), whole(recordFacts.count)));
    bar.style.transform = `scaleX(${replay.progress.toFixed(4)})`;
  }
}

function build() {
  const tagline = element('p', { class: 'tagline' });
  const brand = element(
    'div',
    { class: 'brand' },
    element('h2', { id: 'deck-title', lang: 'en' }, 'Quake desk'),
    tagline,
  );

  const day = element('span', { class: 'day' });
  const time = element('span', { class: 'time' });
  const pass = element('p', { class: 'pass', 'data-testid': 'pass' });
  const bar = element('span', {});
  const clock = element('p', { class: 'clock', role: 'timer', 'aria-live': 'off', 'data-testid': 'clock' }, day, time);
  const timepiece = element(
    'div',
    { class: 'timepiece' },
    clock,
    element('div', { class: 'progress', 'aria-hidden': 'true' }, bar),
    pass,
  );

  const playText = element('span', {});
  const play = element('button', { type: 'button', class: 'play', 'data-testid': 'play' }, playText);
  const speedLabel = element('label', { for: 'speed' });
  const speed = element('input', {
    type: 'range',
    id: 'speed',
    min: '0',
    max: String(rates.length - 1),
    step: '1',
    'data-testid': 'speed',
  });
  const rate = element('output', { for: 'speed', class: 'rate', 'data-testid': 'rate' });
  const measured = element('span', { 'data-testid': 'measured' });
  const speedUp = element('span', {});
  const transport = element(
    'div',
    { class: 'transport' },
    play,
    element('div', { class: 'speed' }, element('div', { class: 'speed-head' }, speedLabel, rate), speed),
    element('p', { class: 'rates' }, speedUp, measured),
  );

  const root = element('section', { class: 'deck', 'aria-labelledby': 'deck-title' }, brand, timepiece, transport);
  return {
    root,
    tagline,
    day,
    time,
    pass,
    bar,
    clock,
    play,
    playText,
    speedLabel,
    speed,
    rate,
    measured,
    speedUp,
  };
}
