import { cloneOf } from '../clone.ts';
import { MuntinError } from '../errors.ts';
import { copyPlain } from '../link/copy.ts';
import type { Link } from '../link/link.ts';
import { Queue } from './queue.ts';
import type { Packer } from './value-sender.ts';
import { weigh } from './weight.ts';

/** What is done with values for which there is no credit; see `StreamOptions`. */
export interface Overflow {
  readonly overflow?: 'buffer' | 'latest' | 'drop' | undefined;
  /** How many are kept. @defaultValue of `buffer`, as many as their bytes allow; else one */
  readonly buffer?: number | undefined;
}

/** A value that waits for credit. */
export interface Waiting {
  readonly value: unknown;
  /** Whether it is a copy that crosses as it is. Others are still packed, encoded or cloned when they are sent. */
  readonly isCopied: boolean;
  /** Estimated; 0 where bytes are not counted. */
  bytes: number;
}

// What the backlogs of a session keep, estimated: a peer that opens many streams and takes nothing gets no more than one.
const keptBytes = new WeakMap<Link, number>();

/** The values of one stream that wait for credit. */
export class Backlog {
  readonly #link: Link;
  readonly #packer: Packer;
  readonly #overflow: Overflow;
  /** How many bytes all streams of the session may keep together. */
  readonly #maxBytes: number;
  readonly #waiting = new Queue<Waiting>();
  #bytes = 0;

  constructor(link: Link, packer: Packer, overflow: Overflow, maxBytes: number) {
    this.#link = link;
    this.#packer = packer;
    this.#overflow = overflow;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Throws where a value cannot be kept, and STREAM_OVERFLOW where there is no room and none may be lost. */
  add(value: unknown): void {
    const { overflow = 'buffer', buffer = overflow === 'buffer' ? Infinity : 1 } = this.#overflow;
    if (this.#waiting.size < buffer && this.#keep(value, buffer === Infinity)) return;
    if (overflow === 'latest') {
      this.#waiting.shift();
      this.#waiting.push(this.#snapshot(value));
    } else if (overflow === 'buffer') {
      const ahead = `The source is ${this.#waiting.size} values ahead of its consumer`;
      const text = `${ahead}: slow it down, raise limits.producerBytes or buffer, or choose overflow "latest" or "drop"`;
      throw new MuntinError('STREAM_OVERFLOW', text);
    }
  }

  /** The value that has waited longest. */
  shift(): Waiting | undefined {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#count(-next.bytes);
    return next;
  }

  clear(): void {
    this.#waiting.clear();
    this.#count(-this.#bytes);
  }

  /** False where there is no room for its bytes, if they are counted. */
  #keep(value: unknown, isCounted: boolean): boolean {
    const kept = this.#snapshot(value);
    if (isCounted) kept.bytes = weigh(kept.value, this.#maxBytes);
    const hasRoom = this.#count(kept.bytes) <= this.#maxBytes;
    if (hasRoom) this.#waiting.push(kept);
    else this.#count(-kept.bytes);
    return hasRoom;
  }

  /** A value is what it was when it was passed, however long it waits. What does not cross as it is, is copied around what is live. */
  #snapshot(value: unknown): Waiting {
    if (typeof value !== 'object' || value === null) return { value, isCopied: false, bytes: 0 };
    try {
      if (this.#packer.transferListOf(value) === undefined) {
        const copy = copyPlain(value);
        return { value: copy ?? cloneOf(value), isCopied: copy !== undefined, bytes: 0 };
      }
    } catch {
      // keeping it says why
    }
    return { value: this.#packer.keep(value, 'value'), isCopied: false, bytes: 0 };
  }

  /** Answers what all streams of the session keep now. */
  #count(bytes: number): number {
    const all = (keptBytes.get(this.#link) ?? 0) + bytes;
    if (bytes !== 0) keptBytes.set(this.#link, all);
    this.#bytes += bytes;
    return all;
  }
}
