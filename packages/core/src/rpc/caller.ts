import type { CallOptions, Procedure, Served, SubscribeOptions } from '../contract/types.ts';
import { areIssues, validate } from '../contract/validate.ts';
import { invalidOption, isMuntinError, isPeerCode, MuntinError, show } from '../errors.ts';
import type { Over } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { type Answer, CALL, CANCEL, CREDIT, closePorts, FAILURE, NEXT } from '../link/messages.ts';
import type { Inlet, Receiver } from '../stream/consumer.ts';
import type { Credit } from '../stream/credit.ts';
import { isPromiseLike } from '../stream/kinds.ts';

const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 2 ** 31 - 1; // what setTimeout can hold
// Calls that wait for a free place at the peer while the session is open: a burst is merely slower.
const openQueue = 65_536;

/** Which end of a session this is. It decides over ids: those of the host are odd, those of the guest even. */
export type Side = 'host' | 'guest';

/** A call or a subscription on its way: waiting to be sent, or sent and not ended. */
export interface Outgoing {
  /** 0 until it is sent; -1 when it was sent in an earlier session and waits for the next. */
  id: number;
  readonly path: string;
  readonly procedure: Procedure;
  /** Of a stream that goes on behind a cursor: what it was subscribed to with last. */
  input: unknown;
  /** Of a reference only: the one session in which it means something, and its index there. */
  readonly target: Target | undefined;
  readonly receiver: Receiver;
  /** Of a stream only. */
  readonly credit: Credit | undefined;
  /** Of a stream only: the values that were delivered last. */
  last: readonly unknown[] | undefined;
  /** When to give up, in the time of `performance.now()`. */
  deadline: number;
  /** Only where the schema of a stream is asynchronous: what has to happen in order waits for it. */
  tail: Promise<void> | undefined;
  unlisten: (() => void) | undefined;
}

/** What a reference of the peer is called by. */
export interface Target {
  readonly route: Route;
  readonly index: number;
}

/** How values cross that do not cross as they are: with something live in them, or encoded. */
export interface Values {
  /** What to post a value with: nothing where it crosses as it is. */
  markOf(value: unknown): readonly Transferable[] | undefined;
  /** Puts what is live in its places. Throws for what no honest peer packs. */
  unpack(value: unknown, attachments: readonly unknown[] | undefined): unknown;
  /** Nobody here takes what came: it is given back. */
  discard(attachments: readonly unknown[] | undefined): void;
  /** What the peer means by the index of something that it got by reference. */
  find(index: number): Served | undefined;
}

/** The session that a caller uses. */
export interface Route {
  readonly link: Link;
  readonly values: Values;
  /** Index by path of the procedures that the peer serves. */
  readonly indexes: ReadonlyMap<string, number>;
  /** How many calls the peer takes at once. */
  readonly window: number;
  /** The peer sent what no honest peer sends. */
  readonly onViolation: (what: string) => void;
}

/**
 * Calls out, and settles every answer: by result, failure, cancel, timeout or close, exactly once.
 *
 * It outlives the sessions of its mount: what is called while there is none waits, within its timeout, and a query that a reload
 * interrupted is sent again.
 */
export class Caller {
  readonly #limits: Limits;
  #lastId: number;
  #firstId = 0;
  // In the order in which they were called.
  readonly #waiting = new Set<Outgoing>();
  readonly #sent = new Map<number, Outgoing>();
  // Answered, and still in the hands of an asynchronous schema, or of a promise of the peer's.
  readonly #checking = new Set<Outgoing>();
  #callsInFlight = 0;
  #route: Route | undefined;
  #ended: MuntinError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  /** Called when something begins to be pending at the peer, for whoever watches over it. */
  onPending: (() => void) | undefined;

  constructor(side: Side, limits: Limits) {
    this.#limits = limits;
    this.#lastId = side === 'host' ? -1 : 0;
  }

  /** Whether anything waits for the peer. */
  get isPending(): boolean {
    return this.#sent.size > 0;
  }

