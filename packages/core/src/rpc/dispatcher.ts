import type { HandlerContext, Peer, Served } from '../contract/types.ts';
import { validate } from '../contract/validate.ts';
import { HandlerError, isHandlerError, MuntinError, reportErrors } from '../errors.ts';
import type { ExceededLimit, Scales } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { closePorts, firstExport } from '../link/messages.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import type { Admission } from './admission.ts';
import { type Answered, Answers } from './answers.ts';
import { refusalOf } from './failures.ts';
import type { Incoming } from './hooks.ts';
import type { Values } from './pending.ts';
import { callerGone, contextOf, type Reason, type Runner, streamEnded, Task } from './task.ts';

/** What a dispatcher needs beside its link. */
export interface DispatcherOptions {
  readonly served: readonly Served[];
  readonly peer: Peer;
  readonly limits: Limits;
  readonly admission: Admission;
  readonly incoming?: Incoming | undefined;
  readonly values: Values;
  /** The peer did what an honest peer cannot, or went over a limit. */
  readonly onBroken: (error: MuntinError) => void;
  /** A handler threw what its contract does not declare; the peer gets the message only. */
  readonly onHandlerError: (error: unknown, path: string) => void;
}

/**
 * Runs what the peer calls: looks the procedure up by its index, checks the input, runs the handler and answers. It lives as long
 * as its session.
 */
export class Dispatcher {
  readonly #link: Link;
  readonly #options: DispatcherOptions;
  // What the peer waits for; what it has cancelled goes on under the ceilings of the admission.
  readonly #tasks = new Map<number, Task>();
  // Nobody waits for these, and their handlers still run.
  readonly #events = new Set<Task>();
  // The schema of an event may be asynchronous: those behind it are handled later, so that all are in order.
  #lateEvent: Promise<void> | undefined;
  readonly #answers: Answers;
  #streams = 0;
  #lastId: number;
  readonly #runner: Runner = {
    run: (task) => this.#run(task),
    refuse: (task, error) => {
      this.#forget(task);
      this.#answers.refuse(task.id, task.isStream, error, task.attachments);
    },
    fail: (task, error) => this.#answers.failing(task, error),
    end: (task, remains) => {
      this.#forget(task);
      task.abort(streamEnded);
      if (remains === undefined) this.#finish(task, 'isProducing');
      else void remains.finally(() => this.#finish(task, 'isProducing'));
    },
  };

  /** `firstId` is the first id of the peer: 1 of a host, 2 of a guest. */
  constructor(link: Link, firstId: number, options: DispatcherOptions) {
    this.#link = link;
    this.#options = options;
    this.#answers = new Answers(link, options);
    this.#lastId = firstId - 2;
  }

