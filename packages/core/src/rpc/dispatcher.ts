import type { HandlerContext, Peer, Procedure, Served } from '../contract/types.ts';
import { validate } from '../contract/validate.ts';
import {
  HandlerError,
  isHandlerError,
  isMuntinError,
  MuntinError,
  messageOf,
  nameOf,
  reportErrors,
} from '../errors.ts';
import type { ExceededLimit, Scales } from '../link/budget.ts';
import { keep } from '../link/copy.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { closePorts, FAILURE, firstExport, maxText, RESULT } from '../link/messages.ts';
import { mayContainReference } from '../reference/detect.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import type { Producer, ProducerOwner } from '../stream/producer.ts';
import type { Admission, Applicant } from './admission.ts';
import { type Refusal, refusalOf } from './failures.ts';
import type { Incoming } from './hooks.ts';
import type { Values } from './pending.ts';

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
  #streams = 0;
  #lastId: number;
  readonly #runner: Runner = {
    run: (task) => this.#run(task),
    refuse: (task, error) => {
      this.#forget(task);
      this.#refuse(task.id, task.isStream, error, task.attachments);
    },
    fail: (task, error) => this.#failing(task, error),
    end: (task, remains) => {
      this.#forget(task);
      task.abort(streamEnded);
      if (remains === undefined) this.#finish(task, 'isProducing');
      else void remains.finally(() => this.#finish(task, 'isProducing'));
    },
  };
  // Calls answered since the latest batch came: the peer cannot know that their places are free.
  #unheard = 0;
  #latestBatch = 0;

  /** `firstId` is the first id of the peer: 1 of a host, 2 of a guest. */
  constructor(link: Link, firstId: number, options: DispatcherOptions) {
    this.#link = link;
    this.#options = options;
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
    const isNext = id > this.#lastId && (id - this.#lastId) % 2 === 0;
    // An honest caller knows the window and queues; answering each excess call would cost as much as running it.
    if (!isNext || (!isStream && this.#openCalls >= limits.calls)) {
      closePorts(attachments);
      return onBroken(
        isNext
          ? new MuntinError('LIMIT_EXCEEDED', `The peer went over calls, ${limits.calls} at once`)
          : new MuntinError('PROTOCOL_VIOLATION', `The peer may not use the id ${id}`),
      );
    }
    this.#lastId = id;
    if (served === undefined || (served.procedure.runtime !== undefined) !== isStream)
      return this.#refuse(id, isStream, notServed(index, isStream), attachments);
    if (isStream && this.#streams >= limits.streams) {
      const text = `${this.#streams} streams are open already; end some`;
      return this.#refuse(id, isStream, answered('OVERLOADED', text), attachments);
    }
    // Nothing runs for it: no place is taken.
    if (over !== undefined)
      return this.#refuse(id, isStream, refusalOf(over, 'input', served.path, limits), attachments);
    const task = new Task(id, served, credit, input, attachments, this.#runner);
    this.#tasks.set(id, task);
    if (isStream) this.#streams++;
    const { admission } = this.#options;
    if (!admission.enter(task)) admission.weigh(task, scales?.weightOf(input) ?? 0);
  }

  /** Calls that the peer cannot have an answer to yet. */
  get #openCalls(): number {
    return this.#tasks.size - this.#streams + this.#countUnheard();
  }

  cancel(id: number): void {
    if (this.#tasks.has(id)) this.#stop(id, callerGone);
  }

  credit(id: number, count: number): void {
    const task = this.#tasks.get(id);
    if (task?.producer !== undefined) task.producer.grant(count);
    else if (task?.isStream === true) task.credit += count; // its input is still being checked
  }

  /** A message of ours could not be cloned: its call or stream fails, and nothing else. */
  unsendable(id: number, error: MuntinError<string>): void {
    const producer = this.#tasks.get(id)?.producer;
    if (producer === undefined) this.#answer(id, error);
    else producer.abandon(error);
  }

  /** The session is over: producers are torn down and the signals of handlers fire. One that throws does not stop the next. */
  close(cause: MuntinError): void {
    for (const id of [...this.#tasks.keys()]) reportErrors(() => this.#stop(id, () => cause));
    for (const task of this.#events) reportErrors(() => task.abort(() => cause));
  }

  #stop(id: number, reason: Reason): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    this.#forget(task);
    if (this.#options.admission.withdraw(task)) this.#options.values.discard(task.attachments);
    task.producer?.stop();
    task.abort(reason);
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
      const checked = validate(procedure.input, whole, 'INPUT_INVALID', path, (error) => new HandlerError(error));
      // A promise that is the value itself is not waited for: it was passed by reference.
      const isLate = checked !== whole && isPromiseLike(checked);
      if (procedure.kind === 'event' && (this.#lateEvent !== undefined || isLate)) {
        const turn = this.#handleLate(task, checked, this.#lateEvent).then(() => {
          if (this.#lateEvent === turn) this.#lateEvent = undefined;
        });
        this.#lateEvent = turn;
      } else if (isLate) void this.#handleLate(task, checked);
      else this.#handle(task, checked);
    } catch (error) {
      this.#invalid(task, error);
    }
  }

  /** `before`: where it has to wait for what came earlier, however long the check of that takes. */
  async #handleLate(task: Task, checked: unknown, before?: Promise<void>): Promise<void> {
    try {
      const input = await checked;
      await before;
      this.#handle(task, input);
    } catch (error) {
      this.#invalid(task, error);
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
    const context = new Context(task, peer);
    // Who sends an event waits for its place only, not for what comes of it.
    const isEvent = served.procedure.kind === 'event';
    if (incoming !== undefined && served.take === undefined) {
      incoming(
        served,
        input,
        context,
        (value) => this.#answerWith(task, value),
        (error) => this.#failWith(task, error),
        () => this.#finish(task, 'isHandling'),
      );
      if (isEvent) this.#settleEvent(task);
      return;
    }
    try {
      const outcome = served.handler(input, context);
      if (isEvent) this.#settleEvent(task);
      if (!task.isStream && isPromiseLike(outcome))
        outcome.then(
          (value) => this.#done(task, value),
          (error: unknown) => this.#failed(task, new HandlerError(error)),
        );
      else this.#done(task, outcome);
    } catch (error) {
      this.#failed(task, new HandlerError(error));
    }
  }

  #settleEvent(task: Task): void {
    if (!this.#forget(task)) return;
    this.#events.add(task);
    this.#unheard = this.#countUnheard() + 1;
    this.#link.post([RESULT, task.id, undefined]);
  }

  #done(task: Task, outcome: unknown): void {
    this.#answerWith(task, outcome);
    this.#finish(task, 'isHandling');
  }

  #answerWith(task: Task, outcome: unknown): void {
    const { id, producer } = task;
    if (producer !== undefined) producer.start(outcome);
    else if (this.#forget(task)) {
      this.#unheard = this.#countUnheard() + 1;
      this.#link.post([RESULT, id, outcome], this.#options.values.transferListOf(outcome));
    }
  }

  #failed(task: Task, error: unknown): void {
    this.#failWith(task, error);
    this.#finish(task, 'isHandling');
  }

  #failWith(task: Task, error: unknown): void {
    if (task.producer !== undefined) task.producer.fail(error);
    else if (this.#forget(task)) {
      if (!task.isStream) this.#unheard = this.#countUnheard() + 1;
      this.#fail(task, error);
    } else if (isHandlerError(error) && task.served.procedure.kind === 'event')
      reportErrors(() => this.#options.onHandlerError(error.thrown, task.served.path));
  }

  #countUnheard(): number {
    const { batchesReceived } = this.#link.stats;
    if (batchesReceived !== this.#latestBatch) this.#unheard = 0;
    this.#latestBatch = batchesReceived;
    return this.#unheard;
  }

  #invalid(task: Task, error: unknown): void {
    closePorts(task.attachments);
    this.#failed(task, error);
  }

  #refuse(id: number, isStream: boolean, error: Answered, attachments: readonly unknown[] | undefined): void {
    this.#options.values.discard(attachments);
    if (!isStream) this.#unheard = this.#countUnheard() + 1;
    this.#answer(id, error);
  }

  /** Answers with a failure: only what the contract declares, or what we made ourselves, says more than a message and a name. */
  #fail(task: Task, error: unknown): void {
    this.#failing(task, error)();
  }

  /** The same later: what is said is what the error is now. */
  #failing({ id, served }: Task, error: unknown): () => void {
    if (!isHandlerError(error)) {
      if (!isMuntinError(error)) return this.#handlerFailing(id, served, error); // a schema has thrown it
      if (error.code !== 'PROTOCOL_VIOLATION') return this.#answering(id, error);
      return () => this.#options.onBroken(new MuntinError('PROTOCOL_VIOLATION', error.message));
    }
    const declared = readDeclared(error.thrown, served.procedure);
    return declared === undefined ? this.#handlerFailing(id, served, error.thrown) : this.#answering(id, declared);
  }

  #handlerFailing(id: number, { path }: Served, thrown: unknown): () => void {
    const name = nameOf(thrown);
    const data = name === undefined ? undefined : { name };
    const answer = this.#answering(id, { code: 'HANDLER_FAILED', message: messageOf(thrown), data });
    return () => {
      answer();
      reportErrors(() => this.#options.onHandlerError(thrown, path)); // the answer does not wait for what an application may throw
    };
  }

  #answering(id: number, { code, message, data }: Answered): () => void {
    // What has something live in it is refused when it is sent.
    const kept = mayContainReference(data) ? data : keep(data);
    return () => this.#answer(id, { code, message, data: kept });
  }

  #answer(id: number, { code, message, data }: Answered): void {
    this.#link.post([FAILURE, id, code, message.slice(0, maxText), data], mayContainReference(data) ? [] : undefined);
  }
}

