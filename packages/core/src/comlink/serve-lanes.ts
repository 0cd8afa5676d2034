import { inspect, invalidOption } from '../errors.ts';
import type { Limits } from '../link/limits.ts';
import type { CallLanes } from './call-lanes.ts';
import { EarlyRequests } from './early.ts';
import { LaneEndpoint } from './endpoint.ts';
import * as grammar from './grammar.ts';
import { isRequest, nothing, type Request, thrown } from './grammar.ts';
import { isTop, noPorts, type Running, type ServeLane, topOf } from './lane.ts';
import { asItIs, type Copy, closePorts, type Outgoing, snapshot, takePorts } from './outgoing.ts';
import { type LaneOptions, refuseRequest } from './rules.ts';
import type { Slots } from './slots.ts';
import type { LaneWire } from './wire.ts';

/** What is served, and what ends it. */
export interface Serving {
  readonly endpoint: LaneEndpoint;
  readonly stop: () => void;
}

/** The lanes over which this side is called: those that were opened by name, and those of the proxies that this side has passed. */
export class ServeLanes {
  readonly #wire: LaneWire;
  readonly #limits: Limits;
  /** For the proxies that come with requests. */
  readonly #calls: CallLanes;
  readonly #lanes = new Map<string, ServeLane>();
  /** Names that were served and are no more: nobody waits for them. */
  readonly #stopped = new Set<string>();
  readonly #early: EarlyRequests;
  /** Requests of the peer that Comlink is working on; those of earlier sessions too, until they have ended. */
  #running = 0;
  #nextPort = 0;

  constructor(wire: LaneWire, limits: Limits, calls: CallLanes) {
    this.#wire = wire;
    this.#limits = limits;
    this.#calls = calls;
    this.#early = new EarlyRequests(limits);
  }

