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
  #last: Visit | undefined;
  #useless = 0;
  #byPerson: number[] = [];

  /** The document that was welcomed last said ready. */
  ready(now: number): void {
    if (this.#last !== undefined) this.#last.readyAt ??= now;
  }

  /** Its session is over. `isPersonThere`: someone acts in the guest just now. */
  ended(now: number, isPersonThere: boolean): void {
    if (this.#last === undefined) return;
    this.#last.endedAt ??= now;
    this.#last.wasByPerson ||= isPersonThere;
  }

  /** Another document asks for a welcome. True: it is one too many. `isKnownPlace`: the host made this place because of the guest. */
  isLoop(now: number, place: unknown, isPersonThere: boolean, isKnownPlace: boolean): boolean {
    const last = this.#last;
    this.#last = { place, readyAt: undefined, endedAt: undefined, wasByPerson: false };
    if (last === undefined) return false;
    const { readyAt, endedAt = now } = last;
    const wasUseful = readyAt !== undefined && endedAt - readyAt >= usefulMs;
    if (wasUseful || (last.place !== place && !isKnownPlace)) this.#useless = 0;
    else if (last.wasByPerson || isPersonThere) return this.#isTooOften(now);
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
