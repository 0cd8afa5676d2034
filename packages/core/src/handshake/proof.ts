import type { Clock } from './clock.ts';

// While messages come on the port, the document shows so often that it is still in its window …
const proofMs = 1000;
// … and what comes later than this after the question waits for the answer.
const answerMs = 250;

/**
 * Whether the document of the session goes on showing that it is in its window: it is asked there, with a word that only it can answer. A port
 * proves nothing, for it can be handed on, and outlive the document that it belongs to.
 */
export class Proof {
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #ask: (nonce: string) => void;
  #asked: { readonly nonce: string; readonly at: number } | undefined;
  #provedAt = -Infinity;
  #isFrozen = false;

  constructor(clock: Clock, newId: () => string, ask: (nonce: string) => void) {
    this.#clock = clock;
    this.#newId = newId;
    this.#ask = ask;
  }

  /** Asks, or asks again where nothing was answered. */
  ask(): void {
    if (this.#isFrozen) return;
    this.#asked ??= { nonce: this.#newId(), at: this.#clock.now() };
    this.#ask(this.#asked.nonce);
  }

  /** Whether this is what was asked for. */
  isAsked(nonce: string): boolean {
    return nonce === this.#asked?.nonce;
  }

  /** It has shown itself: by its answer, or by its hello. */
  given(): void {
    this.#asked = undefined;
    this.#provedAt = this.#clock.now();
  }

  /** Another document may be there: an answer to what was asked before says nothing. */
  forget(): void {
    this.#asked = undefined;
  }

  /** Something has come on the port. False where the answer is overdue. */
  heard(): boolean {
    const now = this.#clock.now();
    if (this.#asked !== undefined) return now - this.#asked.at < answerMs;
    if (now - this.#provedAt >= proofMs) this.ask();
    return true;
  }

  /** While the page is frozen nothing is asked. Afterwards an answer may take its whole time again. */
  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    if (this.#asked !== undefined) this.#asked = { ...this.#asked, at: this.#clock.now() };
  }
}
