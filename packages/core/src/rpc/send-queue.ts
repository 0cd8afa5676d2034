import { keptInput } from './kept.ts';
import type { PendingCall, Route } from './pending.ts';
import type { SentCalls } from './sent-calls.ts';
import type { Uplink } from './uplink.ts';

/** Calls that wait for a session, or for a free place at the peer, in the order in which they were made. */
export class SendQueue {
  readonly #waiting = new Set<PendingCall>();
  readonly #uplink: Uplink;
  readonly #sent: SentCalls;
  readonly #hasCodec: boolean;
  readonly #send: (call: PendingCall, route: Route) => void;
  /** Whether the peer has said that it listens. Before, only what can be sent again goes, and nothing that is behind what cannot. */
  isConfirmed = true;

  /** `hasCodec`: whether this side has a codec, which a session may use. */
  constructor(uplink: Uplink, sent: SentCalls, hasCodec: boolean, send: (call: PendingCall, route: Route) => void) {
    this.#uplink = uplink;
    this.#sent = sent;
    this.#hasCodec = hasCodec;
    this.#send = send;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(call: PendingCall): boolean {
    return this.#waiting.has(call);
  }

  /** Sends a call at once, where there is a session and a place, and nobody else waits for one. Throws where it has to wait and cannot be kept. */
  enter(call: PendingCall): void {
    const { route } = this.#uplink;
    const isFree =
      call.credit !== undefined || (this.#waiting.size === 0 && this.#sent.inFlight < (route?.window ?? 0));
    if (route !== undefined && isFree && !this.#mustWait(call, route)) return this.#send(call, route);
    this.keep(call);
    this.add(call);
  }

  #mustWait(call: PendingCall, route: Route): boolean {
    return !this.isConfirmed && (this.#waiting.size > 0 || isOnce(call, route));
  }

  /** It is not sent now: its input is kept as it is now. */
  keep(call: PendingCall): void {
    call.input = keptInput(call.input, this.#uplink.route?.values, this.#hasCodec);
  }

  /** It waits for a session. */
  add(call: PendingCall): void {
    call.wait();
    this.#waiting.add(call);
  }

  remove(call: PendingCall): boolean {
    return this.#waiting.delete(call);
  }

  /** Takes out all that waits, and answers it. */
  clear(): readonly PendingCall[] {
    const calls = [...this.#waiting];
    this.#waiting.clear();
    return calls;
  }

  [Symbol.iterator](): Iterator<PendingCall> {
    return this.#waiting.values();
  }

  /** Sends what waits, in order. Calls that find no free place go on waiting; streams, of a new session, need none. */
  flush(hasStreams = false): void {
    for (const call of this.#waiting) {
      const { route } = this.#uplink;
      if (route === undefined || (!this.isConfirmed && isOnce(call, route))) return;
      const { credit, tail } = call;
      if (tail === undefined && (credit === undefined ? this.#sent.inFlight < route.window : credit.restart() > 0)) {
        this.#waiting.delete(call);
        this.#send(call, route);
      } else if (!hasStreams) return;
    }
  }
}

/** Whether it can be sent once only: a mutation, an event, and whatever holds something that is given away or read as it is sent. */
function isOnce({ path, procedure, input }: PendingCall, { values, indexes }: Route): boolean {
  if (!indexes.has(path)) return false; // it is not sent at all
  return procedure.kind === 'mutation' || procedure.kind === 'event' || values.transferListOf(input) !== undefined;
}
