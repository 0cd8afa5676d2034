import type { Use } from '@muntin/core';
import { checkOptions } from '@muntin/core/internal';
import { sizing } from '@muntin/core/size';
import { hasStates } from '../owner.ts';
import { checkSelector } from './check-selector.ts';
import { Follower } from './follower.ts';
import { nameOf } from './name.ts';

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
    let follower: Follower | undefined;
    let isWatched = false;
    const stop = (): void => {
      follower?.stop();
      follower = undefined;
    };
    const watch = (owner: unknown): void => {
      if (isWatched || !hasStates(owner)) return;
      isWatched = true;
      owner.state$.subscribe(({ name }) => void (name === 'ready' || stop()));
    };
    return {
      fit: (fit) => {
        watch(connected.owner);
        (follower ??= new Follower(of, connected.client.report)).fit(fit);
      },
      blame: () => nameOf(follower?.lowest),
    };
  });
}
