import type { CallOptions, Peer, Procedure, SubscribeOptions } from '../contract/types.ts';
import { validate } from '../contract/validate.ts';
import { isMuntinError, MuntinError } from '../errors.ts';
import type { ExceededLimit, Scales } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import {
  type Answer,
  CALL,
  CANCEL,
  CREDIT,
  closePorts,
  FAILURE,
  type Message,
  NEXT,
  RESULT,
} from '../link/messages.ts';
import { wrongTimeout } from '../option-values.ts';
import type { Receiver, StreamSubscription } from '../stream/consumer.ts';
import type { Held } from '../stream/credit.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import { Deadlines } from './deadlines.ts';
import { assertWithinBudget, cancelled, linkClosed, readFailure, timedOut } from './failures.ts';
import type { Outgoing } from './hooks.ts';
import { keptInput } from './kept.ts';
import { PendingCall, type Route, type Target } from './pending.ts';
import type { Replay } from './replay.ts';
import { SendQueue } from './send-queue.ts';

const defaultTimeoutMs = 10_000;
// Calls that wait for a free place at the peer while the session is open: a burst is merely slower.
const openQueue = 65_536;

// What something live takes in its place until somebody reads it.
const attachmentBytes = 512;

/** Which end of a session this is. It decides over ids: those of the host are odd, those of the guest even. */
export type Side = 'host' | 'guest';

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
  readonly #queue = new SendQueue((call, route) => this.#send(call, route));
  readonly #sent = new Map<number, PendingCall>();
  // In the hands of hooks; or answered, and in those of an asynchronous schema, or of a promise of the peer's.
  readonly #checking = new Map<PendingCall, ((error: unknown) => void) | undefined>();
  readonly #asking: Question[] = [];
  readonly #deadlines = new Deadlines(
    () => this.#all(),
    (call) => this.#giveUp(call, timedOut(call)),
  );
  readonly #held: Held;
  #route: Route | undefined;
  #ended: MuntinError | undefined;
  /** Hooks around what is called. */
  outgoing: Outgoing | undefined;
  /** Called when something begins to be pending at the peer, for whoever watches over it. */
  onPending: (() => void) | undefined;

  /** `hasCodec`: whether values may cross otherwise than by structured clone alone. */
  constructor(side: Side, limits: Limits, hasCodec = true) {
    this.#limits = limits;
    this.#queue.hasCodec = hasCodec;
    this.#held = { bytes: 0, most: limits.windowBytes };
    this.#lastId = side === 'host' ? -1 : 0;
  }

  /** Whether anything waits for the peer. */
  get isPending(): boolean {
    return this.#sent.size > 0;
  }

  /** The other side; `undefined` while there is no session. */
  get peer(): Peer | undefined {
    return this.#route?.peer;
  }

  /** Whether the peer serves something of this name. It waits for a session. */
  serves(path: string): Promise<boolean> {
    if (this.#route !== undefined) return Promise.resolve(this.#route.indexes.has(path));
    if (this.#ended !== undefined) return Promise.reject(linkClosed({ path, hasRun: false }, this.#ended));
    return new Promise((done, fail) => {
      this.#asking.push({ path, done, fail });
    });
  }

  call(path: string, procedure: Procedure, input: unknown, options?: CallOptions, target?: Target): Promise<unknown> {
    return new Promise((done, fail) => {
      const call = new PendingCall(path, procedure, input, { next: done, done, fail }, undefined, target);
      if (this.outgoing === undefined) this.begin(call, options);
      else this.outgoing.call(call, options);
    });
  }

  subscribe(
    path: string,
    procedure: Procedure,
    input: unknown,
    receiver: Receiver,
    options: SubscribeOptions = {},
    target?: Target,
  ): StreamSubscription {
    const credit = procedure.runtime?.credit(options.window, this.#held);
    const stream = new PendingCall(path, procedure, input, receiver, credit, target);
    return this.outgoing === undefined ? this.open(stream, options) : this.outgoing.subscribe(stream, options);
  }

  /** Subscribes, past all hooks. */
  open(stream: PendingCall, options: SubscribeOptions): StreamSubscription {
    this.begin(stream, options);
    const inlet: StreamSubscription = {
      request: (count) => this.#take(stream, count),
      cancel: () => {
        stream.credit?.forget();
        this.#drop(stream);
      },
    };
    stream.credit?.watch(inlet);
    return inlet;
  }

  /**
   * Hooks have the call: it ends by what `settle` does, which is returned; or by its time, its signal or the end of the mount, which
   * `onOver` hears of. `undefined` where the call is refused at once: then no hook sees it.
   */
  track(
    call: PendingCall,
    options: CallOptions | undefined,
    onOver: (error: unknown) => void,
  ): ((settle: () => void) => void) | undefined {
    if (!this.#admit(call, options)) return undefined;
    try {
      call.input = keptInput(call.input, this.#route?.values, this.#queue.hasCodec); // what it is now: a hook may take its time
    } catch (error) {
      this.#settle(call, error);
      return undefined;
    }
    call.state = 'hooked';
    this.#checking.set(call, onOver);
    return (settle) => {
      if (!this.#checking.has(call)) return;
      this.#forget(call);
      call.state = 'settled';
      settle();
    };
  }

  /**
   * A session is there: what waits is sent over it. `isConfirmed`: the peer has said that it listens. Until then only goes what can be
   * sent again, and nothing that is behind the first that cannot; {@link confirm} follows.
   */
  attach(route: Route, isConfirmed = true): void {
    this.#route = route;
    this.#queue.isConfirmed = isConfirmed;
    this.#firstId = this.#lastId + 2; // ids of an earlier session were never issued in this one
    this.#ended = undefined;
    for (const { path, done } of this.#asking.splice(0)) done(route.indexes.has(path));
    this.#flush(true);
  }

  /** The peer listens. */
  confirm(): void {
    this.#queue.isConfirmed = true;
    this.#flush(true);
  }

  /**
   * The session is over. What `replay` keeps waits for the next; everything else ends with `LINK_CLOSED`. Without it no session will
   * come, until one is attached or {@link revive}.
   */
  end(cause: MuntinError, replay?: Replay): void {
    const pending = replay === undefined ? this.#all() : [...this.#sent.values(), ...this.#queue];
    this.#route = undefined;
    this.#sent.clear();
    this.#queue.inFlight = 0;
    if (replay !== undefined) {
      this.#queue.clear();
      return replay(pending, {
        queue: this.#queue,
        refuse: (call, why) => {
          this.#queue.remove(call);
          this.#settle(call, linkClosed(call, cause, why));
        },
        flush: () => this.#flush(true),
      });
    }
    this.#ended = cause;
    this.#deadlines.stop();
    // Hooks may have ended a call when what they had sent of it ended.
    for (const call of pending) if (call.state !== 'settled') this.#giveUp(call, linkClosed(call, cause));
    for (const { path, fail } of this.#asking.splice(0)) fail(linkClosed({ path, hasRun: false }, cause));
  }

  /** A session may come again: calls wait for it. */
  revive(): void {
    this.#ended = undefined;
  }

  /** An answer of the peer, and which limit its value breaks; `scales` have just weighed it. */
  receive(answer: Answer, over: ExceededLimit, scales?: Pick<Scales, 'weightOf'>): void {
    const [kind, id, value] = answer;
    const call = this.#sent.get(id);
    if (call === undefined) {
      if (kind !== FAILURE) this.#route?.values.discard(answer[3]);
      // It may be late: cancelled, timed out. But not for what was never asked.
      if (id > this.#lastId || id < this.#firstId || (id - this.#firstId) % 2 !== 0)
        this.#route?.onViolation(`an answer to ${id}`);
    } else if (kind === NEXT) {
      const attached = attachmentBytes * (answer[3]?.length ?? 0);
      this.#next(call, answer[2], answer[3], over, scales && scales.weightOf(value) + attached);
    } else if (kind === RESULT && call.credit !== undefined && (value ?? call.count) !== call.count) {
      this.#route?.values.discard(answer[3]); // this page could not read all of the stream's values: the peer will say so
    } else {
      this.#takeOut(call);
      if (kind === FAILURE) this.#failed(call, readFailure(call, answer, over, this.#limits));
      else this.#done(call, value, answer[3], over);
      this.#flush();
    }
  }

  /** A message of ours could not be cloned: what it belongs to fails, and nothing else. */
  unsendable(id: number, error: MuntinError<string>): void {
    const call = this.#sent.get(id);
    if (call === undefined) return;
    this.#forget(call); // first: the peer has never heard of it
    const { code, message, cause } = error;
    this.#settle(call, call.hasRun ? new MuntinError(code, message, { cause, mayHaveRun: true }) : error);
    this.#flush();
  }

  /** Sends a call, or lets it wait, past all hooks. */
  begin(call: PendingCall, options?: CallOptions): void {
    if (!this.#admit(call, options)) return;
    try {
      this.#queue.enter(call, this.#route);
    } catch (error) {
      this.#settle(call, error); // it has to wait, and cannot be kept
    }
  }

  /** Watches the time and the signal of a call. False when it is refused at once. */
  #admit(call: PendingCall, options: CallOptions = {}): boolean {
    const { signal, timeoutMs = call.procedure.timeoutMs ?? defaultTimeoutMs } = options;
    const refusal = this.#refusalOf(call, timeoutMs, signal);
    if (refusal !== undefined) {
      call.receiver.fail(refusal);
      return false;
    }
    if (signal !== undefined) {
      const onAbort = (): void => this.#giveUp(call, cancelled(call, signal));
      signal.addEventListener('abort', onAbort);
      call.unlisten = () => signal.removeEventListener('abort', onAbort);
    }
    this.#deadlines.set(call, timeoutMs);
    return true;
  }

  /** Why a call cannot even wait. */
  #refusalOf(call: PendingCall, timeoutMs: unknown, signal: AbortSignal | undefined): MuntinError | undefined {
    const { path, target } = call;
    const wrong = wrongTimeout(timeoutMs);
    if (wrong !== undefined) return wrong;
    if (signal?.aborted) return cancelled(call, signal);
    if (this.#ended !== undefined) return linkClosed(call, this.#ended);
    if (target !== undefined && target.route !== this.#route)
      return new MuntinError('REFERENCE_RELEASED', `"${path}" is a reference of a session that is over`);
    const { size } = this.#queue;
    if (size < (this.#route === undefined ? this.#limits.queue : openQueue)) return undefined;
    return new MuntinError('OVERLOADED', `"${path}" was not called: ${size} calls wait already; wait for answers`);
  }

  #flush(hasStreams = false): void {
    if (this.#queue.size > 0) this.#queue.flush(() => this.#route, hasStreams);
  }

  #send(call: PendingCall, { link, values, indexes }: Route): void {
    const { path, input, credit, target } = call;
    const index = target?.index ?? indexes.get(path);
    if (index === undefined) {
      const text = `"${path}" is not served by the peer: its contract may be older`;
      return this.#settle(call, new MuntinError('PROCEDURE_NOT_FOUND', text, { mayHaveRun: call.hasRun }));
    }
    const id = (this.#lastId += 2);
    call.send(id);
    this.#sent.set(id, call);
    if (credit === undefined) this.#queue.inFlight++;
    else call.deadline = Infinity; // a stream may be silent for as long as it likes
    const message: Message = [CALL, id, index, input, credit?.restart() ?? 0];
    link.post(message, values.transferListOf(input));
    call.input = message[3]; // the copy that was sent, in case it is sent again
    if (this.#sent.size === 1) this.onPending?.();
  }

  #take(stream: PendingCall, count: number): void {
    const grant = stream.credit?.take(count);
    if (this.#route === undefined) return;
    if (this.#queue.has(stream))
      this.#flush(true); // again, when there is room for its values
    else if (grant && stream.state === 'sent') this.#route.link.post([CREDIT, stream.id, grant]);
  }

  #done(call: PendingCall, value: unknown, attachments: readonly unknown[] | undefined, over: ExceededLimit): void {
    const { path, procedure, receiver, credit } = call;
    // The end of a stream, and the receipt of an event, have no value.
    if (credit !== undefined || procedure.kind === 'event') {
      closePorts(attachments);
      return this.#endInOrder(call, () => receiver.done(undefined));
    }
    try {
      assertWithinBudget(over, 'answer', path, this.#limits);
      const answer = this.#unpack(value, attachments);
      const checked = validate(procedure.output, answer, 'OUTPUT_INVALID', path);
      if (isPromiseLike(checked)) return this.#check(call, checked, attachments);
      receiver.done(checked);
    } catch (error) {
      closePorts(attachments);
      receiver.fail(error);
    }
    call.unlisten?.();
  }

  /** It has been answered; until the answer is checked, its time runs on and its signal is heard. */
  #check(call: PendingCall, checked: PromiseLike<unknown>, attachments?: readonly unknown[]): void {
    call.state = 'checking';
    this.#checking.set(call, undefined);
    void checked
      .then(
        (value) => call.receiver.done(value),
        (error: unknown) => {
          closePorts(attachments);
          this.#settle(call, error);
        },
      )
      .then(() => this.#forget(call));
  }

  #next(
    call: PendingCall,
    values: readonly unknown[],
    attachments: readonly unknown[] | undefined,
    over: ExceededLimit,
    bytes: number | undefined,
  ): void {
    const { path, procedure, credit } = call;
    if (credit?.spend(values.length, bytes) !== true) {
      closePorts(attachments);
      return this.#route?.onViolation(`stream values that "${path}" has no credit for`);
    }
    call.count += values.length;
    if (values.length === 0) return this.#route?.values.discard(attachments);
    const read = (value: unknown): unknown => {
      assertWithinBudget(over, 'value', path, this.#limits);
      return this.#unpack(value, attachments);
    };
    const check = (value: unknown): unknown => validate(procedure.output, value, 'OUTPUT_INVALID', path);
    procedure.runtime?.receive(call, values, read, check, (error) => {
      closePorts(attachments);
      this.#giveUp(call, error);
    });
    if (credit.isOver)
      this.#giveUp(
        call,
        new MuntinError(
          'OVERLOADED',
          `"${path}" has brought more than nobody has taken yet may keep, ${this.#held.most} bytes: choose a smaller window, or raise limits.windowBytes`,
        ),
      );
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
  #failed(call: PendingCall, error: unknown): void {
    if (isPromiseLike(error)) this.#check(call, error);
    else this.#settle(call, error);
  }

  #all(): readonly PendingCall[] {
    return [...this.#sent.values(), ...this.#queue, ...this.#checking.keys()];
  }

  /** Takes it out of everything; true when the peer has it. */
  #forget(call: PendingCall): boolean {
    call.unlisten?.();
    this.#queue.remove(call);
    this.#checking.delete(call);
    return this.#takeOut(call);
  }

  /** The peer has nothing more to say to it, or will not be heard. */
  #takeOut(call: PendingCall): boolean {
    const { state, id, credit } = call;
    if (state !== 'sent' || this.#sent.get(id) !== call) return false;
    if (credit === undefined) this.#queue.inFlight--;
    call.state = 'settled';
    return this.#sent.delete(id);
  }

  #settle(call: PendingCall, error: unknown): void {
    this.#endInOrder(call, () => call.receiver.fail(error));
  }

  /** Ends a call when all that came before is through its schema; until then its signal, and the end of the session, end it. */
  #endInOrder(call: PendingCall, end: () => void): void {
    if (call.tail === undefined) {
      call.unlisten?.();
      return end();
    }
    call.state = 'checking';
    this.#checking.set(call, undefined);
    call.inOrder(() => {
      if (!this.#checking.has(call)) return;
      this.#forget(call);
      end();
    });
  }

  /** Nobody waits any more: the peer is told. */
  #drop(call: PendingCall): void {
    const { state } = call;
    if (this.#forget(call) && state === 'sent') this.#route?.link.post([CANCEL, call.id]);
    this.#flush();
  }

  #giveUp(call: PendingCall, error: unknown): void {
    const onOver = this.#checking.get(call);
    this.#drop(call);
    call.isOver = true;
    call.receiver.fail(error);
    onOver?.(error);
  }
}

/** Somebody waits for a session, to know whether the peer serves this. */
interface Question {
  readonly path: string;
  readonly done: (serves: boolean) => void;
  readonly fail: (error: MuntinError) => void;
}