/**
 * Why a task has ended, made when somebody asks: a peer can begin and cancel a thousand for a few bytes each, and the stack of an error is
 * dear.
 */
type Reason = () => MuntinError;

const streamEnded: Reason = () => new MuntinError('CALL_CANCELLED', 'The stream has ended');
const callerGone: Reason = () => new MuntinError('CALL_CANCELLED', 'The caller no longer waits');

type Answered = Refusal & { readonly data?: unknown };

/** What a handler has thrown, if its contract declares it. It may throw when it is touched: then nothing of it is told. */
function readDeclared(thrown: unknown, { errors }: Procedure): Answered | undefined {
  try {
    if (!isMuntinError(thrown)) return undefined;
    const { code, message, data } = thrown;
    if (typeof code !== 'string' || !Object.hasOwn(errors, code)) return undefined;
    return { code, message: typeof message === 'string' ? message : messageOf(thrown), data };
  } catch {
    return undefined;
  }
}

/** No error is made for it: a peer can ask a thousand times for a few bytes each, and the stack of an error is dear. */
function notServed(index: number, isStream: boolean): Answered {
  return index >= firstExport
    ? answered('REFERENCE_RELEASED', `The reference ${index} was released or never given`)
    : answered('PROCEDURE_NOT_FOUND', `There is no ${isStream ? 'observable' : 'call'} ${index}`);
}

