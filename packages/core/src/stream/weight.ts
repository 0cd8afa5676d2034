import { bytesOf, isRecord } from '../link/budget.ts';

// What the place of a value in a queue takes, whatever the value.
const perValue = 64;
// A key, and a number, a reference, or the header of a string.
const perNode = 16;

/**
 * About how many bytes of memory a value holds that waits: an estimate that is quick and never too small by much. Counts no further than `most`.
 */
export function weigh(value: unknown, most: number): number {
  if (typeof value === 'string') return perValue + value.length * 2;
  if (typeof value !== 'object' || value === null) return perValue;
  // Most values are one object of texts and numbers: nothing is made for them.
  if (!isRecord(value)) return perValue + bytesOf(value, most);
  let bytes = perValue;
  for (const key in value) {
    const part = value[key];
    bytes += perNode;
    if (typeof part === 'string') bytes += part.length * 2;
    else if (typeof part === 'object' && part !== null) return perValue + bytesOf(value, most);
  }
  return bytes;
}
