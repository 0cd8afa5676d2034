import { MuntinError } from '@muntin/core';
import { importAgain } from '@muntin/core/internal';
import type * as Loaded from './follower.ts';

let loaded: typeof Loaded | undefined;
let failed: unknown;
let attempts = 0;

/** Loads what measures and follows. Rejects with `CHUNK_NOT_LOADED` when it cannot be loaded; the next call tries again. */
export async function loadFollower(): Promise<typeof Loaded> {
  try {
    loaded ??= await (attempts === 0
      ? import('./follower.ts')
      : importAgain(() => import('./follower.ts'), failed, attempts));
    return loaded;
  } catch (cause) {
    attempts++;
    failed = cause;
    throw new MuntinError('CHUNK_NOT_LOADED', 'The part of size that measures could not be loaded', { cause });
  }
}
