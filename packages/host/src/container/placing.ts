import type { MuntinError, Origin } from '@muntin/core';
import { nanoid } from '@muntin/core/internal';
import type { ContainerEvents } from './container.ts';
import { loadInPlace, putBack } from './reach.ts';

/** How a frame comes to be in its page, and how its guest is loaded there. */
export interface Placing {
  /** Where the guest is loaded from, as far as that is known. */
  readonly address: string | undefined;
  /** The origin that the guest comes from, which it does not have where it is opaque. */
  readonly origin: Origin | 'null';
  /** What the latest document was given, where its origin pins nothing. */
  readonly secret?: (() => string) | undefined;
  /** Puts the frame into the page, where it is not there. */
  insert?(): void;
  /** Before it is loaded for the first time. */
  begin?(): void;
  /**
   * Loads what is there once more, without an entry in the history of the tab: a guest that `isReady` in its window. Any other in a window of
   * its own: until the server answers, its document would live on, its hello be welcomed, and what waits for the next one be lost with it.
   * Answers why that cannot be.
   */
  again(isReady: boolean): MuntinError | undefined;
  /** A document is about to come, or has come: it is asked for a hello where it may not know of this page. */
  knock?(events: ContainerEvents): void;
  /** The document goes away. True: another was loaded in its place, since each secret is for one. */
  renew?(): boolean;
  /** The mount is over. */
  end(): void;
}

/** What a frame shows, and whose it is. */
export interface Page {
  readonly address?: string;
  readonly srcdoc?: string;
  readonly pin: Origin | 'null';
}

/** A frame that a mount has made, for a place in the page. */
export class OwnFrame implements Placing {
  readonly secret: (() => string) | undefined;
  readonly #frame: HTMLIFrameElement;
  readonly #page: Page;
  readonly #into: Node;
  #secret = '';

  constructor(frame: HTMLIFrameElement, page: Page, into: Node, isOpaque: boolean) {
    this.#frame = frame;
    this.#page = page;
    this.#into = into;
    this.secret = isOpaque ? () => this.#secret : undefined;
  }

  get address(): string | undefined {
    return this.#page.address;
  }

  get origin(): Origin | 'null' {
    return this.#page.pin;
  }

  /**
   * Puts the frame into the page, once more where it is there already: with a window of its own. Whoever has a hand on the one before, and
   * whatever is on its way from there, is nobody then; and an address with a fragment, which alone would load nothing, is loaded.
   */
  insert(): void {
    const frame = this.#frame;
    const { address = '', srcdoc } = this.#page;
    putBack(frame, this.#into, () => {
      this.#secret = nanoid();
      // What is in front of a doctype hides it, but the text of a frame needs none to be in standards mode (HTML Standard, "initial").
      if (srcdoc !== undefined) frame.srcdoc = `<meta name="muntin" content="${this.#secret}">${srcdoc}`;
      else frame.src = this.secret === undefined ? address : `${address}#muntin=${this.#secret}`;
    });
  }

  again(isReady: boolean): undefined {
    const { address = '' } = this.#page;
    if (!isReady || this.secret !== undefined || !loadInPlace(this.#frame, address)) this.insert();
  }

  renew(): boolean {
    if (this.secret === undefined) return false;
    this.insert();
    return true;
  }

  end(): void {
    this.#frame.remove();
  }
}
