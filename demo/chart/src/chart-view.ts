import type { Arrival } from '@quake-desk/contracts/arrival';
import type { DeskContext, Locale } from '@quake-desk/contracts/context';
import { Frames } from '@quake-desk/contracts/frames';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import type { RecordFacts } from '@quake-desk/contracts/record-facts';
import {
  isInRange,
  nothingSelected,
  type Range,
  type Selection,
  selectionFilter,
} from '@quake-desk/contracts/selection';
import type { WidgetStatus } from '@quake-desk/contracts/widget-status';
import { map, type Observable, Subject, timer } from 'rxjs';
import uPlot from 'uplot';
import { attachBrush } from './brush.ts';
import { element } from './element.ts';
import { leastMagnitude, magnitudeScale, paint, radiusOf, stripTop } from './painter.ts';
import { type Palette, readPalette } from './palette.ts';
import { QuakeStore } from './quake-store.ts';
import { type Words, words } from './words.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Room on both sides, so that the first and the last mark are whole. */
const marginMs = 3 * hour;
const ownRangeMs = 250;
const locatedMs = 6_000;
// A frame is not always told that the pointer has left it.
const tipMs = 5_000;
const presets = [2.5, 4.5];

/** The chart: it draws what it was given and says which range its reader chose. Knows nothing of frames. */
export class ChartView {
  readonly range$: Observable<Range | null>;
  readonly status$: Observable<WidgetStatus>;