  /** Starts a call, or with credit a stream; `over`: which limit its input breaks; `scales` have just weighed it. */
  start(
    id: number,
    index: number,
    input: unknown,
    credit: number,
    attachments: readonly unknown[] | undefined,
    over: ExceededLimit,
    scales?: Pick<Scales, 'weightOf'>,
  ): void {
    const { served: all, values, limits, onBroken } = this.#options;
    const served = index < firstExport ? all[index] : values.find(index);
    const isStream = credit > 0;
    const answers = this.#answers;
    const isNext = id > this.#lastId && (id - this.#lastId) % 2 === 0;
    // Of calls those that the peer cannot have an answer to yet. An honest caller knows the window and queues; answering each excess call would cost as much as running it.
    if (!isNext || (!isStream && this.#tasks.size - this.#streams + answers.unheard >= limits.calls)) {
      closePorts(attachments);
      return onBroken(
        isNext
          ? new MuntinError('LIMIT_EXCEEDED', `The peer went over calls, ${limits.calls} at once`)
          : new MuntinError('PROTOCOL_VIOLATION', `The peer may not use the id ${id}`),
      );
    }
    this.#lastId = id;
    if (served === undefined || (served.procedure.runtime !== undefined) !== isStream)
      return answers.refuse(id, isStream, notServed(index, isStream), attachments);
    if (isStream && this.#streams >= limits.streams) {
      const text = `${this.#streams} streams are open already; end some`;
      return answers.refuse(id, isStream, answered('OVERLOADED', text), attachments);
    }
    // Nothing runs for it: no place is taken.
    if (over !== undefined)
      return answers.refuse(id, isStream, refusalOf(over, 'input', served.path, limits), attachments);
    const task = new Task(id, served, credit, input, attachments, this.#runner);
    this.#tasks.set(id, task);
    if (isStream) this.#streams++;
    this.#options.admission.enter(task, scales);
  }

  /** The peer does not wait any more, for this reason. */
  cancel(id: number, reason: Reason = callerGone): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    this.#forget(task);
    if (this.#options.admission.withdraw(task)) this.#options.values.discard(task.attachments);
    task.producer?.stop();
    task.abort(reason);
  }

  credit(id: number, count: number): void {
    const task = this.#tasks.get(id);
    if (task?.producer !== undefined) task.producer.grant(count);
    else if (task?.isStream === true) task.credit += count; // its input is still being checked
  }

  /** A message of ours could not be cloned: its call or stream fails, and nothing else. */
  unsendable(id: number, error: MuntinError<string>): void {
    const producer = this.#tasks.get(id)?.producer;
    if (producer === undefined) this.#answers.failure(id, error);
    else producer.abandon(error);
  }

  /** The session is over: producers are torn down and the signals of handlers fire. One that throws does not stop the next. */
  close(cause: MuntinError): void {
    for (const id of [...this.#tasks.keys()]) reportErrors(() => this.cancel(id, () => cause));
    for (const task of this.#events) reportErrors(() => task.abort(() => cause));
  }

  /** Nothing is owed to the peer any more. False when nothing was. */
  #forget(task: Task): boolean {
    const isOwed = this.#tasks.delete(task.id);
    if (isOwed && task.isStream) this.#streams--;
    return isOwed;
  }

  /** A part of the work behind a task has ended; when all of it has, its place is free. */
  #finish(task: Task, part: 'isHandling' | 'isProducing'): void {
    if (!task[part]) return;
    task[part] = false;
    this.#events.delete(task);
    if (!task.isHandling && !task.isProducing) this.#options.admission.leave(task.isStream);
  }

  /** From the input to the outcome. What the handler throws is told apart from errors that we make. */
  #run(task: Task): void {
    const { served, input, attachments } = task;
    const { path, procedure } = served;
    task.isHandling = true;
    task.input = undefined;
    try {
      const whole = this.#options.values.unpack(input, attachments);
      if (attachments !== undefined) task.input = whole;
      const checked = validate(procedure.input, whole, 'INPUT_INVALID', path, asHandlerError);
      // A promise that is the value itself is not waited for: it was passed by reference.
      const isLate = checked !== whole && isPromiseLike(checked);
      if (procedure.kind === 'event' && (this.#lateEvent !== undefined || isLate)) this.#handleInTurn(task, checked);
      else if (isLate) void this.#handleLate(task, checked);
      else this.#handle(task, checked);
    } catch (error) {
      closePorts(task.attachments);
      this.#failed(task, error);
    }
  }

  #handleInTurn(task: Task, checked: unknown): void {
    const turn = this.#handleLate(task, checked, this.#lateEvent).then(() => {
      if (this.#lateEvent === turn) this.#lateEvent = undefined;
    });
    this.#lateEvent = turn;
  }

  /** `before`: where it has to wait for what came earlier, however long the check of that takes. */
  async #handleLate(task: Task, checked: unknown, before?: Promise<void>): Promise<void> {
    try {
      const input = await checked;
      await before;
      this.#handle(task, input);
    } catch (error) {
      closePorts(task.attachments);
      this.#failed(task, error);
      await before;
    }
  }

  #handle(task: Task, input: unknown): void {
    if (task.reason !== undefined) return this.#finish(task, 'isHandling');
    const { incoming, peer, values, limits } = this.#options;
    const { served } = task;
    // Not before: what is refused sends nothing.
    task.producer = served.procedure.runtime?.produce(this.#link, values, task, limits.producerBytes);
    task.isProducing = task.isStream;
    const context = contextOf(task, peer);
    // Who sends an event waits for its place only, not for what comes of it.
    const isEvent = served.procedure.kind === 'event';
    if (incoming !== undefined && served.take === undefined) {
      this.#handleAround(incoming, task, input, context);
      if (isEvent) this.#settleEvent(task);
      return;
    }
    try {
      const outcome = served.handler(input, context);
      if (isEvent) this.#settleEvent(task);
      if (!task.isStream && isPromiseLike(outcome)) this.#wait(task, outcome);
      else this.#done(task, outcome);
    } catch (error) {
      this.#failed(task, new HandlerError(error));
    }
  }

  // Apart, as are others here: most calls need no function of their own, and a peer can make a thousand calls with a few bytes each.
  #handleAround(incoming: Incoming, task: Task, input: unknown, context: HandlerContext): void {
    incoming(
      task.served,
      input,
      context,
      (value) => this.#answerWith(task, value),
      (error) => this.#failWith(task, error),
      () => this.#finish(task, 'isHandling'),
    );
  }

  #wait(task: Task, outcome: PromiseLike<unknown>): void {
    outcome.then(
      (value) => this.#done(task, value),
      (error: unknown) => this.#failed(task, new HandlerError(error)),
    );
  }

  #settleEvent(task: Task): void {
    if (!this.#forget(task)) return;
    this.#events.add(task);
    this.#answers.receipt(task.id);
  }

  #done(task: Task, outcome: unknown): void {
    this.#answerWith(task, outcome);
    this.#finish(task, 'isHandling');
  }

  #answerWith(task: Task, outcome: unknown): void {
    const { id, producer } = task;
    if (producer !== undefined) producer.start(outcome);
    else if (this.#forget(task)) this.#answers.result(id, outcome);
  }

  #failed(task: Task, error: unknown): void {
    this.#failWith(task, error);
    this.#finish(task, 'isHandling');
  }

  #failWith(task: Task, error: unknown): void {
    if (task.producer !== undefined) task.producer.fail(error);
    else if (this.#forget(task)) this.#answers.failed(task, error);
    else if (isHandlerError(error) && task.served.procedure.kind === 'event')
      reportErrors(() => this.#options.onHandlerError(error.thrown, task.served.path));
  }
}

function asHandlerError(error: unknown): HandlerError {
  return new HandlerError(error);
}

/** No error is made for it: a peer can ask a thousand times for a few bytes each, and the stack of an error is dear. */
function notServed(index: number, isStream: boolean): Answered {
  return index >= firstExport
    ? answered('REFERENCE_RELEASED', `The reference ${index} was released or never given`)
    : answered('PROCEDURE_NOT_FOUND', `There is no ${isStream ? 'observable' : 'call'} ${index}`);
}

const answered = (code: string, message: string): Answered => ({ code, message });
