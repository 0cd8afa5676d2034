import type { MuntinError } from '../errors.ts';
import type { Limits } from '../link/limits.ts';
import { LaneEndpoint } from './endpoint.ts';
import * as grammar from './grammar.ts';
import { isRequest, nothing, type Request, thrown, type WireValue, withValue } from './grammar.ts';
import { type CallLane, type Deliver, isTop, type LaneCaller, noPorts, type Pending, settle } from './lane.ts';
import { asItIs, type Copy, closePorts, type Outgoing, snapshot, takePorts } from './outgoing.ts';
import { type LaneOptions, refuseAnswer } from './rules.ts';
import { maxReturned, type Slots } from './slots.ts';
import type { LaneWire } from './wire.ts';

/** A request that waits for a session, or for a place at the peer. */
interface Waiting {
  readonly caller: LaneCaller;
  readonly request: Request;
  readonly outgoing: Outgoing;
}

/** Makes lanes of the ports that Comlink gives away. */
type Lend = (path: string, ports: Outgoing['ports'], options: LaneOptions) => readonly unknown[];

// Own requests beyond those that the peer takes at once, as calls of procedures.
const maxQueue = 65_536;

/** The lanes over which this side calls: those that were opened by name, and those of the proxies that the peer has passed. */
export class CallLanes {
  readonly #wire: LaneWire;
  readonly #limits: Limits;
  readonly #lend: Lend;
  readonly #lanes = new Map<string, CallLane>();
  readonly #queue = new Set<Waiting>();
  #ended: MuntinError | undefined;
  /** How many requests of ours the peer takes at once, and has. */
  #window = 0;
  #inFlight = 0;

  constructor(wire: LaneWire, limits: Limits, lend: Lend) {
    this.#wire = wire;
    this.#limits = limits;
    this.#lend = lend;
  }

  /** An endpoint for `Comlink.wrap`. */
  open(name: string, options: LaneOptions): LaneEndpoint {
    const lane = this.#lanes.get(name) ?? this.#add(name, () => undefined);
    const endpoint: LaneEndpoint = new LaneEndpoint((message, transfer) =>
      this.#ask(caller, message, transfer, snapshot),
    );
    const caller: LaneCaller = { lane, options, deliver: (message) => endpoint.dispatch(message) };
    return endpoint;
  }

  has(path: string): boolean {
    return this.#lanes.has(path);
  }

  /** Whether there are as few as an honest peer makes. */
  get isBounded(): boolean {
    return this.#lanes.size <= this.#limits.lanes + maxReturned;
  }

  attach(window: number): void {
    this.#window = window;
    this.#ended = undefined;
    this.#pump();
  }

