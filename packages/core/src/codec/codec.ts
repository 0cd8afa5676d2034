/**
 * Turns values into something that structured clone carries, and back. Both sides of a session have to use the same one, which the
 * handshake agrees on by its name; where they do not, values cross by structured clone alone.
 */
export interface Codec {
  /** What both sides know it by. */
  readonly name: string;
  /**
   * Answers with something that structured clone carries: a list whose first entry has the shape of the value, so that an error can name
   * a path in it. Throws for what it cannot encode.
   */
  encode(value: unknown): unknown;
  /**
   * Whether a copy of this object with the same prototype and own properties would be encoded as the object itself: what is live is taken
   * out of such a copy. @defaultValue every plain object, array, map and set is copied, and nothing else
   */
  canCopy?(value: object): boolean;
  /** Throws for what `encode` cannot have made: the data come from another origin. */
  decode(data: unknown): unknown;
}

/** What structured clone does by itself, and what every side can. */
export const structuredCloneName: string = 'structured-clone';
