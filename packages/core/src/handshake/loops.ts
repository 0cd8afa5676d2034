import type { Clock } from './clock.ts';

/** So many documents in a row may come and go without having been of use. */
export const maxUseless = 5;
// A document that stayed for so long after its ready was of use, whatever it did.
const usefulMs = 5000;
// A person who clicks through the pages of a guest is no loop, up to so many pages in so much time.
const maxByPerson = 20;
const byPersonWithinMs = 10_000;

/** One document that was welcomed. */
interface Visit {
  /** The window that it was in. The host page gives a frame a new one when it moves it; no guest can. */
  readonly place: unknown;
  readyAt: number | undefined;
  endedAt: number | undefined;
  wasByPerson: boolean;
}

/**
 * Counts the documents of one mount that came and went without becoming useful, whatever they call themselves and whoever says goodbye.
 * What the host page loads and what a person loads is not counted.
 */
export class LoopCounter {
  readonly #clock: Clock;
  readonly #isPersonThere: () => boolean;
  #last: Visit | undefined;
  #useless = 0;
  #byPerson: number[] = [];
  #isPlaceOurs = false;

  /** `isPersonThere`: whether someone acts in the guest just now. */
  constructor(clock: Clock, isPersonThere: () => boolean) {
    this.#clock = clock;
    this.#isPersonThere = isPersonThere;
  }

  /** The document that was welcomed last said ready. */
  ready(): void {
    if (this.#last !== undefined) this.#last.readyAt ??= this.#clock.now();
  }

  /** Its session is over. */
  ended(): void {
    if (this.#last === undefined) return;
    this.#last.endedAt ??= this.#clock.now();
    this.#last.wasByPerson ||= this.#isPersonThere();
  }

  /** The host makes a new place for the guest because of what the guest did: its next document counts as the guest's doing. */
  replacesPlace(): void {
    this.#isPlaceOurs = true;
  }

  /** Another document asks for a welcome. True: it is one too many. */
  isLoop(place: unknown): boolean {
    this.ended();
    const now = this.#clock.now();
    const last = this.#last;
    const isKnownPlace = last?.place === place || this.#isPlaceOurs;
    this.#isPlaceOurs = false;
    this.#last = { place, readyAt: undefined, endedAt: undefined, wasByPerson: false };
    if (last === undefined) return false;
    const { readyAt, endedAt = now } = last;
    const wasUseful = readyAt !== undefined && endedAt - readyAt >= usefulMs;
    if (wasUseful || !isKnownPlace) this.#useless = 0;
    else if (last.wasByPerson || this.#isPersonThere()) return this.#isTooOften(now);
    else this.#useless++;
    return this.#useless >= maxUseless;
  }

  /** The host begins anew. */
  reset(): void {
    this.#last = undefined;
    this.#useless = 0;
    this.#byPerson = [];
  }

  #isTooOften(now: number): boolean {
    this.#byPerson = [...this.#byPerson.filter((at) => at > now - byPersonWithinMs), now];
    return this.#byPerson.length > maxByPerson;
  }
}
