import { type HostPart, MuntinError, type Origin } from '@muntin/core';
import {
  checkOptions,
  type Gate,
  invalidOption,
  requirePage,
  type Seen,
  show,
  windowGate,
} from '@muntin/core/internal';
import { readForeignOrigin, readUrl } from './address.ts';
import { type AnyContract, type CommonOptions, GuestMount, type Mounted } from './guest-mount.ts';
import { openKinds } from './option-kinds.ts';

/** Options of {@link open}. */
export type OpenOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> & {
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
export function open<C extends AnyContract>(contract: C, options: OpenOptions<C>): Popup<C> {
  requirePage('open()');
  checkOptions('open', options, openKinds);
  const { features = 'popup' } = options;
  if (typeof features !== 'string' || /\bno(opener|referrer)\b/i.test(features))
    throw invalidOption(
      `features is ${show(features)}: give those of window.open, without "noopener" and "noreferrer"`,
    );
  const url = readUrl(options.url);
  const popup = new PopupMount(contract, options, readForeignOrigin(url.origin, options), url.href, features);
  popup.begin();
  return popup;
}

// A window tells nobody that it has been closed.
const closedPauseMs = 500;

class PopupMount<C extends AnyContract> extends GuestMount<C> implements Popup<C> {
  readonly #url: string;
  readonly #features: string;
  readonly #onHide: (event: PageTransitionEvent) => void = ({ persisted }) => {
    // Unlike a frame, the guest goes on without this page.
    if (!persisted) this.hangUp(new MuntinError('PEER_CLOSED', 'This page goes away'));
  };
  #window: Window | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #wasOpen = false;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
    origin: Origin,
    url: string,
    features: string,
  ) {
    super(contract, options, origin);
    this.#url = url;
    this.#features = features;
  }

  get window(): Window | null {
    return this.#window;
  }

  protected gate(): Gate {
    addEventListener('pagehide', this.#onHide);
    return windowGate(window, () => this.#window, this.origin);
  }

  protected load(): void {
    this.#wasOpen = false;
    if (this.#window !== null && !this.#window.closed) {
      this.#window.location.replace(this.#url);
      // An address with a fragment may load nothing: the guest that is there is asked to say hello again.
      if (this.#url.includes('#')) this.knock();
      return;
    }
    // Never a named one: somebody else's window may have that name.
    let cause: unknown;
    try {
      this.#window = window.open(this.#url, '_blank', this.#features);
    } catch (error) {
      // Firefox throws where a sandbox forbids it.
      this.#window = null;
      cause = error;
    }
    clearInterval(this.#timer);
    if (this.#window !== null) this.#timer = setInterval(() => this.checkPlace(), closedPauseMs);
    else {
      const text = 'The browser has blocked the window: call open() or reload() in an event that the user has caused';
      this.giveUp(new MuntinError('POPUP_BLOCKED', text, { cause }));
    }
  }

  protected stop(): void {
    removeEventListener('pagehide', this.#onHide);
    clearInterval(this.#timer);
    this.#window?.close();
  }

  protected diagnose(_: Seen, timeoutMs: number, wasReady: boolean): MuntinError {
    const guest = `guest of ${show(this.origin)}`;
    return wasReady
      ? new MuntinError(
          'PEER_NAVIGATED',
          `The ${guest} left, and nothing in its window has said hello within ${timeoutMs} ms: it went to another page`,
        )
      : new MuntinError(
          'GUEST_SILENT',
          `No ${guest} has said hello within ${timeoutMs} ms: its window shows an error page, or a page that does not call expose() of "@muntin/guest/popup" with this host in "hosts"`,
        );
  }

  protected checkPlace(): void {
    if (this.#window?.closed !== true) return;
    clearInterval(this.#timer);
    const text = this.#wasOpen
      ? 'The window has been closed'
      : crossOriginIsolated
        ? "This page's Cross-Origin-Opener-Policy has cut the window off: send same-origin-allow-popups, without cross-origin isolation"
        : 'The window has been closed before it connected, or a Cross-Origin-Opener-Policy has cut it off: of this page (send same-origin-allow-popups) or of the guest (send unsafe-none)';
    this.giveUp(new MuntinError('POPUP_CLOSED', text));
  }

  protected override opened(): void {
    this.#wasOpen = true;
    this.watch();
  }

  // A window has no `load` event for its opener, so that signs of life are asked for as long as it is open: whoever has been given its
  // port and outlives its document is not heard any more when they do not come.
  protected override isWatched(): boolean {
    return true;
  }

  protected override fellSilent(): void {
    this.hold();
  }
}
