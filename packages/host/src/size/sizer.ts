import type { Client } from '@muntin/core';
import { Latest } from '@muntin/core/internal';
import type { Bounds, Fit, Report, sizing } from '@muntin/core/size';
import type { Framed } from '../framed.ts';
import { Damper } from './damper.ts';
import type { Size, Sized } from './size.ts';

type Guest = Client<(typeof sizing)['guest']>;

// In a frame without any height browsers may show nothing at all, and observe nothing.
const leastPx = 1;
const longestName = 200;

/** One side of a frame: how large it is, and how large the guest wants it to be. */
interface Side {
  readonly name: 'height' | 'width';
  readonly bounds: Bounds;
  damper: Damper;
  readonly styleBefore: { value: string };
  nextPx: number | undefined;
  isHeld: boolean;
  isClamped: boolean;
}

/** Keeps the frame of one mount as large as its guest says, within bounds. */
export class Sizer {
  readonly sized: Sized;
  readonly #fit: Pick<Fit, 'height' | 'width'>;
  readonly #guest: Guest;
  readonly #size: Latest<Size> = new Latest<Size>({
    widthPx: 0,
    heightPx: 0,
    by: 'host',
    clamped: false,
    heldBy: '',
  });
  readonly #sides: readonly (Side | undefined)[];
  #frame: HTMLIFrameElement | undefined;
  // Of the window that the frame was in when it was asked for: that one may be closed, and the frame in another.
  #drawing: { readonly view: Window; readonly id: number } | undefined;
  #hasReported = false;
  #isTold = false;
  #heldBy = '';

  constructor(fit: Pick<Fit, 'height' | 'width'>, guest: Guest) {
    this.#fit = fit;
    this.#guest = guest;
    this.sized = { size$: this.#size.changes$ };
    // In the order of a report.
    this.#sides = [this.#side('height', fit.height), this.#side('width', fit.width)];
  }

  begin({ frame, state$ }: Pick<Framed, 'frame' | 'state$'>): void {
    this.#frame = frame;
    for (const side of this.#sides) {
      if (side === undefined) continue;
      const { name, bounds, styleBefore } = side;
      styleBefore.value = frame.style[name];
      if (styleBefore.value === '') this.#apply(frame, name, Math.max(bounds[0], leastPx));
    }
    this.#tell();
    state$.subscribe({
      next: ({ name }) => {
        if (name === 'ready') this.#ask();
        else if (name !== 'unresponsive') this.#startOver();
      },
      complete: () => this.end(),
    });
  }

  /** Whatever the guest has sent. */
  report(report: unknown): void {
    if (!isReport(report) || this.#frame === undefined) return;
    this.#hasReported = true;
    for (const [index, side] of this.#sides.entries()) {
      const px = report[index];
      if (side === undefined || px === undefined) continue;
      const [min, max] = side.bounds;
      side.isClamped = px > max || px < min;
      side.damper.want(Math.min(max, Math.max(min, leastPx, Math.ceil(px))));
    }
    // Also where nothing is to be changed: who has decided may be another now.
    this.#drawSoon();
  }

  /** Another document has said nothing yet, and is judged by what it does itself. The frame stays as large as it is. */
  #startOver(): void {
    this.#hasReported = false;
    this.#heldBy = '';
    for (const side of this.#sides) {
      if (side === undefined) continue;
      side.damper.stop();
      side.damper = this.#damperOf(() => side);
      side.nextPx = undefined;
      side.isHeld = side.isClamped = false;
    }
    this.#tell();
  }

  #drawSoon(): void {
    const view = this.#view;
    if (this.#drawing?.view === view) return;
    this.#cancel();
    this.#drawing = { view, id: view.requestAnimationFrame(() => this.#draw()) };
  }

  #cancel(): void {
    this.#drawing?.view.cancelAnimationFrame(this.#drawing.id);
    this.#drawing = undefined;
  }

  get #view(): Window {
    return this.#frame?.ownerDocument.defaultView ?? window;
  }

  #ask(): void {
    this.#guest.fit({ ...this.#fit, isHeld: this.#isHeld });
  }

  get #isHeld(): boolean {
    return this.#sides.some((side) => side?.isHeld);
  }

  #side(name: 'height' | 'width', bounds: Bounds | undefined): Side | undefined {
    if (bounds === undefined) return undefined;
    const damper = this.#damperOf(() => side);
    const side: Side = {
      name,
      bounds,
      styleBefore: { value: '' },
      nextPx: undefined,
      isHeld: false,
      isClamped: false,
      damper,
    };
    return side;
  }

  #damperOf(side: () => Side): Damper {
    return new Damper({
      give: (px) => {
        side().nextPx = px;
        this.#drawSoon();
      },
      held: (isHeld) => this.#hold(side(), isHeld),
    });
  }

  #hold(side: Side, isHeld: boolean): void {
    if (side.isHeld === isHeld) return;
    side.isHeld = isHeld;
    // What the frame does not show has to be scrolled to.
    this.#ask();
    this.#tell();
    if (!isHeld) return;
    this.#guest.blame().then(
      (name: unknown) => {
        this.#heldBy = typeof name === 'string' ? name.slice(0, longestName) : '';
        this.#tell();
      },
      () => undefined, // the guest has gone, or has another `size`
    );
  }

  #draw(): void {
    this.#drawing = undefined;
    const frame = this.#frame;
    if (frame === undefined) return;
    for (const side of this.#sides) {
      if (side?.nextPx === undefined) continue;
      const px = side.nextPx;
      side.nextPx = undefined;
      this.#apply(frame, side.name, px);
      side.damper.given(px);
    }
    this.#tell();
  }

  /** Pixels are those of the page inside. */
  #apply(frame: HTMLIFrameElement, name: 'height' | 'width', px: number): void {
    const style = this.#view.getComputedStyle(frame);
    const edges = name === 'height' ? (['top', 'bottom'] as const) : (['left', 'right'] as const);
    const borders = edges.flatMap((edge) => [`padding-${edge}`, `border-${edge}-width`]);
    const outsidePx = style.boxSizing === 'border-box' ? sumOf(style, borders) : 0;
    frame.style[name] = `${px + outsidePx}px`;
  }

  #tell(): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const style = this.#view.getComputedStyle(frame);
    const next: Size = {
      widthPx: frame.clientWidth - sumOf(style, ['padding-left', 'padding-right']),
      heightPx: frame.clientHeight - sumOf(style, ['padding-top', 'padding-bottom']),
      by: this.#isHeld ? 'held' : this.#hasReported ? 'guest' : 'host',
      clamped: this.#sides.some((side) => side?.isClamped),
      heldBy: this.#isHeld ? this.#heldBy : '',
    };
    const { value } = this.#size;
    if (this.#isTold && Object.entries(next).every(([key, of]) => Reflect.get(value, key) === of)) return;
    this.#isTold = true;
    this.#size.set(next);
  }

  /** The mount is over, or has no frame. */
  end(): void {
    this.#cancel();
    for (const side of this.#sides) {
      side?.damper.stop();
      if (side !== undefined && this.#frame !== undefined) this.#frame.style[side.name] = side.styleBefore.value;
    }
    this.#frame = undefined;
    this.#size.end();
  }
}

function isReport(report: unknown): report is Report {
  return (
    Array.isArray(report) && report.length === 2 && isPixels(report[0]) && isPixels(report[1]) // by index: `every` skips holes
  );
}

function isPixels(px: unknown): boolean {
  return typeof px === 'number' && px >= 0 && px < Infinity;
}

/** What some lengths of a computed style come to, in pixels. */
function sumOf(style: CSSStyleDeclaration, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (Number.parseFloat(style.getPropertyValue(name)) || 0), 0);
}
