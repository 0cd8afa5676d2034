/** An id that nobody can guess: 128 random bits, as a text that fits into an address. */
export function newId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
