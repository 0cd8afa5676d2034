import { type Mount, mount } from '@muntin/host';
import type { DeskContext } from '@quake-desk/contracts/context';
import type { AttackName } from '@quake-desk/contracts/hostile';
import { naive } from '@quake-desk/contracts/naive';
import { urlOf } from '../url-of.ts';
import type { Outcome, Side } from './side.ts';

/** It may be frozen for long: what is asked of it then is answered afterwards. */
const attackMs = 60_000;
/** A page that was taken elsewhere stands there, for all to see, until the next attack. */
const awayMs = 10 * 60_000;

/** The naive page, on an origin of its own. The desk asks it over Muntin what has come of an attack; the widget inside knows nothing of that. */
export class NaiveSide implements Side {
  readonly origin: string;
  readonly #page: Mount<typeof naive>;
  #isFresh = true;

  constructor(into: Element, title: string, context: DeskContext) {
    this.#page = mount(naive, {
      url: urlOf('naive'),
      into,
      title,
      context,
      handshakeTimeoutMs: awayMs,
      unresponsiveMs: 1_500,
      giveUpMs: attackMs,
    });
    this.origin = this.#page.origin;
  }

  get state$(): Side['state$'] {
    return this.#page.state$;
  }

  async attempt(attack: AttackName): Promise<Outcome> {
    const page = this.#page;
    if (!this.#isFresh) page.reload();
    this.#isFresh = false;
    await page.ready;
    const isThere = (): boolean => page.state.name === 'ready' || page.state.name === 'unresponsive';
    try {
      const outcome: Outcome = await page.guest.attack(attack, { timeoutMs: attackMs });
      if (isThere()) return outcome;
    } catch (error) {
      if (isThere()) throw error;
    }
    // Only who embeds a page can say that it is not there any more.
    return { harms: ['taken'], claim: '' };
  }

  setContext(context: DeskContext): void {
    this.#page.setContext(context);
  }

  setTitle(title: string): void {
    this.#page.frame.title = title;
  }
}
