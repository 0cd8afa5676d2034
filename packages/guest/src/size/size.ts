import type { Use } from '@muntin/core';
import { checkOptions } from '@muntin/core/internal';
import { sizing } from '@muntin/core/size';
import { hasStates } from '../owner.ts';
import { checkSelector } from './check-selector.ts';
import type { Follower } from './follower.ts';
import { loadFollower } from './load-follower.ts';

/** Options of {@link size}. */
export interface SizeOptions {
  /**
   * A CSS selector of the element at whose bottom edge the content ends; what is below it, or hangs out of it, does not count. Where no
   * such element is, the whole document counts. @defaultValue the whole document
   */
  readonly of?: string;
}

/**
 * Tells the host how large the content of this page is, for a host that uses `size` of `@muntin/host/size`: `use: [size()]` in `expose`.
 * Other hosts change nothing: nothing is measured and nothing is sent. While the host gives the page all the height that it needs, its root
 * has no vertical scroll bar. Throws `INVALID_OPTION`.
 */
export function size(options: SizeOptions = {}): Use {
  checkOptions('size', options, { of: 'string' });
  const { of } = options;
  checkSelector(of);
  return sizing.onGuest((connected) => {
    // Beside the handshake: what measures is needed as soon as a host asks for it, and not before a host can call. Who asks then hears of a failure.
    loadFollower().catch(() => undefined);
    let follower: Follower | undefined;
    let isWatched = false;
    let isWanted = false;
    const stop = (): void => {
      isWanted = false;
      follower?.stop();
      follower = undefined;
    };
    const watch = (owner: unknown): void => {
      if (isWatched || !hasStates(owner)) return;
      isWatched = true;
      owner.state$.subscribe(({ name }) => void (name === 'ready' || stop()));
    };
    return {
      fit: async (fit) => {
        watch(connected.owner);
        isWanted = true;
        const loaded = await loadFollower();
        // The guest may have ended meanwhile.
        if (isWanted) (follower ??= new loaded.Follower(of, connected.client.report)).fit(fit);
      },
      blame: () => follower?.blame() ?? '',
    };
  });
}