  detach(cause: MuntinError, isFinal: boolean): void {
    this.#ended = isFinal ? cause : undefined;
    this.#inFlight = 0;
    for (const lane of [...this.#lanes.values()]) {
      for (const [id, { caller }] of lane.pending) settle(caller, id, thrown(cause.message));
      lane.pending.clear();
      if (isTop(lane.path)) continue;
      lane.ended = cause; // its proxy lives on: it is told so, each time that it calls
      this.#lanes.delete(lane.path);
    }
    for (const waiting of [...this.#queue])
      if (isFinal || waiting.caller.lane.ended !== undefined) this.#refuse(waiting, cause.message);
  }

  /** An answer of the peer's. False when nobody waits for it. */
  receive(path: string, { id, value }: grammar.Answer, slots: Slots): boolean {
    const pending = this.#take(path, id);
    if (pending === undefined) return false;
    const { type, caller } = pending;
    if (type === 'RELEASE' && !(value.type === 'RAW' && value.value === undefined)) return false;
    const reason = this.#wire.isCrowded(slots.size) ?? refuseAnswer(value, type, caller.options);
    const ports: MessagePort[] = [];
    if (reason !== undefined) this.giveBack(slots);
    const answer = reason === undefined ? this.borrow(value, slots.get(0), caller.options, ports) : thrown(reason);
    settle(caller, id, answer, ports);
    if (type === 'RELEASE') caller.lane.close();
    this.#pump();
    return this.isBounded;
  }

  /** Answers a request of ours. False when there is none of this id. */
  settle(path: string, id: string, value: WireValue): boolean {
    const pending = this.#take(path, id);
    if (pending === undefined) return false;
    settle(pending.caller, id, value);
    this.#pump();
    return true;
  }

  /** An endpoint for Comlink, in the place of one that the peer has kept: a port of ours, whose other end is the lane. */
  borrow(value: WireValue, path: string | undefined, options: LaneOptions, ports: MessagePort[]): WireValue {
    if (path === undefined) return value;
    const { port1, port2 } = new MessageChannel();
    this.#wire.addProxy();
    const lane = this.#add(path, () => {
      port1.close();
      if (this.#lanes.get(path) !== lane) return;
      this.#lanes.delete(path);
      this.#wire.dropProxy();
    });
    const deliver: Deliver = (message, given) => port1.postMessage(message, [...given]);
    const caller: LaneCaller = { lane, options, deliver };
    port1.onmessage = ({ data, ports: given }) => this.#ask(caller, data, given, asItIs);
    ports.push(port2);
    return withValue(value, port2);
  }

  /** Lanes that nobody here will use: their owner frees what it serves on them. */
  giveBack(slots: Slots): void {
    for (const path of slots.values()) {
      this.#lanes.get(path)?.close();
      const lane = this.#add(path, () => this.#lanes.delete(path));
      const id = this.#wire.newId();
      lane.pending.set(id, { type: 'RELEASE', caller: { lane, options: {}, deliver: () => undefined } });
      this.#inFlight++;
      this.#wire.post(path, grammar.writeRelease(id));
    }
  }

  /** A request of Comlink's. */
  #ask(caller: LaneCaller, message: unknown, transfer: readonly Transferable[], copy: Copy): void {
    const { lane } = caller;
    const request = grammar.parse(message);
    // Who makes a string or a number of a proxy calls a method that is named by a symbol. The language does not listen to the answer.
    if (request === undefined || !isRequest(request) || isAskedByLanguage(request)) return closePorts(transfer);
    if (request.type === 'RELEASE' && (isTop(lane.path) || lane.ended !== undefined)) {
      settle(caller, request.id, nothing); // a lane with a name is there for whoever wraps it next
      return lane.close();
    }
    const outgoing = takePorts(request.args, 1, transfer);
    const reason = lane.ended?.message ?? this.#ended?.message ?? refuseOwnRequest(request, outgoing);
    if (reason !== undefined || outgoing === undefined) {
      closePorts(transfer);
      return settle(caller, request.id, thrown(reason ?? noPorts));
    }
    const waiting = { caller, request, outgoing: copy(outgoing) };
    if (this.#queue.size >= (this.#wire.link === undefined ? this.#limits.queue : maxQueue))
      return this.#refuse(waiting, 'too many calls wait for a session, or for the other side');
    this.#queue.add(waiting);
    this.#pump();
  }

  /** Sends what waits, as far as the peer has room. */
  #pump(): void {
    for (const waiting of this.#queue) {
      if (this.#wire.link === undefined || this.#inFlight >= this.#window) return;
      this.#queue.delete(waiting);
      this.#send(waiting);
    }
  }

  #send(waiting: Waiting): void {
    const { caller, request, outgoing } = waiting;
    const { lane, options } = caller;
    const reason = this.#wire.isCrowded(outgoing.ports.size);
    if (reason !== undefined) return this.#refuse(waiting, reason);
    lane.pending.set(request.id, { type: request.type, caller });
    this.#inFlight++;
    const data = grammar.writeRequest(request.id, { ...request, args: outgoing.values });
    this.#wire.post(lane.path, data, this.#lend(lane.path, outgoing.ports, options), outgoing.transfer);
  }

  #refuse(waiting: Waiting, reason: string): void {
    this.#queue.delete(waiting);
    closePorts([...waiting.outgoing.ports.values()]);
    settle(waiting.caller, waiting.request.id, thrown(reason));
  }

  #add(path: string, close: () => void): CallLane {
    const lane: CallLane = { path, pending: new Map(), ended: undefined, close };
    this.#lanes.set(path, lane);
    return lane;
  }

  #take(path: string, id: string): Pending | undefined {
    const lane = this.#lanes.get(path);
    const pending = lane?.pending.get(id);
    if (pending === undefined) return undefined;
    lane?.pending.delete(id);
    this.#inFlight--;
    return pending;
  }
}

function refuseOwnRequest({ type }: Request, outgoing: Outgoing | undefined): string | undefined {
  if (type === 'SET' || type === 'ENDPOINT') return `${type} is not allowed over a lane`;
  return outgoing === undefined ? noPorts : undefined;
}

function isAskedByLanguage({ path }: Request): boolean {
  return path.some((name) => name.startsWith('Symbol('));
}
