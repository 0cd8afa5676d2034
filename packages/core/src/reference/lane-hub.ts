import { type MuntinError, show } from '../errors.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { LANE } from '../link/messages.ts';
import { type LaneMessage, type LaneOptions, refusal } from './lanes.ts';

type Listener = EventListenerOrEventListenerObject;
type Fields = Readonly<Record<string, unknown>>;

/** One lane: where its messages go here, and what is pending at the peer. */
interface OpenLane {
  readonly path: string;
  readonly options: LaneOptions;
  readonly deliver: (data: unknown, ports: readonly MessagePort[]) => void;
  /** Ids of the requests of ours that have no answer yet. */
  readonly pending: Set<string>;
  /** Frees what it holds; the lanes that carry a port of their own only. */
  readonly close: () => void;
}

// What Comlink sends (its protocol.ts): requests have a type of these, answers RAW or HANDLER.
const requestTypes: ReadonlySet<unknown> = new Set(['GET', 'SET', 'APPLY', 'CONSTRUCT', 'ENDPOINT', 'RELEASE']);
// What every object and function inherits is nobody's method.
const inherited: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  'then',
  'prototype',
]);
const maxQueued = 1000;

/**
 * The lanes that are open, with Comlink's messages on them. Of the peer's requests only a call of what is served or of one of its methods
 * passes, and release; everything else is refused, with an answer. Ports inside messages, by which Comlink passes callbacks and proxies,
 * never cross: each becomes a lane of its own, guarded in the same way.
 */
export class LaneHub {
  readonly #side: string;
  readonly #limits: Limits;
  readonly #lanes = new Map<string, OpenLane>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #early: LaneMessage[] = [];
  #queue: { readonly path: string; readonly data: unknown; readonly transfer: readonly Transferable[] }[] = [];
  #link: Link | undefined;
  #ended: MuntinError | undefined;
  #nextPort = 0;

  constructor(side: string, limits: Limits) {
    this.#side = side;
    this.#limits = limits;
  }

