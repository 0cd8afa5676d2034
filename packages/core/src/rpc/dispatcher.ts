import type { HandlerContext, Peer, Procedure, Served, StreamOptions } from '../contract/types.ts';
import { validate } from '../contract/validate.ts';
import { attempt, isMuntinError, isPeerCode, MuntinError, messageOf, nameOf, Thrown } from '../errors.ts';
import type { Over } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { closePorts, FAILURE, firstExport, maxText, RESULT } from '../link/messages.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import type { Overflow, Producer } from '../stream/producer.ts';
import type { StreamRuntime } from '../stream/runtime.ts';
import type { Admission, Applicant } from './admission.ts';
import { checkSize } from './failures.ts';
import type { CallInfo, Incoming } from './hooks.ts';
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
  #streams = 0;
  #lastId: number;
  // Calls answered since the latest batch came: the peer cannot know that their places are free.
  #unheard = 0;
  #latestBatch = 0;

  /** `firstId` is the first id of the peer: 1 of a host, 2 of a guest. */
  constructor(link: Link, firstId: number, options: DispatcherOptions) {
    this.#link = link;
    this.#options = options;
    this.#lastId = firstId - 2;
  }

  /** Starts a call, or with credit a stream; `over`: which limit its input breaks. */
  start(
    id: number,
    index: number,
    input: unknown,
    credit: number,
    attachments: readonly unknown[] | undefined,
    over: Over,
  ): void {
    const { served: all, values, limits, onBroken } = this.#options;
    const served = index < firstExport ? all[index] : values.find(index);
    const isStream = credit > 0;
    const broken = (error: MuntinError): void => {
      closePorts(attachments);
      onBroken(error);
    };
    if (id <= this.#lastId || (id - this.#lastId) % 2 !== 0)
      return broken(new MuntinError('PROTOCOL_VIOLATION', `The peer may not use the id ${id}`));
    this.#lastId = id;
    // An honest caller knows the window and queues; answering each excess call would cost as much as running it.
    if (!isStream && this.#openCalls >= limits.calls)
      return broken(new MuntinError('LIMIT_EXCEEDED', `The peer went over calls, ${limits.calls} at once`));
    if (served === undefined || (served.procedure.runtime !== undefined) !== isStream)
      return this.#refuse(id, isStream, notServed(index, isStream), attachments);
    if (isStream && this.#streams >= limits.streams) {
      const text = `${this.#streams} streams are open already; end some`;
      return this.#refuse(id, isStream, new MuntinError('OVERLOADED', text), attachments);
    }
    const task: Task = new Task(id, served, isStream, attachments, {
      begin: () => this.#run(task, credit, input, attachments, over),
      refuse: (error) => {
        this.#forget(task);
        this.#refuse(id, isStream, error, attachments);
      },
    });
    this.#tasks.set(id, task);
    if (isStream) this.#streams++;
    this.#options.admission.enter(task);
  }

  /** Calls that the peer cannot have an answer to yet. */
  get #openCalls(): number {
    return this.#tasks.size - this.#streams + this.#countUnheard();
  }

  cancel(id: number): void {
    this.#stop(id, new MuntinError('CALL_CANCELLED', 'The caller no longer waits'));
  }

  credit(id: number, count: number): void {
    this.#tasks.get(id)?.producer?.grant(count);
  }

  /** A message of ours could not be cloned: its call or stream fails, and nothing else. */
  unsendable(id: number, error: MuntinError<string>): void {
    const producer = this.#tasks.get(id)?.producer;
    if (producer === undefined) this.#answer(id, error);
    else producer.abandon(error);
  }

  /** The session is over: producers are torn down and the signals of handlers fire. One that throws does not stop the next. */
  close(cause: MuntinError): void {
    for (const id of [...this.#tasks.keys()]) attempt(() => this.#stop(id, cause));
  }

  #stop(id: number, reason: MuntinError): void {
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
    if (!task.isHandling && !task.isProducing) this.#options.admission.leave(task.isStream);
  }

  #produce(task: Task, runtime: StreamRuntime, credit: number): Producer {
    const { values, limits } = this.#options;
    return runtime.produce(
      this.#link,
      values,
      task.id,
      credit,
      readOverflow(task.served.procedure.stream, limits),
      (error) => this.#fail(task, error),
      (remains) => {
        this.#forget(task);
        task.abort(new MuntinError('CALL_CANCELLED', 'The stream has ended'));
        if (remains === undefined) this.#finish(task, 'isProducing');
        else void remains.finally(() => this.#finish(task, 'isProducing'));
      },
    );
  }

  /** From the input to the outcome. What the handler throws is told apart from errors that we make. */
  #run(task: Task, credit: number, input: unknown, attachments: readonly unknown[] | undefined, over: Over): void {
    const { path, procedure } = task.served;
    task.isHandling = true;
    const { runtime } = procedure;
    if (runtime !== undefined) {
      task.isProducing = true;
      task.producer = this.#produce(task, runtime, credit);
    }
    try {
      checkSize(over, 'input', path, this.#options.limits);
      const whole = this.#options.values.unpack(input, attachments);
      if (attachments !== undefined) task.input = whole;
      const checked = validate(procedure.input, whole, 'INPUT_INVALID', path);
      if (isPromiseLike(checked))
        checked.then(
          (value) => this.#handle(task, value),
          (error) => this.#invalid(task, error, attachments),
        );
      else this.#handle(task, checked);
    } catch (error) {
      this.#invalid(task, error, attachments);
    }
  }

  #handle(task: Task, input: unknown): void {
    if (task.reason !== undefined) return this.#finish(task, 'isHandling');
    try {
      const outcome = this.#invoke(task, input);
      // Who sends an event waits for its place only, not for what comes of it.
      if (task.served.procedure.kind === 'event') this.#settleEvent(task);
      if (isPromiseLike(outcome) && (!task.isStream || this.#options.incoming !== undefined))
        outcome.then(
          (value) => this.#done(task, value),
          (error) => this.#failed(task, this.#thrown(task, error)),
        );
      else this.#done(task, outcome);
    } catch (error) {
      this.#failed(task, this.#thrown(task, error));
    }
  }

  /** Calls the handler, through the hooks where there are any. */
  #invoke(task: Task, input: unknown): unknown {
    const { incoming, peer } = this.#options;
    const { path, procedure, handler } = task.served;
    const context = contextOf(task, peer);
    if (incoming === undefined || path === '') return handler(input, context);
    const call: CallInfo = Object.defineProperties({ path, kind: procedure.kind, input, peer } as CallInfo, {
      signal: { get: () => task.signal, enumerable: true },
    });
    return incoming(call, async (changed, added) => {
      try {
        const given = added === undefined ? context : extend(context, added);
        const outcome = handler(changed, given);
        return await (procedure.runtime === undefined ? outcome : procedure.runtime.asSource(outcome));
      } catch (error) {
        (task.thrown ??= new Set()).add(error);
        throw error;
      }
    });
  }

  /** Told apart: what a handler has thrown, and what a hook refuses with, which may be one of the codes that peers use. */
  #thrown(task: Task, error: unknown): unknown {
    const isHooks = this.#options.incoming !== undefined && task.thrown?.has(error) !== true;
    return isHooks && isMuntinError(error) && isRefusal(error) ? error : new Thrown(error);
  }

  #settleEvent(task: Task): void {
    if (!this.#forget(task)) return;
    this.#unheard = this.#countUnheard() + 1;
    this.#link.post([RESULT, task.id, undefined]);
  }

  #done(task: Task, outcome: unknown): void {
    const { id, producer } = task;
    if (producer !== undefined) producer.start(outcome);
    else if (this.#forget(task)) {
      this.#unheard = this.#countUnheard() + 1;
      this.#link.post([RESULT, id, outcome], this.#options.values.markOf(outcome));
    }
    this.#finish(task, 'isHandling');
  }

  #failed(task: Task, error: unknown): void {
    if (task.producer !== undefined) task.producer.fail(error);
    else if (this.#forget(task)) {
      this.#unheard = this.#countUnheard() + 1;
      this.#fail(task, error);
    } else if (error instanceof Thrown && task.served.procedure.kind === 'event')
      attempt(() => this.#options.onHandlerError(error.thrown, task.served.path));
    this.#finish(task, 'isHandling');
  }

  #countUnheard(): number {
    const { batchesReceived } = this.#link.stats;
    if (batchesReceived !== this.#latestBatch) this.#unheard = 0;
    this.#latestBatch = batchesReceived;
    return this.#unheard;
  }

  #invalid(task: Task, error: unknown, attachments: readonly unknown[] | undefined): void {
    closePorts(attachments);
    this.#failed(task, error);
  }

  #refuse(id: number, isStream: boolean, error: MuntinError, attachments: readonly unknown[] | undefined): void {
    this.#options.values.discard(attachments);
    if (!isStream) this.#unheard = this.#countUnheard() + 1;
    this.#answer(id, error);
  }

  /** Answers with a failure: only what the contract declares, or what we made ourselves, says more than a message and a name. */
  #fail({ id, served }: Task, error: unknown): void {
    if (!(error instanceof Thrown)) {
      if (!isMuntinError(error)) return this.#handlerFailed(id, served, error); // a schema has thrown it
      if (error.code !== 'PROTOCOL_VIOLATION') return this.#answer(id, error);
      return this.#options.onBroken(new MuntinError('PROTOCOL_VIOLATION', error.message));
    }
    const declared = readDeclared(error.thrown, served.procedure);
    if (declared === undefined) this.#handlerFailed(id, served, error.thrown);
    else this.#answer(id, declared);
  }

  #handlerFailed(id: number, { path }: Served, thrown: unknown): void {
    const name = nameOf(thrown);
    const data = name === undefined ? undefined : { name };
    this.#answer(id, { code: 'HANDLER_FAILED', message: messageOf(thrown), data });
    attempt(() => this.#options.onHandlerError(thrown, path)); // the answer does not wait for what an application may throw
  }

  #answer(id: number, { code, message, data }: Answered): void {
    this.#link.post([FAILURE, id, code, message.slice(0, maxText), data]);
  }
}

