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
  /** Throws for what `encode` cannot have made: the data come from another origin. */
  decode(data: unknown): unknown;
}

/** What structured clone does by itself, and what every side can. */
export const structuredCloneName: string = 'structured-clone';

/** A codec cannot carry a part of a value as it is. The session says it with what it knows: of which call, and the path from its input. */
export class Uncodable extends Error {
  readonly path: string;
  readonly kind: string;
  readonly remedy: string;

  constructor(path: string, kind: string, remedy: string) {
    super(`value${path} (${kind}) cannot be encoded: ${remedy}`);
    this.path = path;
    this.kind = kind;
    this.remedy = remedy;
  }
}
