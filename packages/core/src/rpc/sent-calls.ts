import { type PendingCall, settled } from './pending.ts';

/** Which end of a session this is. It decides over ids: those of the host are odd, those of the guest even. */
export type Side = 'host' | 'guest';

/** The calls and subscriptions that the peer has, by the ids by which it knows them. */
export class SentCalls {
  readonly #calls = new Map<number, PendingCall>();
  #nextId: number;
  #firstId: number;
  /** How many of them are calls, which take a place at the peer. */
  inFlight = 0;

  constructor(side: Side) {
    this.#nextId = this.#firstId = side === 'host' ? 1 : 2;
  }

  get size(): number {
    return this.#calls.size;
  }

  get(id: number): PendingCall | undefined {
    return this.#calls.get(id);
  }

  /** The peer gets it, by the id that is returned. */
  add(call: PendingCall): number {
    const id = this.#nextId;
    this.#nextId += 2;
    call.send(id);
    this.#calls.set(id, call);
    if (call.credit === undefined) this.inFlight++;
    return id;
  }

  /** The peer has nothing more to say to it, or will not be heard. False where the peer does not have it. */
  remove(call: PendingCall): boolean {
    const { state } = call;
    if (state.name !== 'sent' || this.#calls.get(state.id) !== call) return false;
    if (call.credit === undefined) this.inFlight--;
    call.state = settled;
    return this.#calls.delete(state.id);
  }

  /** Whether something had this id in the session that is open: it may have ended, and its answer be late. */
  wasIssued(id: number): boolean {
    return id < this.#nextId && id >= this.#firstId && (id - this.#firstId) % 2 === 0;
  }

  /** A session begins, in which no id of an earlier one was ever issued. */
  renew(): void {
    this.#firstId = this.#nextId;
  }

  /** The session is over. Answers what its peer had. */
  clear(): readonly PendingCall[] {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.inFlight = 0;
    return calls;
  }

  [Symbol.iterator](): Iterator<PendingCall> {
    return this.#calls.values();
  }
}
