import type { Range } from '@quake-desk/contracts/selection';

/** What the brush needs from the chart around it. */
export interface BrushSurface {
  /** The element with the keyboard focus. */
  readonly element: HTMLElement;
  /** The plotting area, without the axes. */
  readonly area: HTMLElement;
  /** All of the chart, as a range. */
  readonly bounds: () => Range;
  readonly timeAt: (x: number) => number;
  readonly magnitudeAt: (y: number) => number;
  readonly range: () => Range | null;
  readonly setRange: (range: Range | null) => void;
}

const clickPx = 4;
// A finger that means to scroll the page moves a little before the browser takes over.
const touchPx = 12;

/** Lets a pointer draw a range and the keyboard place, move and size one. Returns whether a drag is going on. */
export function attachBrush(surface: BrushSurface): () => boolean {
  const { element, area } = surface;
  let start: readonly [number, number] | null = null;
  let isDragging = false;
  let before: Range | null = null;

  const pointOf = (event: PointerEvent): readonly [number, number] => {
    const { left, top } = area.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  area.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    start = pointOf(event);
    before = surface.range();
    area.setPointerCapture(event.pointerId);
  });
  area.addEventListener('pointermove', (event) => {
    if (!start || !event.isPrimary) return;
    const end = pointOf(event);
    const least = event.pointerType === 'touch' ? touchPx : clickPx;
    if (!isDragging && Math.hypot(end[0] - start[0], end[1] - start[1]) < least) return;
    isDragging = true;
    surface.setRange(between(surface, start, end));
  });
  area.addEventListener('pointerup', () => {
    if (start && !isDragging && surface.range()) surface.setRange(null);
    start = null;
    isDragging = false;
  });
  area.addEventListener('pointercancel', () => {
    if (isDragging) surface.setRange(before);
    start = null;
    isDragging = false;
  });
  element.addEventListener('keydown', (event) => {
    if (onKey(surface, event)) event.preventDefault();
  });
  return () => isDragging;
}

function between(surface: BrushSurface, start: readonly [number, number], end: readonly [number, number]): Range {
  return within(surface.bounds(), {
    from: surface.timeAt(Math.min(start[0], end[0])),
    to: surface.timeAt(Math.max(start[0], end[0])),
    weakest: surface.magnitudeAt(Math.max(start[1], end[1])),
    strongest: surface.magnitudeAt(Math.min(start[1], end[1])),
  });
}

function within(bounds: Range, { from, to, weakest, strongest }: Range): Range {
  return {
    from: Math.round(Math.max(bounds.from, from)),
    to: Math.round(Math.min(bounds.to, to)),
    weakest: Math.max(bounds.weakest, Math.round(weakest * 10) / 10),
    strongest: Math.min(bounds.strongest, Math.round(strongest * 10) / 10),
  };
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function onKey(surface: BrushSurface, event: KeyboardEvent): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const range = surface.range();
  if (event.key === 'Escape') {
    if (range) surface.setRange(null);
    return range !== null;
  }
  if (event.key === 'Enter') {
    if (!range) surface.setRange(middle(surface.bounds()));
    return true;
  }
  const arrow = Object.hasOwn(arrows, event.key) ? arrows[event.key] : undefined;
  if (!arrow) return false;
  if (!range) surface.setRange(middle(surface.bounds()));
  else surface.setRange(event.shiftKey ? size(surface.bounds(), range, arrow) : move(surface.bounds(), range, arrow));
  return true;
}

const hour = 3_600_000;
const magnitudeStep = 0.2;
const timeStep = 4 * hour;

function middle({ from, to }: Range): Range {
  const span = to - from;
  return { from: Math.round(from + span * 0.4), to: Math.round(from + span * 0.6), weakest: 2, strongest: 5 };
}

function move(bounds: Range, range: Range, [dx, dy]: readonly [number, number]): Range {
  const time = clamp(dx * timeStep, bounds.from - range.from, bounds.to - range.to);
  const magnitude = clamp(dy * magnitudeStep, bounds.weakest - range.weakest, bounds.strongest - range.strongest);
  return within(bounds, {
    from: range.from + time,
    to: range.to + time,
    weakest: range.weakest + magnitude,
    strongest: range.strongest + magnitude,
  });
}

/** The right edge follows left and right, the upper edge up and down. */
function size(bounds: Range, range: Range, [dx, dy]: readonly [number, number]): Range {
  return within(bounds, {
    ...range,
    to: Math.max(range.from + hour, range.to + dx * timeStep),
    strongest: Math.max(range.weakest + magnitudeStep, range.strongest + dy * magnitudeStep),
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
