import { isChecked, validate } from '../contract/validate.ts';
import { isMuntinError, MuntinError } from '../errors.ts';
import type { ExceededLimit, Scales } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import { type Answer, closePorts, FAILURE, NEXT, RESULT } from '../link/messages.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import { assertWithinBudget, readFailure } from './failures.ts';
import type { OpenCalls } from './open-calls.ts';
import type { PendingCall } from './pending.ts';
import type { Uplink } from './uplink.ts';

// What something live takes in its place until somebody reads it.
const attachmentBytes = 512;

type Attachments = readonly unknown[] | undefined;

/** Reads what the peer answers, and gives it to who has called: results, the values of streams, and failures. */
export class AnswerReader {
  readonly #calls: OpenCalls;
  readonly #uplink: Uplink;
  readonly #limits: Limits;

  constructor(calls: OpenCalls, uplink: Uplink, limits: Limits) {
    this.#calls = calls;
    this.#uplink = uplink;
    this.#limits = limits;
  }

  /** An answer, and which limit its value breaks; `scales` have just weighed it. */
  receive(answer: Answer, over: ExceededLimit, scales?: Pick<Scales, 'weightOf'>): void {
    const [kind, id, value] = answer;
    const { route } = this.#uplink;
    const { sent, queue } = this.#calls;
    const call = sent.get(id);
    if (call === undefined) {
      if (kind !== FAILURE) route?.values.discard(answer[3]);
      // It may be late: cancelled, timed out. But not for what was never asked.
      if (!sent.wasIssued(id)) route?.onViolation(`an answer to ${id}`);
    } else if (kind === NEXT) {
      const attached = attachmentBytes * (answer[3]?.length ?? 0);
      this.#next(call, answer[2], answer[3], over, scales && scales.weightOf(value) + attached);
    } else if (kind === RESULT && call.credit !== undefined && (value ?? call.count) !== call.count) {
      route?.values.discard(answer[3]); // this page could not read all of the stream's values: the peer will say so
    } else {
      sent.remove(call);
      if (kind === FAILURE) this.#failed(call, readFailure(call, answer, over, this.#limits));
      else this.#done(call, value, answer[3], over);
      queue.flush();
    }
  }

  #done(call: PendingCall, value: unknown, attachments: Attachments, over: ExceededLimit): void {
    const { path, procedure, receiver, credit } = call;
    // The end of a stream, and the receipt of an event, have no value.
    if (credit !== undefined || procedure.kind === 'event') {
      closePorts(attachments);
      return this.#calls.endInOrder(call, () => receiver.done(undefined));
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

  /** The schema of an error's data may be asynchronous, too. */
  #failed(call: PendingCall, error: unknown): void {
    if (isPromiseLike(error)) this.#check(call, error);
    else this.#calls.settle(call, error);
  }

  #check(call: PendingCall, checked: PromiseLike<unknown>, attachments?: Attachments): void {
    this.#calls.check(call);
    void checked
      .then(
        (value) => call.receiver.done(value),
        (error: unknown) => {
          closePorts(attachments);
          this.#calls.settle(call, error);
        },
      )
      .then(() => this.#calls.forget(call));
  }

  #next(
    call: PendingCall,
    values: readonly unknown[],
    attachments: Attachments,
    over: ExceededLimit,
    bytes: number | undefined,
  ): void {
    const { path, procedure, credit } = call;
    const { route } = this.#uplink;
    if (credit?.spend(values.length, bytes) !== true) {
      closePorts(attachments);
      return route?.onViolation(`stream values that "${path}" has no credit for`);
    }
    call.count += values.length;
    if (values.length === 0) return route?.values.discard(attachments);
    // Most values come as they were passed.
    const isBare = attachments === undefined && over === undefined && route?.values.isEncoded === false;
    const arrival =
      isBare && !isChecked(procedure.output) ? undefined : new Arrival(this, this.#calls, call, attachments, over);
    procedure.runtime?.receive(call, values, arrival);
    if (!credit.isOver) return;
    const text = `"${path}" has brought more than nobody has taken yet may keep, ${credit.held.most} bytes: choose a smaller window, or raise limits.windowBytes`;
    this.#calls.giveUp(call, new MuntinError('OVERLOADED', text));
  }

  /** A value of a stream, as it was before. */
  read(value: unknown, attachments: Attachments, over: ExceededLimit, path: string): unknown {
    assertWithinBudget(over, 'value', path, this.#limits);
    return this.#unpack(value, attachments);
  }

  #unpack(value: unknown, attachments: Attachments): unknown {
    const { route } = this.#uplink;
    try {
      return route?.values.unpack(value, attachments);
    } catch (error) {
      if (isMuntinError(error) && error.code === 'PROTOCOL_VIOLATION') route?.onViolation(error.message);
      throw error;
    }
  }
}

/** The values of one message of a stream; an object, since functions for each message would take several times its memory. */
class Arrival {
  readonly #reader: AnswerReader;
  readonly #calls: OpenCalls;
  readonly #call: PendingCall;
  readonly #attachments: Attachments;
  readonly #over: ExceededLimit;

  constructor(
    reader: AnswerReader,
    calls: OpenCalls,
    call: PendingCall,
    attachments: Attachments,
    over: ExceededLimit,
  ) {
    this.#reader = reader;
    this.#calls = calls;
    this.#call = call;
    this.#attachments = attachments;
    this.#over = over;
  }

  read(value: unknown): unknown {
    return this.#reader.read(value, this.#attachments, this.#over, this.#call.path);
  }

  check(value: unknown): unknown {
    return validate(this.#call.procedure.output, value, 'OUTPUT_INVALID', this.#call.path);
  }

  fail(error: unknown): void {
    closePorts(this.#attachments);
    this.#calls.giveUp(this.#call, error);
  }
}
