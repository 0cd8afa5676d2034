/** Numbers that look random and are the same for the same seed (sfc32, public domain). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, round = 0) {
    this.#a = seed | 0;
    this.#b = round | 0;
    this.#c = 0x9e3779b9;
    for (let index = 0; index < 12; index++) this.next();
  }

  /** From 0 to 2^32 - 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A whole number from 0, below this. */
  below(most: number): number {
    return this.next() % most;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined && list.length === 0) throw new Error('nothing to pick from');
    return found as T;
  }
}