  call(path: string, procedure: Procedure, input: unknown, options?: CallOptions, target?: Target): Promise<unknown> {
    return new Promise((done, fail) => {
      this.#begin(newOutgoing(path, procedure, input, { next: done, done, fail }, undefined, target), options);
    });
  }

  subscribe(
    path: string,
    procedure: Procedure,
    input: unknown,
    receiver: Receiver,
    options: SubscribeOptions = {},
    target?: Target,
  ): Inlet {
    const stream = newOutgoing(path, procedure, input, receiver, procedure.runtime?.credit(options.window), target);
    this.#begin(stream, options);
    return {
      take: (count) => {
        const grant = stream.credit?.take(count);
        if (this.#route === undefined) return;
        if (this.#waiting.has(stream))
          this.#sendWaiting(true); // again, when there is room for its values
        else if (grant && this.#sent.get(stream.id) === stream) this.#route.link.post([CREDIT, stream.id, grant]);
      },
      close: () => this.#drop(stream),
    };
  }

  /** A session is open: what waits is sent over it. */
  attach(route: Route): void {
    this.#route = route;
    this.#firstId = this.#lastId + 2; // ids of an earlier session were never issued in this one
    this.#ended = undefined;
    this.#sendWaiting(true);
  }

  /**
   * The session is over. What `survives` waits for the next; everything else ends with `LINK_CLOSED`. Without it no session will come,
   * until one is attached or {@link revive}.
   */
  end(cause: MuntinError, survives?: (outgoing: Outgoing) => boolean): void {
    const all = survives === undefined ? this.#all() : [...this.#sent.values(), ...this.#waiting];
    this.#route = undefined;
    this.#sent.clear();
    this.#callsInFlight = 0;
    if (survives === undefined) {
      this.#ended = cause;
      clearTimeout(this.#timer);
      this.#timerAt = Infinity;
      for (const outgoing of all) this.#giveUp(outgoing, linkClosed(outgoing, cause));
      return;
    }
    this.#waiting.clear();
    const lost = all.filter((outgoing) => {
      const isKept = survives(outgoing);
      if (!isKept) return true;
      this.#waiting.add(outgoing);
      // Its cursor is known when the last of its values is through its schema.
      void outgoing.tail?.then(() => {
        if (this.#waiting.has(outgoing) && !survives(outgoing)) this.#giveUp(outgoing, linkClosed(outgoing, cause));
        this.#sendWaiting(true);
      });
      return false;
    });
    for (const outgoing of lost) this.#settle(outgoing, linkClosed(outgoing, cause));
  }

  /** The page was frozen for so long: deadlines do not count that time. */
  extend(ms: number): void {
    for (const outgoing of this.#all()) outgoing.deadline += ms;
    if (this.#timerAt === Infinity) return;
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
    this.#expire();
  }

  /** A session may come again: calls wait for it. */
  revive(): void {
    this.#ended = undefined;
  }

  /** An answer of the peer, and which limit its value breaks. */
  receive(answer: Answer, over: Over): void {
    const [kind, id, value] = answer;
    const outgoing = this.#sent.get(id);
    if (outgoing === undefined) {
      if (kind !== FAILURE) this.#route?.values.discard(answer[3]);
      // It may be late: cancelled, timed out. But not for what was never asked.
      if (id > this.#lastId || id < this.#firstId || (id - this.#firstId) % 2 !== 0)
        this.#route?.onViolation(`an answer to ${id}`);
    } else if (kind === NEXT) this.#next(outgoing, answer[2], answer[3], over);
    else {
      this.#takeOut(outgoing);
      if (kind === FAILURE) this.#failed(outgoing, readFailure(outgoing, answer, over, this.#limits));
      else this.#done(outgoing, value, answer[3], over);
      this.#sendWaiting();
    }
  }

  /** A message of ours could not be cloned: what it belongs to fails, and nothing else. */
  unsendable(id: number, error: MuntinError<string>): void {
    const outgoing = this.#sent.get(id);
    if (outgoing === undefined) return;
    this.#forget(outgoing); // first: the peer has never heard of it
    this.#settle(outgoing, error);
    this.#sendWaiting();
  }

  #begin(outgoing: Outgoing, { signal, timeoutMs = defaultTimeoutMs }: CallOptions = {}): void {
    const { path, receiver, target, credit } = outgoing;
    const route = this.#route;
    const isTime =
      typeof timeoutMs === 'number' && timeoutMs >= 1 && (timeoutMs <= maxTimeoutMs || timeoutMs === Infinity);
    const refusal = !isTime
      ? invalidOption(`timeoutMs is ${show(timeoutMs)}: give milliseconds from 1 to ${maxTimeoutMs}, or Infinity`)
      : signal?.aborted
        ? cancelled(outgoing, signal)
        : this.#ended !== undefined
          ? linkClosed(outgoing, this.#ended)
          : target !== undefined && target.route !== route
            ? new MuntinError('REFERENCE_RELEASED', `"${path}" is a reference of a session that is over`)
            : this.#waiting.size >= (route === undefined ? this.#limits.queue : openQueue)
              ? new MuntinError(
                  'OVERLOADED',
                  `"${path}" was not called: ${this.#waiting.size} calls wait already; wait for answers`,
                )
              : undefined;
    if (refusal !== undefined) return receiver.fail(refusal);
    if (signal !== undefined) {
      const onAbort = (): void => this.#giveUp(outgoing, cancelled(outgoing, signal));
      signal.addEventListener('abort', onAbort);
      outgoing.unlisten = () => signal.removeEventListener('abort', onAbort);
    }
    if (timeoutMs !== Infinity) this.#wakeAt((outgoing.deadline = performance.now() + timeoutMs));
    const isFree = credit !== undefined || (this.#waiting.size === 0 && this.#callsInFlight < (route?.window ?? 0));
    if (route !== undefined && isFree) this.#send(outgoing, route);
    else this.#waiting.add(outgoing);
  }

  /** Sends what waits, in order. Calls that find no free place at the peer go on waiting; streams, of a new session, need none. */
  #sendWaiting(hasStreams = false): void {
    for (const outgoing of this.#waiting) {
      if (this.#route === undefined) return;
      const { credit, tail } = outgoing;
      if (credit === undefined ? this.#callsInFlight < this.#route.window : tail === undefined && credit.restart() > 0)
        this.#send(outgoing, this.#route);
      else if (!hasStreams) return;
    }
  }

  #send(outgoing: Outgoing, { link, values, indexes }: Route): void {
    const { path, input, credit, target } = outgoing;
    this.#waiting.delete(outgoing);
    const index = target?.index ?? indexes.get(path);
    if (index === undefined) {
      const text = `"${path}" is not served by the peer: its contract may be older`;
      return this.#settle(outgoing, new MuntinError('PROCEDURE_NOT_FOUND', text));
    }
    this.#sent.set((outgoing.id = this.#lastId += 2), outgoing);
    if (credit === undefined) this.#callsInFlight++;
    else outgoing.deadline = Infinity; // a stream may be silent for as long as it likes
    link.post([CALL, outgoing.id, index, input, credit?.restart() ?? 0], values.markOf(input));
    if (this.#sent.size === 1) this.onPending?.();
  }

  #done(outgoing: Outgoing, value: unknown, attachments: readonly unknown[] | undefined, over: Over): void {
    const { path, procedure, receiver, credit } = outgoing;
    if (credit !== undefined) {
      closePorts(attachments);
      outgoing.unlisten?.();
      return inOrder(outgoing, () => receiver.done(undefined));
    }
    try {
      checkSize(over, 'answer', path, this.#limits);
      const answer = this.#unpack(value, attachments);
      const checked = validate(procedure.output, answer, 'OUTPUT_INVALID', path);
      if (isPromiseLike(checked)) return this.#check(outgoing, checked, attachments);
      receiver.done(checked);
    } catch (error) {
      closePorts(attachments);
      receiver.fail(error);
    }
    outgoing.unlisten?.();
  }

  /** It has been answered; until the answer is checked, its time runs on and its signal is heard. */
  #check(outgoing: Outgoing, checked: PromiseLike<unknown>, attachments?: readonly unknown[]): void {
    this.#checking.add(outgoing);
    void checked
      .then(
        (value) => outgoing.receiver.done(value),
        (error: unknown) => {
          closePorts(attachments);
          this.#settle(outgoing, error);
        },
      )
      .then(() => this.#forget(outgoing));
  }

  #next(outgoing: Outgoing, values: readonly unknown[], attachments: readonly unknown[] | undefined, over: Over): void {
    const { path, procedure, credit } = outgoing;
    if (credit?.spend(values.length) !== true) {
      closePorts(attachments);
      return this.#route?.onViolation(`stream values that ${outgoing.id} has no credit for`);
    }
    const good: unknown[] = [];
    let bad: unknown;
    let isLate = false;
    try {
      checkSize(over, 'value', path, this.#limits);
      for (const value of values) {
        const item = validate(procedure.output, this.#unpack(value, attachments), 'OUTPUT_INVALID', path);
        isLate ||= isPromiseLike(item);
        good.push(item);
      }
    } catch (error) {
      closePorts(attachments);
      bad = error;
    }
    if (isLate)
      setTail(
        outgoing,
        Promise.all([outgoing.tail, ...good])
          .then(([, ...checked]) => deliver(outgoing, checked))
          .catch((error) => {
            closePorts(attachments);
            this.#giveUp(outgoing, error);
          }),
      );
    else if (good.length > 0) inOrder(outgoing, () => deliver(outgoing, good));
    if (bad !== undefined) inOrder(outgoing, () => this.#giveUp(outgoing, bad));
  }

  #unpack(value: unknown, attachments: readonly unknown[] | undefined): unknown {
    try {
      return this.#route?.values.unpack(value, attachments);
    } catch (error) {
      if (isMuntinError(error) && error.code === 'PROTOCOL_VIOLATION') this.#route?.onViolation(error.message);
      throw error;
    }
  }

  /** The schema of an error's data may be asynchronous, too. */
  #failed(outgoing: Outgoing, error: unknown): void {
    if (isPromiseLike(error)) this.#check(outgoing, error);
    else this.#settle(outgoing, error);
  }

  #all(): readonly Outgoing[] {
    return [...this.#sent.values(), ...this.#waiting, ...this.#checking];
  }

  /** Takes it out of everything; true when the peer has it. */
  #forget(outgoing: Outgoing): boolean {
    outgoing.unlisten?.();
    this.#waiting.delete(outgoing);
    this.#checking.delete(outgoing);
    return this.#takeOut(outgoing);
  }

  /** The peer has nothing more to say to it, or will not be heard. */
  #takeOut(outgoing: Outgoing): boolean {
    if (this.#sent.get(outgoing.id) !== outgoing) return false;
    if (outgoing.credit === undefined) this.#callsInFlight--;
    return this.#sent.delete(outgoing.id);
  }

  #settle(outgoing: Outgoing, error: unknown): void {
    outgoing.unlisten?.();
    inOrder(outgoing, () => outgoing.receiver.fail(error));
  }

  /** Nobody waits any more: the peer is told. */
  #drop(outgoing: Outgoing): void {
    if (this.#forget(outgoing)) this.#route?.link.post([CANCEL, outgoing.id]);
    this.#sendWaiting();
  }

  #giveUp(outgoing: Outgoing, error: unknown): void {
    this.#drop(outgoing);
    outgoing.receiver.fail(error);
  }

  /** One timer for all: it is set for the earliest deadline, and not moved when that is met. */
  #wakeAt(deadline: number): void {
    if (deadline >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => this.#expire(), deadline - performance.now());
  }

  #expire(): void {
    const now = performance.now() + 1; // a timer may come a little early
    this.#timerAt = Infinity;
    for (const outgoing of this.#all()) {
      if (outgoing.deadline <= now) this.#giveUp(outgoing, timedOut(outgoing));
      else if (outgoing.deadline < Infinity) this.#wakeAt(outgoing.deadline);
    }
  }
}

function newOutgoing(
  path: string,
  procedure: Procedure,
  input: unknown,
  receiver: Receiver,
  credit: Credit | undefined,
  target: Target | undefined,
): Outgoing {
  return {
    id: 0,
    path,
    procedure,
    input,
    target,
    receiver,
    credit,
    last: undefined,
    deadline: Infinity,
    tail: undefined,
    unlisten: undefined,
  };
}

function deliver(outgoing: Outgoing, values: readonly unknown[]): void {
  outgoing.last = values;
  outgoing.receiver.next(values);
}

function inOrder(outgoing: Outgoing, step: () => void): void {
  if (outgoing.tail === undefined) step();
  else setTail(outgoing, outgoing.tail.then(step));
}

/** What comes next waits for it, until it has ended. */
function setTail(outgoing: Outgoing, work: Promise<void>): void {
  const tail = work.then(() => {
    if (outgoing.tail === tail) outgoing.tail = undefined;
  });
  outgoing.tail = tail;
}

function linkClosed({ path, id }: Outgoing, cause: MuntinError): MuntinError {
  return new MuntinError('LINK_CLOSED', `"${path}" has ended: ${cause.message}`, { cause, mayHaveRun: id !== 0 });
}

function cancelled({ path }: Outgoing, signal: AbortSignal): MuntinError {
  return new MuntinError('CALL_CANCELLED', `"${path}" was cancelled by its signal`, { cause: signal.reason });
}

function timedOut({ path, id }: Outgoing): MuntinError {
  const text =
    id !== 0 ? 'was not answered in time' : 'could not be sent in time: no session, or no free place at the peer';
  return new MuntinError('CALL_TIMED_OUT', `"${path}" ${text}`, { mayHaveRun: id !== 0 });
}

/** Throws for a value of the peer that may not be read: over the budget, unsafe, or in need of what could not be loaded. */
export function checkSize(over: Over, what: string, path: string, limits: Limits): void {
  if (over === undefined) return;
  if (over === 'unsafeKey')
    throw new MuntinError('VALUE_UNSAFE', `The ${what} of "${path}" has an own key "__proto__": rename it`);
  if (over === 'notLoaded')
    throw new MuntinError(
      'CHUNK_NOT_LOADED',
      `The ${what} of "${path}" needs a part of Muntin that the receiving page could not load; try again`,
    );
  throw new MuntinError('VALUE_TOO_LARGE', `The ${what} of "${path}" is over ${over}, ${limits[over]}`);
}

type Failure = Extract<Answer, readonly [typeof FAILURE, ...unknown[]]>;

/** What a peer says of a failure becomes a MuntinError: with a declared code and checked data, or with one of the codes peers may use. */
function readFailure(
  { path, procedure }: Outgoing,
  [, , code, message, data]: Failure,
  over: Over,
  limits: Limits,
): unknown {
  try {
    checkSize(over, 'data of an error', path, limits);
    if (!Object.hasOwn(procedure.errors, code))
      return new MuntinError(
        isPeerCode(code) ? code : 'HANDLER_FAILED',
        message,
        code === 'INPUT_INVALID' && areIssues(data) ? { data } : {},
      );
    const make = (checked: unknown): Error => new MuntinError(code, message, { data: checked });
    const checked = validate(procedure.errors[code], data, 'OUTPUT_INVALID', path);
    return isPromiseLike(checked) ? checked.then((value) => Promise.reject(make(value))) : make(checked);
  } catch (error) {
    return error;
  }
}
