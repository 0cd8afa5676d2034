import { inspect, invalidOption, type MuntinError } from '../errors.ts';
import type { ExceededLimit } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import { LANE } from '../link/messages.ts';
import type { LaneHandler, LaneLink, LaneMessage } from '../reference/lanes.ts';
import { mostWaitingBytes } from '../reference/waiting-lanes.ts';
import { LaneEndpoint } from './endpoint.ts';
import * as grammar from './grammar.ts';
import { isProxy, isRequest, nothing, type Request, thrown, type WireValue, withValue } from './grammar.ts';
import { asItIs, type Copy, closePorts, type Outgoing, snapshot, takePorts } from './outgoing.ts';
import { type LaneOptions, refuseAnswer, refuseRequest } from './rules.ts';

/** Hands a message to Comlink. */
type Deliver = (message: object, ports: readonly MessagePort[]) => void;

/** A lane over which this side calls: the answers it waits for. This side decides who calls and who serves, never a message. */
interface CallLane {
  readonly path: string;
  readonly pending: Map<string, Pending>;
  /** Why nothing can be called over it any more. */
  ended: MuntinError | undefined;
  readonly close: () => void;
}

/** One of Comlink's proxies, which calls over a lane. */
interface Caller {
  readonly lane: CallLane;
  readonly options: LaneOptions;
  readonly deliver: Deliver;
}

/** A request of ours without an answer. */
interface Pending {
  readonly type: grammar.RequestType;
  readonly caller: Caller;
}

/** A lane over which this side is called. */
interface ServeLane {
  readonly path: string;
  /** For what is called over it. */
  readonly options: LaneOptions;
  /** For the proxies that it answers with. */
  readonly inner: LaneOptions;
  readonly deliver: Deliver;
  /** By the ids under which Comlink knows them. */
  readonly running: Map<string, Running>;
  /** The peer gives the lane back: done when all that runs has ended. */
  release: Running | undefined;
  isReleasing: boolean;
  readonly close: () => void;
}

/** A request that Comlink is working on: the id that its sender gave it, and the session that it came by. */
interface Running {
  readonly id: string;
  readonly link: LaneLink | undefined;
}

/** A request that waits for a session, or for a place at the peer. */
interface Waiting {
  readonly caller: Caller;
  readonly request: Request;
  readonly outgoing: Outgoing;
}

/** The lane that stands for an endpoint, by the place of the endpoint in its message: 0 is an answer, 1 the first argument. */
type Slots = ReadonlyMap<number, string>;

// Own requests beyond those that the peer takes at once, as calls of procedures.
const maxQueue = 65_536;
// Lanes that came with messages which were refused, and are on their way back.
const maxReturned = 1024;
const otherSide = { host: 'guest', guest: 'host' } as const;

/**
 * The lanes of one mount. Comlink sees endpoints of ours only, and between any two of them stands this guard: whatever one of them says is
 * read by the grammar and written anew. What Comlink can say and the rules do not allow is refused, with an answer; what no honest peer can
 * say ends the session.
 */
export class LaneHub implements LaneHandler {
  readonly #side: 'host' | 'guest';
  readonly #limits: Limits;
  readonly #calls = new Map<string, CallLane>();
  readonly #serves = new Map<string, ServeLane>();
  readonly #queue = new Set<Waiting>();
  /** Names that were served and are no more: nobody waits for them. */
  readonly #stopped = new Set<string>();
  #early: { readonly path: string; readonly request: Request; readonly slots: Slots; readonly bytes: number }[] = [];
  #earlyBytes = 0;
  #link: LaneLink | undefined;
  #ended: MuntinError | undefined;
  /** How many requests of ours the peer takes at once, and has. */
  #window = 0;
  #inFlight = 0;
  /** Requests of the peer that Comlink is working on; those of earlier sessions too, until they have ended. */
  #running = 0;
  /** Proxies that crossed, in either direction, and were not given back. */
  #proxies = 0;
  #nextId = 0;
  #nextPort = 0;
  #lastPort = -1;

  constructor(side: 'host' | 'guest', limits: Limits) {
    this.#side = side;
    this.#limits = limits;
  }

  /** An endpoint for `Comlink.wrap`. */
  call(name: string, options: LaneOptions): LaneEndpoint {
    checkName(name);
    const lane = this.#calls.get(name) ?? this.#addCall(name, () => undefined);
    const caller: Caller = { lane, options, deliver: (message) => endpoint.dispatch(message) };
    const endpoint: LaneEndpoint = new LaneEndpoint((message, transfer) =>
      this.#ask(caller, message, transfer, snapshot),
    );
    return endpoint;
  }

