import { MuntinError, type Origin } from '@muntin/core';
import { type GuestEndpoint, windowEndpoint } from '@muntin/core/internal';
import type { Container, ContainerEvents } from './container.ts';
import type { Case } from './diagnosis/evidence.ts';
import { inquire } from './diagnosis/inquire.ts';

// A window tells nobody that it has been closed.
const closedPauseMs = 500;

/** A guest in a window of its own. */
export class PopupContainer implements Container {
  readonly endpoint: GuestEndpoint;
  // It has no `load` event for its opener: who may have gone elsewhere is asked for as long as it is open.
  readonly isWatched = true;
  readonly #origin: Origin;
  readonly #url: string;
  readonly #features: string;
  readonly #events: ContainerEvents;
  readonly #onHide: (event: PageTransitionEvent) => void = ({ persisted }) => {
    // Unlike a frame, the guest goes on without this page.
    if (!persisted) this.#events.hangUp();
  };
  #window: Window | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #wasOpen = false;

  constructor(origin: Origin, url: string, features: string, events: ContainerEvents) {
    this.#origin = origin;
    this.#url = url;
    this.#features = features;
    this.#events = events;
    addEventListener('pagehide', this.#onHide);
    this.endpoint = windowEndpoint(window, () => this.#window, origin);
  }

  get window(): Window | null {
    return this.#window;
  }

  load(): void {
    this.#wasOpen = false;
    if (this.#window !== null && !this.#window.closed) {
      this.#window.location.replace(this.#url);
      // An address with a fragment may load nothing: the guest that is there is asked to say hello again.
      if (this.#url.includes('#')) this.#events.knock();
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
    if (this.#window !== null) this.#timer = setInterval(() => this.#events.checkPlace(), closedPauseMs);
    else {
      const text = 'The browser has blocked the window: call open() or reload() in an event that the user has caused';
      this.#events.giveUp(new MuntinError('POPUP_BLOCKED', text, { cause }));
    }
  }

  remove(): void {
    removeEventListener('pagehide', this.#onHide);
    clearInterval(this.#timer);
    this.#window?.close();
  }

  diagnose(facts: Case): Promise<MuntinError> {
    return inquire({ what: 'window', origin: this.#origin, address: this.#url, since: 0 }, facts);
  }

  missing(): MuntinError | undefined {
    if (this.#window?.closed !== true) return undefined;
    clearInterval(this.#timer);
    const text = this.#wasOpen
      ? 'The window has been closed'
      : crossOriginIsolated
        ? "This page's Cross-Origin-Opener-Policy has cut the window off: send same-origin-allow-popups, without cross-origin isolation"
        : 'The window has been closed before it connected, or a Cross-Origin-Opener-Policy has cut it off: of this page (send same-origin-allow-popups) or of the guest (send unsafe-none)';
    return new MuntinError('POPUP_CLOSED', text);
  }

  isDormant(): boolean {
    return false;
  }

  opened(): void {
    this.#wasOpen = true;
  }

  left(): boolean {
    return false;
  }
}
