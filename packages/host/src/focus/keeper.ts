import type { Client } from '@muntin/core';
import type { FocusTarget, focusing } from '@muntin/core/focus';
import { type Framed, isFramed } from '../framed.ts';
import { beforeLeaving } from '../place/leaving.ts';

type Guest = Client<(typeof focusing)['guest']>;

const askMs = 1000;
const longestPlace = 1000;

/** Knows whether the focus is in the frame of one mount, and gives it back after the guest was loaded anew. */
export class FocusKeeper {
  readonly #guest: Guest;
  #frame: HTMLIFrameElement | undefined;
  // The last that was seen of it: a frame that is taken out of the page has lost it when we hear of that.
  #isIn = false;
  #isOwed = false;
  #at = '';

  constructor(guest: Guest) {
    this.#guest = guest;
  }

  begin(owner: unknown): void {
    if (!isFramed(owner)) return;
    const { frame, state$ } = owner;
    this.#frame = frame;
    const forget = beforeLeaving(owner, () => this.#leave(owner));
    const document = frame.ownerDocument;
    const window = document.defaultView;
    const look = (): void => {
      this.#isIn = this.#hasFocus();
      // Something else has got it: nothing is owed any more, also when that loses it again.
      if (!this.#isIn && !this.#isFree()) this.#isOwed = false;
    };
    // The window loses the focus to a frame in it, and gets it back from there.
    document.addEventListener('focusin', look);
    window?.addEventListener('blur', look);
    window?.addEventListener('focus', look);
    state$.subscribe({
      next: ({ name }) => {
        if (name === 'ready') void this.#giveBack();
        else if (name !== 'unresponsive') this.#owe();
      },
      complete: () => {
        forget();
        document.removeEventListener('focusin', look);
        window?.removeEventListener('blur', look);
        window?.removeEventListener('focus', look);
      },
    });
  }

  /** Whatever the guest has sent: it is given back to it, and looked at by nobody. */
  left(at: unknown): void {
    if (typeof at === 'string') this.#at = at.slice(0, longestPlace);
  }

  async focus(to: FocusTarget): Promise<boolean> {
    if (this.#frame?.closest('[inert]')) return false; // parked
    // First the frame: browsers let a guest choose among its elements, and not take the focus from this page.
    this.#frame?.focus();
    return this.#guest.focus({ to, at: this.#at });
  }

  async #leave({ state }: Framed): Promise<undefined> {
    if (!this.#hasFocus()) return;
    this.#isOwed = true;
    if (state.name === 'ready') this.left(await this.#guest.where(undefined, { timeoutMs: askMs }));
  }

  /** The document has gone, or goes. */
  #owe(): void {
    this.#isOwed ||= this.#hasFocus() || (this.#isIn && this.#isFree());
  }

  async #giveBack(): Promise<void> {
    const isDue = this.#isOwed && (this.#isFree() || this.#hasFocus());
    this.#isOwed = false;
    if (isDue) await this.focus('restore').catch(() => undefined); // it has gone again
  }

  #hasFocus(): boolean {
    return this.#frame !== undefined && this.#active() === this.#frame;
  }

  /** Nothing of this page has the focus. */
  #isFree(): boolean {
    const active = this.#active();
    return active === null || active === active.ownerDocument.body;
  }

  #active(): Element | null {
    const root = this.#frame?.getRootNode();
    if (root !== undefined && 'activeElement' in root && root !== this.#frame?.ownerDocument) {
      const { activeElement } = root as ShadowRoot;
      if (activeElement !== null) return activeElement;
    }
    return this.#frame?.ownerDocument.activeElement ?? null;
  }
}
