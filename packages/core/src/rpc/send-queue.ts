import { type PendingCall, type Route, waiting } from './pending.ts';

/** Calls that wait for a session, or for a free place at the peer, in the order in which they were made. */
export class SendQueue {
  readonly #waiting = new Set<PendingCall>();
  readonly #send: (call: PendingCall, route: Route) => void;
  /** Calls that the peer has and has not answered; streams do not count. */
  inFlight = 0;

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
    if (route !== undefined && isFree) this.#send(call, route);
    else this.add(call);
  }

  /** It waits for a session. */
  add(call: PendingCall): void {
    call.state = waiting;
    this.#waiting.add(call);
  }

  remove(call: PendingCall): boolean {
    return this.#waiting.delete(call);
  }

  /** Takes out all that waits. */
  takeAll(): readonly PendingCall[] {
    const all = [...this.#waiting];
    this.#waiting.clear();
    return all;
  }

  *[Symbol.iterator](): Iterator<PendingCall> {
    yield* this.#waiting;
  }

  /** Sends what waits, in order. Calls that find no free place go on waiting; streams, of a new session, need none. */
  flush(route: () => Route | undefined, hasStreams: boolean): void {
    for (const call of this.#waiting) {
      const open = route();
      if (open === undefined) return;
      const { credit, tail } = call;
      if (credit === undefined ? this.inFlight < open.window : tail === undefined && credit.restart() > 0) {
        this.#waiting.delete(call);
        this.#send(call, open);
      } else if (!hasStreams) return;
    }
  }
}
