import type { Arrival } from '@quake-desk/contracts/arrival';
import type { Range } from '@quake-desk/contracts/selection';
import type { Palette } from './palette.ts';

const hour = 3_600_000;
const recentMs = 12 * hour;
const recentSteps = [1, 0.8, 0.6, 0.4];
const fullCircle = Math.PI * 2;
const binMs = 3 * hour;

/** Below this magnitude the chart has no marks; the strip under it counts events. */
export const leastMagnitude = -1;
export const magnitudeScale = { min: -3.2, max: 7 };
/** Where the strip's bars end at the top. */
export const stripTop = -1.9;

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly x: (time: number) => number;
  readonly y: (magnitude: number) => number;
  readonly from: number;
  readonly to: number;
  readonly quakes: Iterable<Arrival>;
  /** The record's clock: the time of the earthquake that arrived last. */
  readonly clock: number;
  readonly range: Range | null;
  /** Whether the filters of the other widgets let an earthquake through. */
  readonly isShown: (quake: Arrival) => boolean;
  readonly isInRange: (quake: Arrival) => boolean;
  readonly isPicked: (quake: Arrival) => boolean;
  readonly located: Arrival | null;
  readonly scale: number;
}

export function radiusOf(magnitude: number, scale: number): number {
  return (1.5 + Math.max(0, magnitude) ** 1.5 * 0.4) * scale;
}

interface Looks {
  readonly ghosts: Arrival[];
  readonly outside: Arrival[];
  readonly settled: Arrival[];
  readonly recent: Arrival[][];
  readonly picked: Arrival[];
  readonly bins: Uint32Array;
}

export function paint(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  context.clearRect(0, 0, scene.width, scene.height);
  const looks = sort(scene);
  paintBins(context, scene, looks.bins, palette);
  fill(context, scene, looks.ghosts, palette.ghost, 0.35, () => 1);
  fill(context, scene, looks.outside, palette.mark, 0.2);
  fill(context, scene, looks.settled, palette.mark, 0.5);
  for (let step = recentSteps.length - 1; step >= 0; step--)
    fill(context, scene, looks.recent[step] ?? [], palette.accent, recentSteps[step] ?? 1);
  ring(context, scene, looks.picked, palette.ink, 3, 1.5);
  if (scene.clock > 0) paintClock(context, scene, palette);
  if (scene.range) paintRange(context, scene, scene.range, palette);
  if (scene.located) ring(context, scene, [scene.located], palette.ink, 6, 2.5);
}

function sort({ quakes, isShown, isInRange, isPicked, clock, from, to }: Scene): Looks {
  const bins = new Uint32Array(Math.ceil((to - from) / binMs));
  const looks: Looks = { ghosts: [], outside: [], settled: [], recent: recentSteps.map(() => []), picked: [], bins };
  for (const quake of quakes) {
    if (!isShown(quake)) {
      looks.ghosts.push(quake);
      continue;
    }
    const bin = Math.floor((quake.time - from) / binMs);
    bins[bin] = (bins[bin] ?? 0) + 1;
    if (isPicked(quake)) looks.picked.push(quake);
    const age = clock - quake.time;
    if (!isInRange(quake)) looks.outside.push(quake);
    else {
      looks.settled.push(quake);
      // Drawn once more, in colour, over the settled look: as the colour goes, that comes out.
      if (age >= 0 && age < recentMs) looks.recent[Math.floor((age / recentMs) * recentSteps.length)]?.push(quake);
    }
  }
  return looks;
}

function paintBins(
  context: CanvasRenderingContext2D,
  { x, y, from, height }: Scene,
  bins: Uint32Array,
  palette: Palette,
): void {
  const most = Math.max(1, ...bins);
  const full = height - y(stripTop);
  context.globalAlpha = 0.55;
  context.fillStyle = palette.mark;
  for (const [index, count] of bins.entries()) {
    const left = x(from + index * binMs) + 0.5;
    const tall = (count / most) * full;
    context.fillRect(left, height - tall, Math.max(1, x(from + (index + 1) * binMs) - left - 0.5), tall);
  }
  context.globalAlpha = 1;
}

function trace(
  context: CanvasRenderingContext2D,
  { x, y }: Scene,
  quakes: readonly Arrival[],
  radius: (quake: Arrival) => number,
): void {
  context.beginPath();
  for (const quake of quakes) {
    const [left, top, r] = [x(quake.time), y(quake.magnitude), radius(quake)];
    context.moveTo(left + r, top);
    context.arc(left, top, r, 0, fullCircle);
  }
}

function fill(
  context: CanvasRenderingContext2D,
  scene: Scene,
  quakes: readonly Arrival[],
  color: string,
  alpha: number,
  radius: (quake: Arrival) => number = ({ magnitude }) => radiusOf(magnitude, scene.scale),
): void {
  if (quakes.length === 0) return;
  trace(context, scene, quakes, radius);
  context.globalAlpha = alpha;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

function ring(
  context: CanvasRenderingContext2D,
  scene: Scene,
  quakes: readonly Arrival[],
  color: string,
  gap: number,
  width: number,
): void {
  trace(context, scene, quakes, ({ magnitude }) => radiusOf(magnitude, scene.scale) + gap);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

function paintClock(context: CanvasRenderingContext2D, { x, clock, height }: Scene, palette: Palette): void {
  const left = Math.round(x(clock)) + 0.5;
  context.strokeStyle = palette.accent;
  context.fillStyle = palette.accent;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, 0);
  context.lineTo(left, height);
  context.stroke();
  context.beginPath();
  context.moveTo(left - 4.5, 0);
  context.lineTo(left + 4.5, 0);
  context.lineTo(left, 6);
  context.fill();
}

function paintRange(context: CanvasRenderingContext2D, { x, y }: Scene, range: Range, palette: Palette): void {
  const [left, top] = [x(range.from), y(range.strongest)];
  const [width, height] = [x(range.to) - left, y(range.weakest) - top];
  context.globalAlpha = 0.1;
  context.fillStyle = palette.accent;
  context.fillRect(left, top, width, height);
  context.globalAlpha = 1;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  context.strokeRect(left, top, width, height);
}