const answered = (code: string, message: string): Answered => ({ code, message });

/** What a task does when it is its turn, or when it gets none: one for all tasks of a session. */
interface Runner {
  readonly run: (task: Task) => void;
  readonly refuse: (task: Task, error: Answered) => void;
  /** Its stream has failed; what it answers says so. */
  fail(task: Task, error: unknown): () => void;
  /** Its stream has ended; `remains`: what still goes on. */
  end(task: Task, remains: Promise<unknown> | undefined): void;
}

/** What the peer asked for, until the work behind it has ended. */
class Task implements Applicant, ProducerOwner {
  readonly id: number;
  readonly served: Served;
  credit: number;
  readonly attachments: readonly unknown[] | undefined;
  readonly runner: Runner;
  /**
   * Until it runs, as it came. Then what has something live in it, as it is unpacked: a signal that nobody else holds would be
   * collected, and never fire.
   */
  input: unknown;
  producer: Producer | undefined;
  isHandling = false;
  isProducing = false;
  /** Why nobody waits any more. */
  reason: Reason | undefined;
  controller: AbortController | undefined;

  constructor(
    id: number,
    served: Served,
    credit: number,
    input: unknown,
    attachments: readonly unknown[] | undefined,
    runner: Runner,
  ) {
    this.id = id;
    this.served = served;
    this.credit = credit;
    this.input = input;
    this.attachments = attachments;
    this.runner = runner;
  }

  get isStream(): boolean {
    return this.credit > 0;
  }

  begin(): void {
    this.runner.run(this);
  }

  refuse(error: MuntinError): void {
    this.runner.refuse(this, error);
  }

  /** Made when it is asked for: most handlers never do. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.reason !== undefined && !this.controller.signal.aborted) this.controller.abort(this.reason());
    return this.controller.signal;
  }

  abort(reason: Reason): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.controller?.abort(reason());
  }
}

const taskOf = Symbol('task');

/** What a handler gets of its task. Neither has private fields, so that it works behind a proxy, too; nor has each an accessor of its own. */
class Context implements HandlerContext {
  readonly peer: Peer;
  readonly [taskOf]: Task;

  constructor(task: Task, peer: Peer) {
    this.peer = peer;
    this[taskOf] = task;
  }

  get signal(): AbortSignal {
    return this[taskOf].signal;
  }
}
