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