type Answered = Pick<MuntinError<string>, 'code' | 'message' | 'data'>;

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

function notServed(index: number, isStream: boolean): MuntinError {
  if (index >= firstExport)
    return new MuntinError('REFERENCE_RELEASED', `The reference ${index} was released or never given`);
  return new MuntinError('PROCEDURE_NOT_FOUND', `There is no ${isStream ? 'observable' : 'call'} ${index}`);
}

/** What the peer asked for, until the work behind it has ended. */
class Task implements Applicant {
  readonly id: number;
  readonly served: Served;
  readonly isStream: boolean;
  readonly begin: () => void;
  readonly refuse: (error: MuntinError) => void;
  readonly attachments: readonly unknown[] | undefined;
  producer: Producer | undefined;
  isHandling = false;
  isProducing = false;
  /** What its handler has thrown, where hooks are around it. */
  thrown: Set<unknown> | undefined;
  /** What came with something live in it: a signal that nobody else holds would be collected, and never fire. */
  input: unknown;
  /** Why nobody waits any more. */
  reason: MuntinError | undefined;
  #controller: AbortController | undefined;

  constructor(
    id: number,
    served: Served,
    isStream: boolean,
    attachments: readonly unknown[] | undefined,
    { begin, refuse }: Pick<Applicant, 'begin' | 'refuse'>,
  ) {
    this.id = id;
    this.served = served;
    this.isStream = isStream;
    this.attachments = attachments;
    this.begin = begin;
    this.refuse = refuse;
  }

  /** Made when it is asked for: most handlers never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.reason !== undefined) this.#controller.abort(this.reason);
    return this.#controller.signal;
  }

  abort(reason: MuntinError): void {
    this.reason ??= reason;
    this.#controller?.abort(this.reason);
  }
}

/** What a handler gets of its task: an object without private fields, so that it works behind a proxy, too. */
function contextOf(task: Task, peer: Peer): HandlerContext {
  return {
    peer,
    get signal() {
      return task.signal;
    },
  };
}

/** A context with more in it; what is there already stays. */
function extend(context: HandlerContext, added: object): HandlerContext {
  return Object.defineProperties({ ...added } as unknown as HandlerContext, Object.getOwnPropertyDescriptors(context));
}

function isRefusal(error: MuntinError<string>): boolean {
  try {
    return isPeerCode(error.code);
  } catch {
    return false; // its getter throws
  }
}

function readOverflow({ overflow = 'buffer', buffer }: StreamOptions, limits: Limits): Overflow {
  return { overflow, buffer: buffer ?? (overflow === 'buffer' ? Infinity : 1), maxBytes: limits.producerBytes };
}
