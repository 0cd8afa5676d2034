import type { Box } from '@quake-desk/contracts/selection';
import { clamp, type Globe, span, wrap } from './globe.ts';

/** What the brush needs from the map around it. */
export interface BrushSurface {
  readonly element: HTMLElement;
  readonly globe: () => Globe;
  readonly box: () => Box | null;
  readonly setBox: (box: Box | null) => void;
}

const clickPx = 4;
// A finger that means to scroll the page moves a little before the browser takes over.
const touchPx = 12;

/** Lets a pointer draw a box and the keyboard place, move and size one. Returns whether a drag is going on. */
export function attachBrush(surface: BrushSurface): () => boolean {
  const { element } = surface;
  let start: readonly [number, number] | null = null;
  let isDragging = false;
  let before: Box | null = null;

  const pointOf = (event: PointerEvent): readonly [number, number] => {
    const { left, top } = element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    start = pointOf(event);
    before = surface.box();
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (!start || !event.isPrimary) return;
    const end = pointOf(event);
    const least = event.pointerType === 'touch' ? touchPx : clickPx;
    if (!isDragging && Math.hypot(end[0] - start[0], end[1] - start[1]) < least) return;
    isDragging = true;
    surface.setBox(surface.globe().boxBetween(start, end));
  });
  element.addEventListener('pointerup', () => {
    if (start && !isDragging && surface.box()) surface.setBox(null);
    start = null;
    isDragging = false;
  });
  element.addEventListener('pointercancel', () => {
    if (isDragging) surface.setBox(before);
    start = null;
    isDragging = false;
  });
  element.addEventListener('keydown', (event) => {
    if (onKey(surface, event)) event.preventDefault();
  });
  return () => isDragging;
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function onKey(surface: BrushSurface, event: KeyboardEvent): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const globe = surface.globe();
  const box = surface.box();
  if (event.key === 'Escape') {
    if (!box) return false;
    surface.setBox(null);
    return true;
  }
  if (event.key === 'Enter') {
    if (!box) surface.setBox(middle(surface));
    return true;
  }
  const arrow = Object.hasOwn(arrows, event.key) ? arrows[event.key] : undefined;
  if (!arrow) return false;
  if (!box) surface.setBox(middle(surface));
  else
    surface.setBox(
      event.shiftKey ? size(globe, box, arrow, stepOf(surface)) : move(globe, box, arrow, stepOf(surface)),
    );
  return true;
}

/** A sixtieth of the width in view, five degrees at most: less when zoomed. */
function stepOf({ globe, element }: BrushSurface): number {
  const middleY = element.clientHeight / 2;
  const [left] = globe().pointAt(0, middleY);
  const [right] = globe().pointAt(element.clientWidth, middleY);
  return clamp((right - left) / 60, 0.1, 5);
}

function middle({ globe, element }: BrushSurface): Box {
  const { clientWidth: width, clientHeight: height } = element;
  return globe().boxBetween([width * 0.4, height * 0.35], [width * 0.6, height * 0.65]);
}

function move(globe: Globe, box: Box, [dx, dy]: readonly [number, number], step: number): Box {
  const width = span(box);
  const height = box.north - box.south;
  const left = clamp(wrap(box.west - globe.centre) + dx * step, -180, 180 - width);
  const south = clamp(box.south + dy * step, -90, 90 - height);
  return globe.box(left, south, Math.min(left + width, 179.99), south + height);
}

/** The right edge follows left and right, the upper edge up and down. */
function size(globe: Globe, box: Box, [dx, dy]: readonly [number, number], step: number): Box {
  const left = wrap(box.west - globe.centre);
  const right = clamp(left + span(box) + dx * step, left + step / 2, 179.9);
  const north = clamp(box.north + dy * step, box.south + step / 2, 90);
  return globe.box(left, box.south, right, north);
}
