import type { Box } from '@quake-desk/contracts/selection';
import { geoGraticule10 } from 'd3-geo';
import { type Globe, outline } from './globe.ts';
import type { Land } from './land.ts';
import type { Palette } from './palette.ts';
import type { Mark } from './quake-store.ts';

const hour = 3_600_000;
/** For how long, in the record's time, a mark stands out after its earthquake. */
const recentMs = 12 * hour;
const recentSteps = [1, 0.8, 0.6, 0.4];
const rippleMs = 1_100;
const fullCircle = Math.PI * 2;

/** A ring that runs outward from a strong earthquake when it arrives. */
export interface Ripple {
  readonly mark: Mark;
  readonly startedAt: number;
}

export interface Scene {
  readonly globe: Globe;
  readonly marks: Iterable<Mark>;
  /** The record's clock: the time of the earthquake that arrived last. */
  readonly clock: number;
  readonly now: number;
  readonly box: Box | null;
  /** Whether the filters of the other widgets let a mark through. */
  readonly isShown: (mark: Mark) => boolean;
  readonly isInBox: (mark: Mark) => boolean;
  readonly isPicked: (mark: Mark) => boolean;
  readonly ripples: readonly Ripple[];
  readonly located: Mark | null;
  readonly scale: number;
}

/** The radius of a mark in CSS pixels: it doubles about every 1.6 magnitudes. */
export function radiusOf(magnitude: number, scale: number): number {
  return Math.max(1, 1.35 * Math.exp(0.42 * magnitude) * scale);
}

/** Draws sea, graticule, land and borders: only when the view, the size or the theme changes. */
export function paintLand(context: CanvasRenderingContext2D, globe: Globe, land: Land | null, palette: Palette): void {
  const path = globe.path(context);
  const draw = (shape: Parameters<typeof path>[0], paint: () => void): void => {
    context.beginPath();
    path(shape);
    paint();
  };
  context.fillStyle = palette.well;
  draw({ type: 'Sphere' }, () => context.fill());
  context.strokeStyle = palette.line;
  context.lineWidth = 0.5;
  draw(geoGraticule10(), () => context.stroke());
  if (!land) return;
  context.fillStyle = palette.land;
  draw(land.countries, () => context.fill());
  context.strokeStyle = palette.border;
  context.lineWidth = 0.7;
  draw(land.borders, () => context.stroke());
}

/** Draws everything that moves. One path per look, so that thousands of marks cost a handful of fills. */
export function paintMarks(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const looks = sort(scene);
  fill(context, looks.ghosts, palette.ghost, 0.35, () => 1);
  fill(context, looks.outside, palette.mark, 0.2, (mark) => radiusOf(mark.quake.magnitude, scene.scale));
  fill(context, looks.settled, palette.mark, 0.42, (mark) => radiusOf(mark.quake.magnitude, scene.scale));
  outlineStrong(context, looks.settled, palette.mark, scene.scale);
  for (let step = recentSteps.length - 1; step >= 0; step--)
    fill(context, looks.recent[step] ?? [], palette.accent, recentSteps[step] ?? 1, (mark) =>
      radiusOf(mark.quake.magnitude, scene.scale),
    );
  ring(context, looks.picked, palette.ink, (mark) => radiusOf(mark.quake.magnitude, scene.scale) + 3);
  paintRipples(context, scene, palette);
  if (scene.box) paintBox(context, scene.globe, scene.box, palette);
  if (scene.located?.isVisible) paintCrosshair(context, scene.located, palette, scene.scale);
}

interface Looks {
  readonly ghosts: Mark[];
  readonly outside: Mark[];
  readonly settled: Mark[];
  readonly recent: Mark[][];
  readonly picked: Mark[];
}

function sort({ marks, isShown, isInBox, isPicked, clock }: Scene): Looks {
  const looks: Looks = { ghosts: [], outside: [], settled: [], recent: recentSteps.map(() => []), picked: [] };
  for (const mark of marks) {
    if (!mark.isVisible) continue;
    if (!isShown(mark)) {
      looks.ghosts.push(mark);
      continue;
    }
    if (isPicked(mark)) looks.picked.push(mark);
    const age = clock - mark.quake.time;
    if (!isInBox(mark)) looks.outside.push(mark);
    else {
      looks.settled.push(mark);
      // Drawn once more, in colour, over the settled look: as the colour goes, that comes out.
      if (age >= 0 && age < recentMs) looks.recent[Math.floor((age / recentMs) * recentSteps.length)]?.push(mark);
    }
  }
  return looks;
}

function fill(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  color: string,
  alpha: number,
  radius: (mark: Mark) => number,
): void {
  if (marks.length === 0) return;
  context.beginPath();
  for (const mark of marks) {
    const r = radius(mark);
    context.moveTo(mark.x + r, mark.y);
    context.arc(mark.x, mark.y, r, 0, fullCircle);
  }
  context.globalAlpha = alpha;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

function ring(
  context: CanvasRenderingContext2D,
  marks: readonly Mark[],
  color: string,
  radius: (mark: Mark) => number,
): void {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const mark of marks) {
    const r = radius(mark);
    context.moveTo(mark.x + r, mark.y);
    context.arc(mark.x, mark.y, r, 0, fullCircle);
  }
  context.stroke();
}

function outlineStrong(context: CanvasRenderingContext2D, marks: readonly Mark[], color: string, scale: number): void {
  const strong = marks.filter((mark) => mark.quake.magnitude >= 4);
  ring(context, strong, color, (mark) => radiusOf(mark.quake.magnitude, scale));
}

function paintRipples(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  context.strokeStyle = palette.accent;
  for (const { mark, startedAt } of scene.ripples) {
    // An animation frame's time is when it began: a ripple may have started since.
    const progress = Math.max(0, (scene.now - startedAt) / rippleMs);
    if (progress >= 1 || !mark.isVisible || !scene.isShown(mark)) continue;
    const eased = 1 - (1 - progress) ** 3;
    context.globalAlpha = 1 - progress;
    context.lineWidth = 2 * (1 - progress) + 0.5;
    context.beginPath();
    context.arc(mark.x, mark.y, radiusOf(mark.quake.magnitude, scene.scale) * (1 + 2.6 * eased), 0, fullCircle);
    context.stroke();
  }
  context.globalAlpha = 1;
}

export function isRippleOver({ startedAt }: Ripple, now: number): boolean {
  return now - startedAt >= rippleMs;
}

function paintBox(context: CanvasRenderingContext2D, globe: Globe, box: Box, palette: Palette): void {
  context.beginPath();
  globe.path(context)(outline(box));
  context.globalAlpha = 0.1;
  context.fillStyle = palette.accent;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1.5;
  context.stroke();
}

function paintCrosshair(
  context: CanvasRenderingContext2D,
  { x, y, quake }: Mark,
  palette: Palette,
  scale: number,
): void {
  const r = radiusOf(quake.magnitude, scale) + 5;
  context.strokeStyle = palette.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, r, 0, fullCircle);
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(x + dx * r, y + dy * r);
    context.lineTo(x + dx * (r + 9), y + dy * (r + 9));
  }
  context.stroke();
}