  readonly #ranges = new Subject<Range | null>();
  readonly #store = new QuakeStore(8_192);
  readonly #ui = build();
  #palette: Palette = readPalette(document.documentElement);
  #plot: uPlot | null = null;
  #record: RecordFacts | null = null;
  #isDragging: () => boolean = () => false;
  #words: Words = words.en;
  #locale: Locale = 'en';
  #selection: Selection = nothingSelected;
  #isShown: (quake: Arrival) => boolean = () => true;
  #picks = new Set<string>();
  #range: Range | null = null;
  #rangeChangedAt = -Infinity;
  #located: { id: string; until: number } | null = null;
  #clock = 0;
  #arrived = 0;
  readonly #frames = new Frames((now) => this.#draw(now));
  #tipTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(into: HTMLElement) {
    into.append(this.#ui.root);
    this.range$ = this.#ranges.asObservable();
    this.status$ = timer(0, 500).pipe(map(() => this.#status()));
    this.#listen();
    this.#write();
  }

  /** Says how much time the chart covers; there is no plot before. */
  setRecord(record: RecordFacts): void {
    this.#record = record;
    const { stage, canvas, tip } = this.#ui;
    this.#plot = new uPlot(
      this.#options(record),
      [
        [record.from, record.to],
        [null, null],
      ],
      stage,
    );
    this.#plot.over.append(canvas, tip);
    const plot = this.#plot;
    this.#isDragging = attachBrush({
      element: stage,
      area: plot.over,
      bounds: () => ({ from: record.from, to: record.to, weakest: leastMagnitude, strongest: magnitudeScale.max }),
      timeAt: (x) => plot.posToVal(x, 'x'),
      magnitudeAt: (y) => plot.posToVal(y, 'y'),
      range: () => this.#range,
      setRange: (range) => this.#chooseRange(range),
    });
    // A canvas does not wait for its font: draw the axes again when it has come.
    document.fonts.load(this.#palette.font).then(
      () => plot.redraw(false, true),
      () => undefined, // then they stay in the font that they are in
    );
    plot.over.addEventListener('pointermove', (event) => this.#hover(event));
    plot.over.addEventListener('pointerleave', () => this.#hideTip());
    this.#resize();
  }

  add(quake: Arrival): void {
    this.#store.add(quake);
    this.#arrived++;
    this.#clock = quake.time;
    this.#frames.schedule();
  }

  setSelection(selection: Selection): void {
    this.#selection = selection;
    this.#isShown = selectionFilter(selection, 'range') ?? (() => true);
    this.#picks = new Set(selection.picks);
    this.#adoptRange();
    this.#frames.schedule();
  }

  setContext({ theme, locale }: DeskContext): void {
    const root = document.documentElement;
    root.dataset['theme'] = theme;
    setLanguage(locale);
    this.#locale = locale;
    this.#words = words[locale];
    this.#palette = readPalette(root);
    this.#write();
    this.#plot?.redraw(false, true);
    this.#frames.schedule();
  }

  /** Marks one earthquake for a while; `false` when it has not arrived yet. */
  locate(id: string): boolean {
    if (!this.#store.get(id)) return false;
    this.#located = { id, until: performance.now() + locatedMs };
    setTimeout(() => this.#frames.schedule(), locatedMs);
    this.#frames.schedule();
    return true;
  }

  say(thrown: unknown): void {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    this.#ui.notice.textContent = `${this.#words.lost} ${text}`;
    this.#ui.notice.hidden = false;
  }

  #status(): WidgetStatus {
    let shown = 0;
    for (const quake of this.#store.values()) if (this.#isShown(quake)) shown++;
    return { arrived: this.#arrived, held: this.#store.size, shown };
  }

  #options(record: RecordFacts): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => this.#palette.inkSoft,
      font: this.#palette.font,
      grid: { stroke: () => this.#palette.line, width: 1 },
      ticks: { show: false },
    };
    return {
      width: 600,
      height: 240,
      padding: [22, 36, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [record.from - marginMs, record.to + marginMs] },
        y: { range: [magnitudeScale.min, magnitudeScale.max] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        {
          ...axis,
          size: 28,
          gap: 6,
          splits: () => midnights(record),
          values: (_, times) => times.map((time) => this.#dayName(time)),
        },
        {
          ...axis,
          size: 40,
          gap: 8,
          splits: (plot) => (plot.height < 220 ? [0, 2, 4, 6] : [0, 1, 2, 3, 4, 5, 6]),
          values: (_, magnitudes) => magnitudes.map((value) => this.#number(value, 0)),
        },
      ],
      hooks: { setSize: [() => this.#sizeCanvas()] },
    };
  }

  #listen(): void {
    // It is called once at the start too, but never while the frame is out of view; nothing here waits for it.
    new ResizeObserver(() => this.#resize()).observe(this.#ui.stage);
    this.#ui.clear.addEventListener('click', () => this.#chooseRange(null));
    for (const [index, button] of this.#ui.presets.entries())
      button.addEventListener('click', () => this.#togglePreset(presets[index] ?? 0));
  }

  #togglePreset(weakest: number): void {
    const record = this.#record;
    if (!record) return;
    const isOn = isPreset(this.#range, record, weakest);
    this.#chooseRange(isOn ? null : { from: record.from, to: record.to, weakest, strongest: magnitudeScale.max });
  }

  #chooseRange(range: Range | null): void {
    this.#range = range;
    this.#rangeChangedAt = performance.now();
    this.#ranges.next(range);
    this.#writeRange();
    this.#frames.schedule();
  }

  /** Takes over the desk's range; not while the reader's own hand is ahead of what the desk has heard. */
  #adoptRange(): void {
    const quietFor = performance.now() - this.#rangeChangedAt;
    if (this.#isDragging() || quietFor < ownRangeMs) {
      setTimeout(() => this.#adoptRange(), ownRangeMs);
      return;
    }
    this.#range = this.#selection.range;
    this.#writeRange();
    this.#frames.schedule();
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#ui.stage;
    this.#plot?.setSize({ width: Math.max(120, clientWidth), height: Math.max(100, clientHeight) });
  }

  #sizeCanvas(): void {
    const plot = this.#plot;
    if (!plot) return;
    const { clientWidth: width, clientHeight: height } = plot.over;
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.#ui.canvas.width = Math.round(width * ratio);
    this.#ui.canvas.height = Math.round(height * ratio);
    this.#ui.canvas.getContext('2d')?.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#ui.strip.hidden = false;
    this.#ui.strip.style.top = `${plot.over.offsetTop + plot.valToPos(stripTop, 'y')}px`;
    this.#frames.schedule();
  }

  /** Small charts get smaller marks. */
  #scale(): number {
    return Math.min(1, Math.max(0.6, Math.sqrt(this.#ui.stage.clientWidth / 800)));
  }

  #draw(now: number): void {
    const { plot, record, range } = { plot: this.#plot, record: this.#record, range: this.#range };
    const context = this.#ui.canvas.getContext('2d');
    if (!plot || !record || !context) return;
    if (this.#located && this.#located.until <= now) this.#located = null;
    const { clientWidth: width, clientHeight: height } = plot.over;
    const { min, max } = magnitudeScale;
    const start = record.from - marginMs;
    paint(
      context,
      {
        width,
        height,
        x: (time) => ((time - start) / (record.to + marginMs - start)) * width,
        y: (magnitude) => (1 - (magnitude - min) / (max - min)) * height,
        from: record.from,
        to: record.to,
        quakes: this.#store.values(),
        clock: this.#clock,
        range,
        isShown: this.#isShown,
        isInRange: (quake) => !range || isInRange(quake, range),
        isPicked: ({ id }) => this.#picks.has(id),
        located: this.#located ? (this.#store.get(this.#located.id) ?? null) : null,
        scale: this.#scale(),
      },
      this.#palette,
    );
  }

  #hover(event: PointerEvent): void {
    const plot = this.#plot;
    if (!plot || this.#isDragging()) return this.#hideTip();
    const { left, top } = plot.over.getBoundingClientRect();
    const quake = this.#nearest(plot, event.clientX - left, event.clientY - top);
    if (!quake) return this.#hideTip();
    const { tip } = this.#ui;
    tip.replaceChildren(
      element('strong', {}, `M ${this.#number(quake.magnitude, 1)}`),
      element('span', { lang: 'en' }, quake.place),
      element('span', {}, `${this.#date(quake.time)} UTC · ${this.#words.depth} ${this.#depth(quake.depth)}`),
    );
    tip.hidden = false;
    clearTimeout(this.#tipTimer);
    this.#tipTimer = setTimeout(() => this.#hideTip(), tipMs);
    const [x, y] = [plot.valToPos(quake.time, 'x'), plot.valToPos(quake.magnitude, 'y')];
    const shiftX = Math.max(4, Math.min(x + 12, plot.over.clientWidth - tip.offsetWidth - 4));
    const shiftY = y + 14 + tip.offsetHeight > plot.over.clientHeight ? y - tip.offsetHeight - 10 : y + 14;
    tip.style.transform = `translate(${Math.round(shiftX)}px, ${Math.round(Math.max(0, shiftY))}px)`;
  }

  #hideTip(): void {
    this.#ui.tip.hidden = true;
  }

  #nearest(plot: uPlot, x: number, y: number): Arrival | null {
    let best: Arrival | null = null;
    let least = Infinity;
    for (const quake of this.#store.values()) {
      if (!this.#isShown(quake)) continue;
      const away = Math.hypot(plot.valToPos(quake.time, 'x') - x, plot.valToPos(quake.magnitude, 'y') - y);
      if (away < least && away < radiusOf(quake.magnitude, this.#scale()) + 4) {
        best = quake;
        least = away;
      }
    }
    return best;
  }

  #write(): void {
    const { stage, keys, clear, presets: buttons, strip, legend } = this.#ui;
    document.title = this.#words.chart;
    this.#ui.heading.textContent = this.#words.chart;
    stage.setAttribute('aria-label', this.#words.chart);
    keys.textContent = this.#words.keys;
    clear.textContent = this.#words.clear;
    legend.textContent = this.#words.magnitude;
    strip.textContent = this.#words.perSpan;
    for (const [index, button] of buttons.entries())
      button.textContent = this.#words.atLeast(this.#number(presets[index] ?? 0, 1));
    this.#writeRange();
  }

  #writeRange(): void {
    const { clear, presets: buttons, readout } = this.#ui;
    clear.disabled = this.#range === null;
    for (const [index, button] of buttons.entries()) {
      const isOn = this.#record !== null && isPreset(this.#range, this.#record, presets[index] ?? 0);
      button.setAttribute('aria-pressed', String(isOn));
    }
    readout.textContent = this.#range ? this.#describe(this.#range) : this.#words.noRange;
    readout.classList.toggle('is-set', this.#range !== null);
  }

  #describe({ from, to, weakest, strongest }: Range): string {
    const format = new Intl.DateTimeFormat(formatLocale(this.#locale), {
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: 'UTC',
    });
    return `${format.formatRange(from, to)} UTC, M ${this.#number(weakest, 1)} – ${this.#number(strongest, 1)}`;
  }

  #dayName(time: number): string {
    const isNarrow = this.#ui.stage.clientWidth < 620;
    const format = new Intl.DateTimeFormat(
      formatLocale(this.#locale),
      isNarrow
        ? { day: 'numeric', month: 'numeric', timeZone: 'UTC' }
        : { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' },
    );
    return format.format(time);
  }

  #number(value: number, digits: number): string {
    const format = new Intl.NumberFormat(formatLocale(this.#locale), {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return format.format(value);
  }

  #depth(kilometres: number): string {
    return new Intl.NumberFormat(formatLocale(this.#locale), {
      style: 'unit',
      unit: 'kilometer',
      maximumFractionDigits: 1,
    }).format(kilometres);
  }

  #date(time: number): string {
    return new Intl.DateTimeFormat(formatLocale(this.#locale), {
      dateStyle: 'medium',
      timeStyle: 'medium',
      hourCycle: 'h23',
      timeZone: 'UTC',
    }).format(time);
  }
}

function midnights({ from, to }: RecordFacts): number[] {
  const first = Math.ceil(from / day) * day;
  return Array.from({ length: Math.floor((to - first) / day) + 1 }, (_, index) => first + index * day);
}

function isPreset(range: Range | null, record: RecordFacts, weakest: number): boolean {
  return (
    range !== null &&
    range.from === record.from &&
    range.to === record.to &&
    range.weakest === weakest &&
    range.strongest === magnitudeScale.max
  );
}

function build() {
  const heading = element('h1', { class: 'visually-hidden' });
  const buttons = presets.map(() => element('button', { type: 'button', 'aria-pressed': 'false' }));
  const clear = element('button', { type: 'button' });
  const readout = element('p', { class: 'readout', 'aria-live': 'polite', 'data-testid': 'range' });
  const canvas = element('canvas', {});
  const tip = element('div', { class: 'tip', hidden: '' });
  const keys = element('p', { class: 'keys', id: 'keys' });
  const legend = element('span', { class: 'legend' });
  const strip = element('span', { class: 'legend strip', hidden: '' });
  const notice = element('p', { class: 'notice', role: 'alert', hidden: '' });
  const stage = element(
    'div',
    { class: 'stage', tabindex: '0', role: 'application', 'aria-describedby': 'keys', 'data-testid': 'stage' },
    legend,
    strip,
    keys,
  );
  const bar = element('div', { class: 'bar' }, ...buttons, clear, readout);
  const root = element('main', { class: 'chart' }, heading, bar, stage, notice);
  return { root, heading, presets: buttons, clear, readout, canvas, tip, keys, legend, strip, stage, notice };
}
