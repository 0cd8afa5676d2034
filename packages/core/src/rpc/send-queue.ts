import { keptInput } from './kept.ts';
import type { PendingCall, Route } from './pending.ts';

/** Calls that wait for a session, or for a free place at the peer, in the order in which they were made. */
export class SendQueue {
  readonly #waiting = new Set<PendingCall>();
  readonly #send: (call: PendingCall, route: Route) => void;
  /** Calls that the peer has and has not answered; streams do not count. */
  inFlight = 0;
  /** Whether the peer has said that it listens. Before, only what can be sent again goes, and nothing that is behind what cannot. */
  isConfirmed = true;
  /** Whether this side has a codec, which a session may use. */
  hasCodec = true;

  constructor(send: (call: PendingCall, route: Route) => void) {
    this.#send = send;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(call: PendingCall): boolean {
    return this.#waiting.has(call);
  }

  /** Sends a call at once, where there is a session and a place, and nobody else waits for one. */
  enter(call: PendingCall, route: Route | undefined): void {
    const isFree = call.credit !== undefined || (this.#waiting.size === 0 && this.inFlight < (route?.window ?? 0));
    if (route !== undefined && isFree && !this.#mustWait(call, route)) this.#send(call, route);
    else {
      call.input = keptInput(call.input, route?.values, this.hasCodec);
      this.add(call);
    }
  }

  #mustWait(call: PendingCall, route: Route): boolean {
    return !this.isConfirmed && (this.#waiting.size > 0 || isOnce(call, route));
  }

  /** It waits for a session. */
  add(call: PendingCall): void {
    call.state = 'waiting';
    this.#waiting.add(call);
  }

  remove(call: PendingCall): boolean {
    return this.#waiting.delete(call);
  }

  /** Takes out all that waits. */
  clear(): void {
    this.#waiting.clear();
  }

  [Symbol.iterator](): Iterator<PendingCall> {
    return this.#waiting.values();
  }

  /** Sends what waits, in order. Calls that find no free place go on waiting; streams, of a new session, need none. */
  flush(route: () => Route | undefined, hasStreams: boolean): void {
    for (const call of this.#waiting) {
      const open = route();
      if (open === undefined || (!this.isConfirmed && isOnce(call, open))) return;
      const { credit, tail } = call;
      if (tail === undefined && (credit === undefined ? this.inFlight < open.window : credit.restart() > 0)) {
        this.#waiting.delete(call);
        this.#send(call, open);
      } else if (!hasStreams) return;
    }
  }
}

/** Whether it can be sent once only: a mutation, an event, and whatever holds something that is given away or read as it is sent. */
function isOnce({ path, procedure, input }: PendingCall, { values, indexes }: Route): boolean {
  if (!indexes.has(path)) return false; // it is not sent at all
  return procedure.kind === 'mutation' || procedure.kind === 'event' || values.transferListOf(input) !== undefined;
}