  /** An endpoint for `Comlink.expose`, and what ends it. `inner`: for the proxies that are answered. */
  serve(name: string, options: LaneOptions, inner: LaneOptions): { endpoint: LaneEndpoint; stop: () => void } {
    checkName(name);
    if (this.#serves.has(name))
      throw invalidOption(`the lane ${inspect(name)} is served already: give it another name`);
    const endpoint: LaneEndpoint = new LaneEndpoint(
      (message, transfer) => this.#reply(lane, message, transfer, snapshot),
      () => this.#takeEarly(lane),
    );
    const lane: ServeLane = {
      path: name,
      options,
      inner,
      deliver: (message) => endpoint.dispatch(message),
      running: new Map(),
      release: undefined,
      isReleasing: false,
      close: () => undefined,
    };
    this.#serves.set(name, lane);
    this.#stopped.delete(name);
    return {
      endpoint,
      stop: () => {
        if (this.#serves.get(name) === lane) this.#stopped.add(name);
        this.#retire(lane);
      },
    };
  }

  attach(link: LaneLink, window: number): void {
    this.#link = link;
    this.#window = window;
    this.#ended = undefined;
    this.#pump();
  }

  detach(cause: MuntinError, isFinal: boolean): void {
    this.#link = undefined;
    this.#ended = isFinal ? cause : undefined;
    this.#earlyBytes = 0;
    this.#early = []; // of the session that is over: a lane that is opened in the next must not hear it
    this.#inFlight = 0;
    this.#lastPort = -1;
    for (const lane of [...this.#calls.values()]) {
      for (const [id, { caller }] of lane.pending) settle(caller, id, thrown(cause.message));
      lane.pending.clear();
      if (isTop(lane.path)) continue;
      lane.ended = cause; // its proxy lives on: it is told so, each time that it calls
      this.#calls.delete(lane.path);
    }
    for (const lane of [...this.#serves.values()]) if (!isTop(lane.path)) this.#retire(lane);
    this.#proxies = 0;
    for (const waiting of [...this.#queue])
      if (isFinal || waiting.caller.lane.ended !== undefined) this.#refuseOwn(waiting, cause.message);
  }

  receive({ path, data, ports, over, bytes }: LaneMessage): boolean {
    const slots = this.#parseSlots(path, ports);
    if (slots === undefined) return false;
    if (over !== undefined) return this.#tooLarge(path, data, slots, over);
    const content = grammar.parse(data);
    if (content === undefined) return this.#malformed(path, data, slots);
    if (!isEveryEndpointNamed(content, slots)) return false;
    return isRequest(content)
      ? this.#receiveRequest(path, content, slots, bytes)
      : this.#receiveAnswer(path, content, slots);
  }

  unsendable(path: string, data: unknown, ports: readonly unknown[], error: MuntinError<string>): void {
    for (const slot of ports) {
      const lane = Array.isArray(slot) ? this.#serves.get(String(slot[1])) : undefined;
      if (lane !== undefined) this.#retire(lane);
    }
    const content = grammar.parseHead(data);
    if (content === undefined) return;
    if (content.isRequest) this.#settle(path, content.id, thrown(error.message));
    else this.#post(path, grammar.writeAnswer(content.id, thrown(error.message)));
  }

  // What Comlink says here.

  /** A request of Comlink's. */
  #ask(caller: Caller, message: unknown, transfer: readonly Transferable[], copy: Copy): void {
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
    if (this.#queue.size >= (this.#link === undefined ? this.#limits.queue : maxQueue))
      return this.#refuseOwn(waiting, 'too many calls wait for a session, or for the other side');
    this.#queue.add(waiting);
    this.#pump();
  }

  /** Sends what waits, as far as the peer has room. */
  #pump(): void {
    for (const waiting of this.#queue) {
      if (this.#link === undefined || this.#inFlight >= this.#window) return;
      this.#queue.delete(waiting);
      this.#send(waiting);
    }
  }

  #send(waiting: Waiting): void {
    const { caller, request, outgoing } = waiting;
    const { lane, options } = caller;
    if (this.#isCrowded(outgoing.ports.size)) return this.#refuseOwn(waiting, crowded);
    lane.pending.set(request.id, { type: request.type, caller });
    this.#inFlight++;
    const data = grammar.writeRequest(request.id, { ...request, args: outgoing.values });
    this.#post(lane.path, data, this.#lend(lane.path, outgoing.ports, options), outgoing.transfer);
  }

  #refuseOwn(waiting: Waiting, reason: string): void {
    this.#queue.delete(waiting);
    closePorts([...waiting.outgoing.ports.values()]);
    settle(waiting.caller, waiting.request.id, thrown(reason));
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
      this.#dropServe(lane);
      lane.close();
    }
    if (run.link === undefined || run.link !== this.#link) closePorts(transfer);
    else this.#sendAnswer(lane, run.id, outgoing, transfer);
    this.#drain(lane);
  }

  #sendAnswer(
    { path, inner }: ServeLane,
    id: string,
    outgoing: Outgoing | undefined,
    given: readonly Transferable[],
  ): void {
    const value = outgoing?.values[0];
    if (outgoing !== undefined && value !== undefined && !this.#isCrowded(outgoing.ports.size))
      return this.#post(
        path,
        grammar.writeAnswer(id, value),
        this.#lend(path, outgoing.ports, inner),
        outgoing.transfer,
      );
    closePorts(given);
    this.#post(path, grammar.writeAnswer(id, thrown(outgoing === undefined ? noPorts : crowded)));
  }

  /** Makes lanes of the ports that Comlink gives away, which it serves something on. */
  #lend(
    path: string,
    ports: Outgoing['ports'],
    options: LaneOptions,
  ): readonly (readonly [slot: number, path: string])[] {
    return [...ports].map(([slot, port]) => {
      const name = `${topOf(path)}/${this.#side}${this.#nextPort++}`;
      // A transfer handler that cannot read what came throws where nobody catches it: behind a port.
      const inner = { ...options, transferHandlers: [] };
      const lane: ServeLane = {
        path: name,
        options: inner,
        inner,
        deliver: (message, given) => port.postMessage(message, [...given]),
        running: new Map(),
        release: undefined,
        isReleasing: false,
        close: () => port.close(),
      };
      port.onmessage = ({ data, ports: given }) => this.#reply(lane, data, given, asItIs);
      this.#serves.set(name, lane);
      this.#proxies++;
      return [slot, name];
    });
  }

  // What the peer says.

  #receiveRequest(path: string, request: Request, slots: Slots, bytes: number): boolean {
    const lane = this.#serves.get(path);
    if (lane !== undefined) return this.#serveRequest(lane, request, slots);
    if (!isTop(path)) return false; // it was never given, or was given back
    if (this.#stopped.has(path))
      return this.#refuse(path, request.id, `the lane ${inspect(path)} is not served any more`, slots);
    if (this.#earlyBytes + bytes > mostWaitingBytes)
      return this.#refuse(path, request.id, 'too much waits for lanes that nobody has opened', slots);
    this.#early.push({ path, request, slots, bytes });
    this.#earlyBytes += bytes;
    return this.#early.length <= this.#limits.calls; // the peer may not have more without an answer
  }

  #takeEarly(lane: ServeLane): void {
    const early = this.#early;
    this.#early = early.filter(({ path }) => path !== lane.path);
    for (const { path, request, slots, bytes } of early)
      if (path === lane.path) {
        this.#earlyBytes -= bytes;
        this.#serveRequest(lane, request, slots);
      }
  }

  #serveRequest(lane: ServeLane, request: Request, slots: Slots): boolean {
    const { path, options } = lane;
    const run = { id: request.id, link: this.#link };
    if (request.type === 'RELEASE') return this.#released(lane, run);
    if (lane.release !== undefined) return false;
    const reason = this.#isBusy() ?? this.#isCrowded(slots.size) ?? refuseRequest(request, options);
    if (reason !== undefined) return this.#refuse(path, request.id, reason, slots);
    const ports: MessagePort[] = [];
    const args = request.args.map((arg, index) => this.#borrow(arg, slots.get(index + 1), lane.inner, ports));
    if (!this.#run(lane, run, (id) => grammar.writeRequest(id, { ...request, args }), ports))
      return this.#refuse(path, request.id, 'the message cannot be read', slots);
    return true;
  }

  #isBusy(): string | undefined {
    const { calls } = this.#limits;
    return this.#running < calls ? undefined : `more than ${calls} calls are in flight: the limit \`calls\``;
  }

  /** Whether so many more proxies are too many. */
  #isCrowded(count: number): string | undefined {
    return count > 0 && this.#proxies + count > this.#limits.lanes ? crowded : undefined;
  }

  /** Hands a request to Comlink, under an id of ours. False when nobody can read it. */
  #run(lane: ServeLane, run: Running, write: (id: string) => object, ports: readonly MessagePort[]): boolean {
    const id = `${this.#nextId++}`;
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

  /** The peer gives a lane back. One with a name stays: it is the next document's, too. */
  #released(lane: ServeLane, run: Running): boolean {
    if (isTop(lane.path)) this.#post(lane.path, grammar.writeAnswer(run.id, nothing));
    else {
      if (lane.release !== undefined) return false;
      lane.release = run;
      this.#drain(lane);
    }
    return true;
  }

  /** Nobody calls over it any more. What runs, ends; then Comlink lets go of what it serves. */
  #retire(lane: ServeLane): void {
    this.#dropServe(lane);
    lane.release ??= { id: '', link: undefined };
    this.#drain(lane);
  }

  /** A lane that is given back holds its place, and its calls theirs, until all of them have ended. */
  #drain(lane: ServeLane): void {
    const { release } = lane;
    if (release === undefined || lane.running.size > 0 || lane.isReleasing) return;
    lane.isReleasing = true;
    const write = (id: string): object => grammar.writeRequest(id, { id, type: 'RELEASE', path: [], args: [] });
    if (!this.#run(lane, release, write, [])) lane.close();
  }

  #dropServe(lane: ServeLane): void {
    if (this.#serves.get(lane.path) !== lane) return;
    this.#serves.delete(lane.path);
    if (!isTop(lane.path)) this.#proxies--;
  }

  #receiveAnswer(path: string, { id, value }: grammar.Answer, slots: Slots): boolean {
    const pending = this.#takePending(path, id);
    if (pending === undefined) return false;
    const { type, caller } = pending;
    if (type === 'RELEASE' && !(value.type === 'RAW' && value.value === undefined)) return false;
    const reason = this.#isCrowded(slots.size) ?? refuseAnswer(value, type, caller.options);
    const ports: MessagePort[] = [];
    if (reason !== undefined) this.#giveBack(slots);
    const answer = reason === undefined ? this.#borrow(value, slots.get(0), caller.options, ports) : thrown(reason);
    settle(caller, id, answer, ports);
    if (type === 'RELEASE') caller.lane.close();
    this.#pump();
    return this.#isBounded();
  }

  /** Its sender is told, where it says that it waits for an answer; an answer of no known form answers nothing. */
  #malformed(path: string, data: unknown, slots: Slots): boolean {
    const head = grammar.parseHead(data);
    const isKnown = this.#serves.has(path) || isTop(path);
    return head?.isRequest === true && isKnown && this.#refuse(path, head.id, 'the message is malformed', slots);
  }