  open(name: string, options: LaneOptions): void {
    if (this.#lanes.has(name)) return;
    this.#add(name, options, (data, ports) => this.#dispatch(name, data, ports));
  }

  listen(name: string, listener: Listener): void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    for (const message of this.#early.splice(0)) this.receive(message);
  }

  unlisten(name: string, listener: Listener): void {
    this.#listeners.get(name)?.delete(listener);
  }

  attach(link: Link): void {
    this.#link = link;
    this.#ended = undefined;
    for (const { path, data, transfer } of this.#queue.splice(0)) this.post(path, data, transfer);
  }

  detach(cause: MuntinError, isFinal: boolean): void {
    this.#link = undefined;
    this.#early.length = 0; // of the session that is over: a lane that is opened in the next must not hear it
    this.#ended = isFinal ? cause : undefined;
    for (const lane of [...this.#lanes.values()]) {
      for (const id of lane.pending) lane.deliver(refusal(id, cause.message), []);
      lane.pending.clear();
      lane.close();
    }
    if (isFinal)
      for (const { path, data, transfer } of this.#queue.splice(0)) this.refuseOwn(path, data, cause, transfer);
  }

  /** Sends a message of ours: at once, or when there is a session. */
  post(path: string, data: unknown, transfer: readonly Transferable[]): void {
    const lane = this.#lanes.get(path);
    // Who makes a text or a number of a proxy calls a method that is named by a symbol. The language does not listen to the answer.
    if (lane === undefined || isAskedByLanguage(data)) return closeGiven(transfer);
    if (this.#link === undefined) {
      if (this.#ended !== undefined || this.#queue.length >= maxQueued)
        return this.refuseOwn(path, data, this.#ended, transfer);
      this.#queue.push({ path, data, transfer });
      return;
    }
    const ports: [slot: number, path: string][] = [];
    const message = mapSlots(data, (value, slot) => {
      if (!(value instanceof MessagePort && transfer.includes(value))) return value;
      ports.push([slot, this.#bridge(`${path}/${this.#side}${this.#nextPort++}`, lane.options, value)]);
      return null;
    });
    if (isFields(data) && requestTypes.has(data['type']) && typeof data['id'] === 'string')
      lane.pending.add(data['id']);
    const others = transfer.filter((item) => !(item instanceof MessagePort));
    this.#link.post([LANE, path, message, ports], others.length > 0 ? others : undefined);
  }

  /** Takes a message of the peer. False when it did what an honest one cannot. */
  receive(message: LaneMessage): boolean {
    const { path, data, ports: given, over } = message;
    const lane = this.#lanes.get(path);
    const isHeard = path.includes('/') || (this.#listeners.get(path)?.size ?? 0) > 0;
    if (lane === undefined || !isHeard) {
      // A lane of a released proxy is gone for good; any other may still be opened.
      if (!path.includes('/')) this.#early.push(message);
      return this.#early.length <= maxQueued;
    }
    if (!isFields(data) || given.length > this.#limits.lanes) return false;
    const ports = [...given]; // a list of the peer's can have an `every` of its own
    if (!ports.every(isSlot)) return false;
    // Each is a new lane below this one, numbered by the peer: no other lane can be taken over.
    const below = `${path}/${this.#side === 'host' ? 'guest' : 'host'}`;
    if (!ports.every(([, port]) => port.startsWith(below) && !this.#lanes.has(port))) return false;
    const { id, type } = data;
    if (over !== undefined) return this.#answer(path, id, 'the message is over the size limits');
    if (this.#lanes.size + ports.length > this.#limits.lanes)
      return this.#answer(path, id, 'too many lanes are open; release proxies');
    if (!requestTypes.has(type)) return this.#receiveAnswer(lane, data, ports);
    const reason = refuse(data, lane.options, new Map(ports));
    if (reason !== undefined) return this.#answer(path, id, reason);
    this.#deliver(lane, data, ports);
    if (type === 'RELEASE' && path.includes('/')) lane.close();
    return true;
  }

  #receiveAnswer(lane: OpenLane, data: Fields, ports: readonly Slot[]): boolean {
    const { id, type, name } = data;
    if (typeof id !== 'string' || !lane.pending.delete(id)) return true; // late, or invented: nobody waits for it
    if (type !== 'RAW' && !(type === 'HANDLER' && isAllowed(name, lane.options, true))) return false;
    this.#deliver(lane, data, ports);
    return true;
  }

  /** Ports that the peer kept arrive as ports of a channel of ours, whose other end is a lane. */
  #deliver(lane: OpenLane, data: Fields, slots: readonly Slot[]): void {
    const bySlot = new Map(slots);
    const ports: MessagePort[] = [];
    const message = mapSlots(data, (value, slot) => {
      const path = bySlot.get(slot);
      if (path === undefined || this.#lanes.has(path)) return value;
      const { port1, port2 } = new MessageChannel();
      this.#bridge(path, lane.options, port1);
      ports.push(port2);
      return port2;
    });
    try {
      lane.deliver(message, ports);
    } catch {
      // A transfer handler that cannot read it, or a part that cannot be posted on: the peer's fault, and not this page's error.
      this.#answer(lane.path, data['id'], 'the message cannot be read');
    }
  }

  /** Joins a port of this page with a lane. */
  #bridge(path: string, options: LaneOptions, port: MessagePort): string {
    port.onmessage = ({ data, ports }) => this.post(path, data, [...ports]);
    const close = (): void => {
      this.#lanes.delete(path);
      port.close();
    };
    this.#add(path, options, (data, ports) => port.postMessage(data, [...ports]), close);
    return path;
  }

  #add(path: string, options: LaneOptions, deliver: OpenLane['deliver'], close = (): void => undefined): void {
    this.#lanes.set(path, { path, options, deliver, close, pending: new Set() });
  }

  #dispatch(name: string, data: unknown, ports: readonly MessagePort[]): void {
    const event = new MessageEvent('message', { data, ports: [...ports] });
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      if (typeof listener === 'function') listener(event);
      else listener.handleEvent(event);
    }
  }

  #answer(path: string, id: unknown, reason: string): true {
    if (typeof id === 'string') this.#link?.post([LANE, path, refusal(id, reason), []]);
    return true;
  }

  /** Nobody will answer this request of ours: we do. The ports that it gave away are closed, as whoever got them would. */
  refuseOwn(
    path: string,
    data: unknown,
    cause: MuntinError<string> | undefined,
    transfer: readonly Transferable[] = [],
  ): void {
    closeGiven(transfer);
    const id = isFields(data) ? data['id'] : undefined;
    const reason = cause?.message ?? 'too much waits for a session';
    const lane = this.#lanes.get(path);
    if (typeof id !== 'string' || lane === undefined) return;
    lane.pending.delete(id);
    lane.deliver(refusal(id, reason), []);
  }
}

/** Why a request of the peer does not pass; `undefined` when it does. */
function refuse(
  { type, path = [], argumentList = [] }: Fields,
  { methods, properties = [], construct = false, ...rest }: LaneOptions,
  ports: ReadonlyMap<number, string>,
): string | undefined {
  // Comlink calls methods of both, which a name of the peer's would hide.
  if (!isBareList(path) || !isBareList(argumentList)) return 'the message is malformed';
  const args: readonly unknown[] = argumentList;
  if (type === 'RELEASE') return args.length === 0 ? undefined : 'a release has no arguments';
  const [name, ...further]: readonly unknown[] = path;
  if (further.length > 0) return 'a lane has no property paths';
  if (name !== undefined && (typeof name !== 'string' || inherited.has(name))) return `${show(name)} is not a method`;
  if (type === 'GET')
    return name !== undefined && properties.includes(name) ? undefined : 'properties cannot be read over a lane';
  if (type !== 'APPLY' && !(type === 'CONSTRUCT' && construct)) return `${String(type)} is not allowed over a lane`;
  if (name !== undefined && methods !== undefined && !methods.includes(name))
    return `"${name}" is not one of the lane's methods`;
  const isFine = [...args].every(
    (arg, index) =>
      isFields(arg) &&
      (arg['type'] === 'RAW' ||
        (arg['type'] === 'HANDLER' &&
          isAllowed(arg['name'], rest, false) &&
          (arg['name'] !== 'proxy' || ports.has(index + 1)))),
  );
  return isFine ? undefined : 'an argument of this kind is not allowed over a lane';
}

/** Which of Comlink's transfer handlers a peer may use: `throw` only in an answer, where Comlink expects it. */
function isAllowed(handler: unknown, { transferHandlers = [] }: LaneOptions, isAnswer: boolean): boolean {
  return (
    typeof handler === 'string' &&
    (handler === 'proxy' || (isAnswer && handler === 'throw') || transferHandlers.includes(handler))
  );
}

/** Where a port belongs in a message, and the lane that it has become. */
type Slot = readonly [slot: number, path: string];

function isBareList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Object.keys(value).length === value.length;
}

function isSlot(value: unknown): value is Slot {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && isText(value[1]);
}

/** A request of ours for what a symbol names, which Comlink writes as "Symbol(…)": no peer has that. */
function isAskedByLanguage(data: unknown): boolean {
  if (!isFields(data) || !Array.isArray(data['path'])) return false;
  return data['path'].some((name: unknown) => typeof name === 'string' && name.startsWith('Symbol('));
}

function closeGiven(transfer: readonly Transferable[]): void {
  for (const item of transfer) if (item instanceof MessagePort) item.close();
}

/** Comlink puts ports into the value of an answer (slot 0) and the value of each argument (from 1); each may be replaced. */
function mapSlots(data: unknown, map: (value: unknown, slot: number) => unknown): unknown {
  if (!isFields(data)) return data;
  const { argumentList } = data;
  const args: readonly unknown[] | undefined = Array.isArray(argumentList) ? [...argumentList] : undefined;
  const mapped = args?.map((arg, index) => (isFields(arg) ? { ...arg, value: map(arg['value'], index + 1) } : arg));
  return {
    ...data,
    ...(mapped === undefined ? {} : { argumentList: mapped }),
    ...('value' in data ? { value: map(data['value'], 0) } : {}),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1024;
}
