import { anyCall } from '../contract/define.ts';
import type { Served } from '../contract/types.ts';

/**
 * What one side of every extension serves first: it tells the other side that the extension is here, answers, and takes what the other side notes,
 * if anything.
 */
export function markOf(path: string, take: Served['take'] = null): Served {
  return { path, procedure: anyCall, handler: () => undefined, take };
}