  /** An endpoint for `Comlink.expose`, and what ends it. `inner`: for the proxies that are answered. */
  open(name: string, options: LaneOptions, inner: LaneOptions): Serving {
    if (this.#lanes.has(name)) throw invalidOption(`the lane ${inspect(name)} is served already: give it another name`);
    const endpoint: LaneEndpoint = new LaneEndpoint(
      (message, transfer) => this.#reply(lane, message, transfer, snapshot),
      () => {
        for (const { request, slots } of this.#early.take(name)) this.#serve(lane, request, slots);
      },
    );
    const lane = this.#add({
      path: name,
      options,
      inner,
      deliver: (message) => endpoint.dispatch(message),
      close: () => undefined,
    });
    this.#stopped.delete(name);
    const stop = (): void => {
      if (this.#lanes.get(name) === lane) this.#stopped.add(name);
      this.#retire(lane);
    };
    return { endpoint, stop };
  }

  /** Whether there is such a lane, or may be one later. */
  mayHave(path: string): boolean {
    return this.#lanes.has(path) || isTop(path);
  }

  /** The session is over: its proxies are let go of, and a lane that is opened in the next must not hear what waited in this one. */
  detach(): void {
    this.#early.clear();
    for (const lane of [...this.#lanes.values()]) if (!isTop(lane.path)) this.#retire(lane);
  }

  /** Makes lanes of the ports that Comlink gives away, which it serves something on. */
  lend(
    path: string,
    ports: Outgoing['ports'],
    options: LaneOptions,
  ): readonly (readonly [slot: number, path: string])[] {
    return [...ports].map(([slot, port]) => {
      const name = `${topOf(path)}/${this.#wire.side}${this.#nextPort++}`;
      // A transfer handler that cannot read what came throws where nobody catches it: behind a port.
      const inner = { ...options, transferHandlers: [] };
      const lane = this.#add({
        path: name,
        options: inner,
        inner,
        deliver: (message, given) => port.postMessage(message, [...given]),
        close: () => port.close(),
      });
      port.onmessage = ({ data, ports: given }) => this.#reply(lane, data, given, asItIs);
      this.#wire.addProxy();
      return [slot, name];
    });
  }

  /** What was lent did not reach the peer. */
  takeBack(path: string): void {
    const lane = this.#lanes.get(path);
    if (lane !== undefined) this.#retire(lane);
  }

  /** A request of the peer's. False when an honest peer cannot have sent it. */
  receive(path: string, request: Request, slots: Slots, bytes: number): boolean {
    const lane = this.#lanes.get(path);
    if (lane !== undefined) return this.#serve(lane, request, slots);
    if (!isTop(path)) return false; // it was never given, or was given back
    if (this.#stopped.has(path))
      return this.refuse(path, request.id, `the lane ${inspect(path)} is not served any more`, slots);
    if (!this.#early.hasRoom(bytes))
      return this.refuse(path, request.id, 'too much waits for lanes that nobody has opened', slots);
    return this.#early.add({ path, request, slots, bytes });
  }

  /** Answers a request of the peer with why it does not pass. */
  refuse(path: string, id: string, reason: string, slots: Slots): boolean {
    this.#calls.giveBack(slots);
    this.#wire.post(path, grammar.writeAnswer(id, thrown(reason)));
    return this.#calls.isBounded;
  }

  #serve(lane: ServeLane, request: Request, slots: Slots): boolean {
    const { path, options } = lane;
    const run = { id: request.id, link: this.#wire.link };
    if (request.type === 'RELEASE') return this.#released(lane, run);
    if (lane.release !== undefined) return false;
    const reason = this.#isBusy() ?? this.#wire.isCrowded(slots.size) ?? refuseRequest(request, options);
    if (reason !== undefined) return this.refuse(path, request.id, reason, slots);
    const ports: MessagePort[] = [];
    const args = request.args.map((arg, index) => this.#calls.borrow(arg, slots.get(index + 1), lane.inner, ports));
    if (!this.#run(lane, run, (id) => grammar.writeRequest(id, { ...request, args }), ports))
      return this.refuse(path, request.id, 'the message cannot be read', slots);
    return true;
  }

  #isBusy(): string | undefined {
    const { calls } = this.#limits;
    return this.#running < calls ? undefined : `more than ${calls} calls are in flight: the limit \`calls\``;
  }

  /** Hands a request to Comlink, under an id of ours. False when nobody can read it. */
  #run(lane: ServeLane, run: Running, write: (id: string) => object, ports: readonly MessagePort[]): boolean {
    const id = this.#wire.newId();
    lane.running.set(id, run);
    this.#running++;
    try {
      lane.deliver(write(id), ports);
    } catch {
      // A transfer handler that does not know what came, or a part that cannot be posted on: the peer's fault, and not this page's error.
      return !this.#stopRunning(lane, id);
    }
    return true;
  }

  #stopRunning(lane: ServeLane, id: string): boolean {
    const wasRunning = lane.running.delete(id);
    if (wasRunning) this.#running--;
    return wasRunning;
  }

  /** An answer of Comlink's. Throws where it cannot be cloned: Comlink then answers that. */
  #reply(lane: ServeLane, message: unknown, transfer: readonly Transferable[], copy: Copy): void {
    const answer = grammar.parse(message);
    const run = answer === undefined || isRequest(answer) ? undefined : lane.running.get(answer.id);
    if (answer === undefined || isRequest(answer) || run === undefined) return closePorts(transfer);
    const taken = takePorts([answer.value], 0, transfer);
    const outgoing = taken && copy(taken);
    this.#stopRunning(lane, answer.id);
    if (lane.release === run) {
      this.#drop(lane);
      lane.close();
    }
    if (run.link === undefined || run.link !== this.#wire.link) closePorts(transfer);
    else this.#answer(lane, run.id, outgoing, transfer);
    this.#drain(lane);
  }

  #answer(lane: ServeLane, id: string, outgoing: Outgoing | undefined, given: readonly Transferable[]): void {
    const { path, inner } = lane;
    const value = outgoing?.values[0];
    const reason = outgoing === undefined ? noPorts : this.#wire.isCrowded(outgoing.ports.size);
    if (outgoing !== undefined && value !== undefined && reason === undefined) {
      const slots = this.lend(path, outgoing.ports, inner);
      return this.#wire.post(path, grammar.writeAnswer(id, value), slots, outgoing.transfer);
    }
    closePorts(given);
    this.#wire.post(path, grammar.writeAnswer(id, thrown(reason ?? noPorts)));
  }

  /** The peer gives a lane back. One with a name stays: it is the next document's, too. */
  #released(lane: ServeLane, run: Running): boolean {
    if (isTop(lane.path)) this.#wire.post(lane.path, grammar.writeAnswer(run.id, nothing));
    else {
      if (lane.release !== undefined) return false;
      lane.release = run;
      this.#drain(lane);
    }
    return true;
  }

  /** Nobody calls over it any more. What runs, ends; then Comlink lets go of what it serves. */
  #retire(lane: ServeLane): void {
    this.#drop(lane);
    lane.release ??= { id: '', link: undefined };
    this.#drain(lane);
  }

  /** A lane that is given back holds its place, and its calls theirs, until all of them have ended. */
  #drain(lane: ServeLane): void {
    const { release } = lane;
    if (release === undefined || lane.running.size > 0 || lane.isReleasing) return;
    lane.isReleasing = true;
    if (!this.#run(lane, release, grammar.writeRelease, [])) lane.close();
  }

  #add(parts: Omit<ServeLane, 'running' | 'release' | 'isReleasing'>): ServeLane {
    const lane: ServeLane = { ...parts, running: new Map(), release: undefined, isReleasing: false };
    this.#lanes.set(lane.path, lane);
    return lane;
  }

  #drop(lane: ServeLane): void {
    if (this.#lanes.get(lane.path) !== lane) return;
    this.#lanes.delete(lane.path);
    if (!isTop(lane.path)) this.#wire.dropProxy();
  }
}
