import type { Limits } from '../link/limits.ts';
import { mostWaitingBytes } from '../reference/waiting-lanes.ts';
import type { Request } from './grammar.ts';
import type { Slots } from './slots.ts';

/** A request for a lane that nobody serves yet. */
interface EarlyRequest {
  readonly path: string;
  readonly request: Request;
  readonly slots: Slots;
  readonly bytes: number;
}

/** Requests of the peer for lanes that the application has not opened yet. */
export class EarlyRequests {
  readonly #most: number;
  #waiting: EarlyRequest[] = [];
  #bytes = 0;

  constructor({ calls }: Limits) {
    this.#most = calls;
  }

  /** Whether its bytes have room. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= mostWaitingBytes;
  }

  /** False when the peer has more without an answer than it may have. */
  add(early: EarlyRequest): boolean {
    this.#waiting.push(early);
    this.#bytes += early.bytes;
    return this.#waiting.length <= this.#most;
  }

  /** What waits for this lane waits no more. */
  take(path: string): readonly EarlyRequest[] {
    const taken = this.#waiting.filter((early) => early.path === path);
    this.#waiting = this.#waiting.filter((early) => early.path !== path);
    for (const { bytes } of taken) this.#bytes -= bytes;
    return taken;
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }
}
