import { MuntinError, type Origin } from '@muntin/core';
import type { ContainerEvents } from './container.ts';
import type { Placing } from './placing.ts';
import { canRead, loadInPlace, putBack } from './reach.ts';

const knockPauseMs = 1000;

/** A frame that somebody else has made, and that is left in its page. */
export class FoundFrame implements Placing {
  readonly origin: Origin;
  readonly begin: () => void;
  readonly #frame: HTMLIFrameElement;
  #knockTimer: ReturnType<typeof setTimeout> | undefined;

  /** `begin` is called before it is loaded for the first time. */
  constructor(frame: HTMLIFrameElement, origin: Origin, begin: () => void) {
    this.#frame = frame;
    this.origin = origin;
    this.begin = begin;
  }

  get address(): string {
    return this.#frame.src;
  }

  again(isReady: boolean): MuntinError | undefined {
    const address = this.#frame.getAttribute('src') ?? '';
    // An address of nothing is that of this page.
    if (address === '') {
      const text =
        "The frame has no src that its guest could be loaded from: set it to the guest's address, and reload() the mount";
      return new MuntinError('GUEST_NOT_LOADED', text);
    }
    if (!isReady || !loadInPlace(this.#frame, address)) putBack(this.#frame, null);
    return undefined;
  }

  /**
   * Asks the guest for a hello, until it says one: a knock is lost where nobody listens yet, or where the goodbye of an earlier mount is still
   * on its way. A frame whose document we can read still shows the blank page it began with.
   */
  knock(events: ContainerEvents): void {
    clearTimeout(this.#knockTimer);
    if (!events.isWaiting()) return;
    if (!canRead(this.#frame)) events.knock();
    this.#knockTimer = setTimeout(() => this.knock(events), knockPauseMs);
  }

  end(): void {
    clearTimeout(this.#knockTimer);
  }
}
