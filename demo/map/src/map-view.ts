import type { Arrival } from '@quake-desk/contracts/arrival';
import type { DeskContext, Locale } from '@quake-desk/contracts/context';
import { Frames } from '@quake-desk/contracts/frames';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import { type Box, isInBox, nothingSelected, type Selection, selectionFilter } from '@quake-desk/contracts/selection';
import type { WidgetStatus } from '@quake-desk/contracts/widget-status';
import { map, type Observable, Subject, timer } from 'rxjs';
import { attachBrush } from './brush.ts';
import { element, fragment } from './element.ts';
import { Globe } from './globe.ts';
import { type Land, loadLand } from './land.ts';
import { isRippleOver, paintLand, paintMarks, type Ripple, radiusOf } from './painter.ts';
import { type Palette, readPalette } from './palette.ts';
import { type Mark, QuakeStore } from './quake-store.ts';
import { regionBoxes, type Words, words } from './words.ts';

const maxRipples = 24;
const ownBoxMs = 250;
const locatedMs = 6_000;
// A frame is not always told that the pointer has left it.
const tipMs = 5_000;

/** The map: it draws what it was given and says which box its reader chose. Knows nothing of frames. */
export class MapView {
  readonly box$: Observable<Box | null>;
  readonly status$: Observable<WidgetStatus>;

  readonly #boxes = new Subject<Box | null>();
  readonly #store = new QuakeStore(8_192);
  readonly #ui: ReturnType<typeof build>;
  readonly #isDragging: () => boolean;
  readonly #motion = matchMedia('(prefers-reduced-motion: reduce)');
  #globe = new Globe(600, 300, null);
  #palette: Palette;
  #land: Land | null = null;
  #words: Words = words.en;
  #locale: Locale = 'en';
  #selection: Selection = nothingSelected;
  #isShown: (quake: Arrival) => boolean = () => true;
  #picks = new Set<string>();
  #box: Box | null = null;
  #boxChangedAt = -Infinity;
  #view: Box | null = null;
  #ripples: Ripple[] = [];
  #located: { mark: Mark; until: number } | null = null;
  #clock = 0;
  #arrived = 0;
  #isLandStale = true;
  readonly #frames = new Frames((now) => this.#draw(now));
  #tipTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(into: HTMLElement) {
    this.#ui = build();
    into.append(this.#ui.root);
    this.#palette = readPalette(document.documentElement);
    this.box$ = this.#boxes.asObservable();
    this.status$ = timer(0, 500).pipe(map(() => this.#status()));
    this.#isDragging = attachBrush({
      element: this.#ui.stage,
      globe: () => this.#globe,
      box: () => this.#box,
      setBox: (box) => this.#chooseBox(box),
    });
    this.#listen();
    this.#write();
    void loadLand().then(
      (land) => {
        this.#land = land;
        this.#refreshLand();
      },
      (thrown: unknown) => this.say(thrown),
    );
  }

  add(quake: Arrival): void {
    const { mark, isNew } = this.#store.add(quake);
    this.#arrived++;
    this.#clock = quake.time;
    if (isNew) this.#place(mark);
    const now = performance.now();
    if (
      quake.magnitude >= 3.5 &&
      now - mark.arrivedAt > 2_000 &&
      this.#ripples.length < maxRipples &&
      !this.#motion.matches
    )
      this.#ripples.push({ mark, startedAt: now });
    mark.arrivedAt = now;
    this.#frames.schedule();
  }

  setSelection(selection: Selection): void {
    this.#selection = selection;
    this.#isShown = selectionFilter(selection, 'box') ?? (() => true);
    this.#picks = new Set(selection.picks);
    this.#adoptBox();
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
    this.#refreshLand();
  }