  /** A message over a limit is not looked into: its sender is told, or whoever waits for it here. */
  #tooLarge(path: string, data: unknown, slots: Slots, over: ExceededLimit): boolean {
    const head = grammar.parseHead(data);
    if (head === undefined || !(this.#serves.has(path) || this.#calls.has(path) || isTop(path))) return false;
    const reason = `the message is over the limit \`${over}\``;
    if (head.isRequest) return this.#refuse(path, head.id, reason, slots);
    this.#giveBack(slots);
    return this.#settle(path, head.id, thrown(reason)) && this.#isBounded();
  }

  /** Answers a request of the peer with why it does not pass. */
  #refuse(path: string, id: string, reason: string, slots: Slots): boolean {
    this.#giveBack(slots);
    this.#post(path, grammar.writeAnswer(id, thrown(reason)));
    return this.#isBounded();
  }

  /** Lanes that nobody here will use: their owner frees what it serves on them. */
  #giveBack(slots: Slots): void {
    for (const path of slots.values()) {
      this.#calls.get(path)?.close();
      const lane = this.#addCall(path, () => this.#calls.delete(path));
      const id = `${this.#nextId++}`;
      lane.pending.set(id, { type: 'RELEASE', caller: { lane, options: {}, deliver: () => undefined } });
      this.#inFlight++;
      this.#post(path, grammar.writeRequest(id, { id, type: 'RELEASE', path: [], args: [] }));
    }
  }

  #isBounded(): boolean {
    return this.#calls.size <= this.#limits.lanes + maxReturned;
  }

  /** An endpoint for Comlink, in the place of one that the peer has kept: a port of ours, whose other end is the lane. */
  #borrow(value: WireValue, path: string | undefined, options: LaneOptions, ports: MessagePort[]): WireValue {
    if (path === undefined) return value;
    const { port1, port2 } = new MessageChannel();
    this.#proxies++;
    const lane = this.#addCall(path, () => {
      port1.close();
      if (this.#calls.get(path) !== lane) return;
      this.#calls.delete(path);
      this.#proxies--;
    });
    const caller: Caller = { lane, options, deliver: (message, given) => port1.postMessage(message, [...given]) };
    port1.onmessage = ({ data, ports: given }) => this.#ask(caller, data, given, asItIs);
    ports.push(port2);
    return withValue(value, port2);
  }

  #addCall(path: string, close: () => void): CallLane {
    const lane: CallLane = { path, pending: new Map(), ended: undefined, close };
    this.#calls.set(path, lane);
    return lane;
  }

  #takePending(path: string, id: string): Pending | undefined {
    const lane = this.#calls.get(path);
    const pending = lane?.pending.get(id);
    if (pending === undefined) return undefined;
    lane?.pending.delete(id);
    this.#inFlight--;
    return pending;
  }

  #settle(path: string, id: string, value: WireValue): boolean {
    const pending = this.#takePending(path, id);
    if (pending === undefined) return false;
    settle(pending.caller, id, value);
    this.#pump();
    return true;
  }

  #post(path: string, data: object, slots: readonly unknown[] = [], transfer: readonly Transferable[] = []): void {
    this.#link?.post([LANE, path, data, slots], transfer.length > 0 ? transfer : undefined);
  }

  /** Each slot names a new lane of the peer's, once, with a number that goes up: no other lane can be taken over, and none comes again. */
  #parseSlots(path: string, given: readonly unknown[]): Slots | undefined {
    const below = `${topOf(path)}/${otherSide[this.#side]}`;
    const slots = new Map<number, string>();
    if (given.length > maxReturned) return undefined;
    for (let index = 0; index < given.length; index++) {
      const pair = given[index];
      if (!Array.isArray(pair) || pair.length !== 2) return undefined;
      const place: unknown = pair[0];
      const name: unknown = pair[1];
      const number = typeof name === 'string' && name.startsWith(below) ? Number(name.slice(below.length)) : -1;
      const isNew = number > this.#lastPort && Number.isSafeInteger(number) && name === `${below}${number}`;
      if (typeof place !== 'number' || typeof name !== 'string' || !isNew || slots.has(place)) return undefined;
      this.#lastPort = number;
      slots.set(place, name);
    }
    return slots;
  }
}

