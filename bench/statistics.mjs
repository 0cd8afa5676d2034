/** @param {readonly number[]} values @param {number} part from 0 to 1 */
function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/** The interquartile range, relative to the median. @param {readonly number[]} values */
export function spread(values) {
  const middle = median(values);
  return middle === 0 ? 0 : (quantile(values, 0.75) - quantile(values, 0.25)) / middle;
}

/**
 * How many times the reference: the median over the rounds of the ratio within each.
 * @param {readonly number[]} values
 * @param {readonly number[]} reference
 */
export const inRounds = (values, reference) =>
  median(values.slice(0, reference.length).map((value, round) => value / (reference[round] ?? Number.NaN)));

/**
 * With which power of x does y grow?
 * @param {readonly (readonly [x: number, y: number])[]} points
 */
export function exponent(points) {
  const [x1, y1] = points[0] ?? [1, 1];
  const [x2, y2] = points.at(-1) ?? [1, 1];
  return Math.log(y2 / y1) / Math.log(x2 / x1);
}
