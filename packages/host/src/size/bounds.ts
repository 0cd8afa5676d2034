import { inspect, invalidOption } from '@muntin/core/internal';
import type { Bounds } from '@muntin/core/size';

const mostPx = 20_000;

/** The bounds of one side, from two options. Throws `INVALID_OPTION`. */
export function readBounds(minName: string, min = 0, maxName: string, max: number = mostPx): Bounds {
  for (const [name, px] of [
    [minName, min],
    [maxName, max],
  ] as const)
    if (!(px >= 0 && px <= 1_000_000)) throw invalidOption(`${name} is ${inspect(px)}: give pixels from 0 to 1000000`);
  if (min > max) throw invalidOption(`${minName} is ${min}, more than ${maxName}, which is ${max}: exchange them`);
  return [min, max];
}