/** Whether each endpoint of a message has a lane, and each lane an endpoint. */
function isEveryEndpointNamed(content: Request | grammar.Answer, slots: Slots): boolean {
  const values = isRequest(content) ? content.args : [content.value];
  const first = isRequest(content) ? 1 : 0;
  let count = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined || !isProxy(value)) continue;
    if (!slots.has(index + first)) return false;
    count++;
  }
  return count === slots.size;
}

/** Tells Comlink the answer to a request of its own. */
function settle({ deliver }: Caller, id: string, value: WireValue, ports: readonly MessagePort[] = []): void {
  try {
    deliver(grammar.writeAnswer(id, value), ports);
  } catch {
    deliver(grammar.writeAnswer(id, thrown('the answer cannot be read')), []);
  }
}

function refuseOwnRequest({ type }: Request, outgoing: Outgoing | undefined): string | undefined {
  if (type === 'SET' || type === 'ENDPOINT') return `${type} is not allowed over a lane`;
  return outgoing === undefined ? noPorts : undefined;
}

const noPorts = 'A MessagePort cannot cross a lane: pass it to a procedure, with transfer()';
const crowded = 'too many lanes are open: release proxies, or raise the limit `lanes`';

function isAskedByLanguage({ path }: Request): boolean {
  return path.some((name) => name.startsWith('Symbol('));
}

function isTop(path: string): boolean {
  return !path.includes('/');
}

function topOf(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? path : path.slice(0, end);
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || !/^[^/]{1,200}$/.test(name))
    throw invalidOption(`the lane's name is ${inspect(name)}: give a string of up to 200 characters without "/"`);
}
