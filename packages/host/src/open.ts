import type { AddedBy, HostPart, Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, requirePage } from '@muntin/core/internal';
import { readForeignOrigin, readUrl } from './address.ts';
import { PopupContainer } from './container/popup.ts';
import { mountIn } from './mount-in.ts';
import type { AnyContract, CommonOptions, Mounted } from './mounted.ts';
import { openKinds } from './option-kinds.ts';

/** Options of {@link open}. */
export type OpenOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> &
  HostPart<C, AddedBy<List>> & {
    /** Where the guest is. Its origin is the pin: nobody else is ever talked to. Relative to the page where it is relative. */
    readonly url: string | URL;
    /** As for `window.open`, such as `'popup,width=480,height=640'`, without `noopener` and `noreferrer`. @defaultValue 'popup' */
    readonly features?: string;
  };

/** One guest in a window of its own. `unmount` closes it. */
export interface Popup<C extends AnyContract> extends Mounted<C> {
  /** The window; `null` where the browser has blocked it. */
  readonly window: Window | null;
}

/**
 * Opens a guest in a window of its own, and connects with it as `mount` does with one in a frame; its page calls `expose` of
 * `@muntin/guest/popup`. Call it in an event that the user has caused, such as a click: otherwise browsers block it, and the mount fails
 * with `POPUP_BLOCKED`. A popup has no sandbox, and like every window it may navigate the one that has opened it. Throws `INVALID_OPTION`.
 */
export function open<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: OpenOptions<C, List>,
): Popup<C> {
  requirePage('open()');
  checkOptions('open', options, openKinds);
  const { features = 'popup' } = options;
  if (typeof features !== 'string' || /\bno(opener|referrer)\b/i.test(features))
    throw invalidOption(
      `features is ${inspect(features)}: give those of window.open, without "noopener" and "noreferrer"`,
    );
  const url = readUrl(options.url);
  const origin = readForeignOrigin(url.origin, options);
  return mountIn(
    contract,
    options,
    origin,
    (events) => new PopupContainer(origin, url.href, features, events),
    (container) => ({
      get window() {
        return container.window;
      },
    }),
  );
}