  /** Brings one earthquake into view and marks it for a while; `false` when it has not arrived yet. */
  locate(id: string): boolean {
    const mark = this.#store.get(id);
    if (!mark) return false;
    if (!mark.isVisible) this.#setView(null);
    this.#located = { mark, until: performance.now() + locatedMs };
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
    for (const { quake } of this.#store.values()) if (this.#isShown(quake)) shown++;
    return { arrived: this.#arrived, held: this.#store.size, shown };
  }

  #listen(): void {
    const { stage, region, zoom, clear } = this.#ui;
    // It is called once at the start too, but never while the frame is out of view; nothing here waits for it.
    new ResizeObserver(() => this.#resize()).observe(stage);
    region.addEventListener('change', () => {
      const [west, south, east, north] = regionBoxes[Number(region.value)] ?? [];
      const isBox = west !== undefined && south !== undefined && east !== undefined && north !== undefined;
      this.#chooseBox(isBox ? { west, south, east, north } : null);
    });
    zoom.addEventListener('click', () => this.#setView(this.#view ? null : this.#box));
    clear.addEventListener('click', () => this.#chooseBox(null));
    stage.addEventListener('pointermove', (event) => this.#hover(event));
    stage.addEventListener('pointerleave', () => this.#hideTip());
    addEventListener('resize', () => this.#resize());
  }

  #chooseBox(box: Box | null): void {
    this.#box = box;
    this.#boxChangedAt = performance.now();
    this.#boxes.next(box);
    this.#writeBox();
    this.#frames.schedule();
  }

  /** Takes over the desk's box; not while the reader's own hand is ahead of what the desk has heard. */
  #adoptBox(): void {
    const quietFor = performance.now() - this.#boxChangedAt;
    if (this.#isDragging() || quietFor < ownBoxMs) {
      setTimeout(() => this.#adoptBox(), ownBoxMs);
      return;
    }
    this.#box = this.#selection.box;
    this.#writeBox();
    this.#frames.schedule();
  }

  #setView(view: Box | null): void {
    this.#view = view;
    this.#resize();
    this.#writeBox();
  }

  #resize(): void {
    const { stage, land, marks } = this.#ui;
    const width = Math.max(40, stage.clientWidth);
    const height = Math.max(40, stage.clientHeight);
    const ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [land, marks]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext('2d')?.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.#globe = new Globe(width, height, this.#view);
    for (const mark of this.#store.values()) this.#place(mark);
    this.#sizeLegend();
    this.#refreshLand();
  }

  #place(mark: Mark): void {
    const point = this.#globe.locate(mark.quake.longitude, mark.quake.latitude);
    mark.isVisible = point !== null;
    if (point) [mark.x, mark.y] = point;
  }

  #refreshLand(): void {
    this.#isLandStale = true;
    this.#frames.schedule();
  }

  #draw(now: number): void {
    const marks = this.#ui.marks.getContext('2d');
    const land = this.#ui.land.getContext('2d');
    if (!marks || !land) return;
    const { clientWidth: width, clientHeight: height } = this.#ui.stage;
    if (this.#isLandStale) {
      land.clearRect(0, 0, width, height);
      paintLand(land, this.#globe, this.#land, this.#palette);
      this.#isLandStale = false;
    }
    this.#ripples = this.#ripples.filter((ripple) => !isRippleOver(ripple, now));
    if (this.#located && this.#located.until <= now) this.#located = null;
    marks.clearRect(0, 0, width, height);
    const box = this.#box;
    paintMarks(
      marks,
      {
        globe: this.#globe,
        marks: this.#store.values(),
        clock: this.#clock,
        now,
        box,
        isShown: ({ quake }) => this.#isShown(quake),
        isInBox: ({ quake }) => !box || isInBox(quake, box),
        isPicked: ({ quake }) => this.#picks.has(quake.id),
        ripples: this.#ripples,
        located: this.#located?.mark ?? null,
        scale: this.#scale(),
      },
      this.#palette,
    );
    if (this.#ripples.length > 0) this.#frames.schedule();
  }

  /** Small maps get smaller marks. */
  #scale(): number {
    return Math.min(1.15, Math.max(0.62, Math.sqrt(this.#ui.stage.clientWidth / 900)));
  }

  #hover(event: PointerEvent): void {
    if (this.#isDragging()) return this.#hideTip();
    const { left, top } = this.#ui.stage.getBoundingClientRect();
    const mark = this.#nearest(event.clientX - left, event.clientY - top);
    if (!mark) return this.#hideTip();
    const { tip, stage } = this.#ui;
    tip.replaceChildren(
      element('strong', {}, `M ${this.#number(mark.quake.magnitude, 1)}`),
      element('span', { lang: 'en' }, mark.quake.place),
      element('span', {}, `${this.#date(mark.quake.time)} · ${this.#words.depth} ${this.#depth(mark.quake.depth)}`),
    );
    tip.hidden = false;
    clearTimeout(this.#tipTimer);
    this.#tipTimer = setTimeout(() => this.#hideTip(), tipMs);
    const x = Math.min(Math.max(mark.x + 12, 4), stage.clientWidth - tip.offsetWidth - 4);
    const y = mark.y + 14 + tip.offsetHeight > stage.clientHeight ? mark.y - tip.offsetHeight - 10 : mark.y + 14;
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  #hideTip(): void {
    this.#ui.tip.hidden = true;
  }

  #nearest(x: number, y: number): Mark | null {
    let best: Mark | null = null;
    let least = Infinity;
    for (const mark of this.#store.values()) {
      if (!mark.isVisible || !this.#isShown(mark.quake)) continue;
      const reach = radiusOf(mark.quake.magnitude, this.#scale()) + 3;
      const away = Math.hypot(mark.x - x, mark.y - y) - reach;
      if (away < 0 && away + reach < least) {
        best = mark;
        least = away + reach;
      }
    }
    return best;
  }

  #write(): void {
    const { ui, text } = { ui: this.#ui, text: this.#words };
    document.title = text.map;
    ui.heading.textContent = text.map;
    ui.stage.setAttribute('aria-label', text.map);
    ui.keys.textContent = text.keys;
    ui.regionLabel.textContent = text.region;
    ui.region.replaceChildren(
      element('option', { value: '' }, text.everywhere),
      ...text.regions.map((name, index) => element('option', { value: String(index) }, name)),
    );
    ui.clear.textContent = text.clear;
    ui.recent.textContent = text.recent;
    ui.scale.setAttribute('aria-label', text.magnitude);
    this.#sizeLegend();
    this.#writeBox();
  }

  #writeBox(): void {
    const { zoom, clear, readout, region } = this.#ui;
    zoom.textContent = this.#view ? this.#words.zoomOut : this.#words.zoomIn;
    zoom.disabled = this.#view === null && this.#box === null;
    clear.disabled = this.#box === null;
    readout.textContent = this.#box ? this.#describe(this.#box) : this.#words.noBox;
    readout.classList.toggle('is-set', this.#box !== null);
    const index = regionBoxes.findIndex(
      ([west, south, east, north]) =>
        this.#box?.west === west && this.#box.south === south && this.#box.east === east && this.#box.north === north,
    );
    region.value = index < 0 ? '' : String(index);
  }

  #describe({ west, south, east, north }: Box): string {
    return `${this.#longitude(west)} – ${this.#longitude(east)}, ${this.#latitude(south)} – ${this.#latitude(north)}`;
  }

  #longitude(degrees: number): string {
    return `${this.#number(Math.abs(degrees), 1)}° ${degrees < 0 ? this.#words.west : this.#words.east}`;
  }

  #latitude(degrees: number): string {
    return `${this.#number(Math.abs(degrees), 1)}° ${degrees < 0 ? this.#words.south : this.#words.north}`;
  }

  #sizeLegend(): void {
    this.#ui.scale.replaceChildren(
      ...[2, 4, 6].map((magnitude) => {
        const dot = element('span', { class: 'dot' });
        const size = `${radiusOf(magnitude, this.#scale()) * 2}px`;
        dot.style.width = size;
        dot.style.height = size;
        return fragment(dot, element('span', {}, `M ${this.#number(magnitude, 0)}`));
      }),
    );
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
    const style = { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23', timeZone: 'UTC' } as const;
    return `${new Intl.DateTimeFormat(formatLocale(this.#locale), style).format(time)} UTC`;
  }
}

function build() {
  const heading = element('h1', { class: 'visually-hidden' });
  const region = element('select', { id: 'region' });
  const regionLabel = element('label', { for: 'region' });
  const zoom = element('button', { type: 'button' });
  const clear = element('button', { type: 'button' });
  const readout = element('p', { class: 'readout', 'aria-live': 'polite', 'data-testid': 'box' });
  const land = element('canvas', {});
  const marks = element('canvas', {});
  const tip = element('div', { class: 'tip', hidden: '' });
  const keys = element('p', { class: 'keys', id: 'keys' });
  const scale = element('div', { class: 'scale', role: 'img' });
  const recent = element('span', {});
  const notice = element('p', { class: 'notice', role: 'alert', hidden: '' });
  const legend = element('div', { class: 'legend' }, scale, element('span', { class: 'swatch' }), recent);
  const stage = element(
    'div',
    { class: 'stage', tabindex: '0', role: 'application', 'aria-describedby': 'keys', 'data-testid': 'stage' },
    land,
    marks,
    legend,
    tip,
    keys,
  );
  const bar = element('div', { class: 'bar' }, regionLabel, region, zoom, clear, readout);
  const root = element('main', { class: 'map' }, heading, bar, stage, notice);
  return {
    root,
    heading,
    region,
    regionLabel,
    zoom,
    clear,
    readout,
    land,
    marks,
    stage,
    tip,
    keys,
    scale,
    recent,
    notice,
  };
}
