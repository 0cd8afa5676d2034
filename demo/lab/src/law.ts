import type { Fit } from '@quake-desk/contracts/reader';

/** Magnitudes are told in tenths. */
const step = 0.1;
/** The fullest class is a little below what networks record completely (Woessner and Wiemer, 2005). */
const correction = 0.2;
const least = 25;

/**
 * Fits the law of Gutenberg and Richter: the number of earthquakes falls by the power of ten with their magnitude. By maximum likelihood
 * (Aki, 1965; Utsu, 1966) over those that are strong enough to be recorded completely. `null` where they are too few.
 */
export function fit(magnitudes: Float64Array): Fit | null {
  const classes = new Map<number, number>();
  for (const magnitude of magnitudes) {
    const at = Math.round(magnitude / step);
    classes.set(at, (classes.get(at) ?? 0) + 1);
  }
  const [fullest] = [...classes].reduce<readonly [number, number]>(
    (best, one) => (one[1] > best[1] ? one : best),
    [0, 0],
  );
  const complete = fullest * step + correction;
  const strong = magnitudes.filter((magnitude) => magnitude >= complete - step / 2);
  const count = strong.length;
  if (count < least) return null;
  const mean = strong.reduce((sum, magnitude) => sum + magnitude, 0) / count;
  const b = Math.LOG10E / (mean - (complete - step / 2));
  return { a: Math.log10(count) + b * complete, b, error: b / Math.sqrt(count), complete, count };
}
