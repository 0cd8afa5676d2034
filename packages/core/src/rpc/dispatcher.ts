import type { HandlerContext, Peer, Served, StreamOptions } from '../contract/types.ts';
import { validate } from '../contract/validate.ts';
import { attempt, isMuntinError, MuntinError, messageOf, Thrown } from '../errors.ts';
import type { Over } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { closePorts, FAILURE, firstExport, maxText, RESULT } from '../link/messages.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import type { Overflow, Producer } from '../stream/producer.ts';
import { checkSize, type Values } from './caller.ts';

/** What a dispatcher needs beside its link. */
export interface DispatcherOptions {
  readonly served: readonly Served[];
  readonly peer: Peer;
  readonly limits: Limits;
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
  readonly #tasks = new Map<number, Task>();
  #streams = 0;
  #lastId: number;

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
    const { served: all, values, limits, peer, onBroken } = this.#options;
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
    if (!isStream && this.#tasks.size - this.#streams >= limits.calls)
      return broken(new MuntinError('LIMIT_EXCEEDED', `The peer went over calls, ${limits.calls} at once`));
    const runtime = served?.procedure.runtime;
    if (served === undefined || (runtime !== undefined) !== isStream)
      return this.#refuse(id, notServed(index, isStream), attachments);
    if (isStream && this.#streams >= limits.streams) {
      const text = `${this.#streams} streams are open already; end some`;
      return this.#refuse(id, new MuntinError('OVERLOADED', text), attachments);
    }
    const task = new Task(id, served, peer);
    this.#tasks.set(id, task);
    if (runtime !== undefined) {
      this.#streams++;
      task.producer = runtime.produce(
        this.#link,
        values,
        id,
        credit,
        readOverflow(served.procedure.stream, limits),
        (error) => this.#fail(task, error),
        () => {
          this.#streams--;
          this.#tasks.delete(id);
          task.abort(new MuntinError('CALL_CANCELLED', 'The stream has ended'));
        },
      );
    }
    this.#run(task, input, attachments, over);
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
    this.#tasks.delete(id);
    task?.producer?.stop();
    task?.abort(reason);
  }

  /** From the input to the outcome. What the handler throws is told apart from errors that we make. */
  #run(task: Task, input: unknown, attachments: readonly unknown[] | undefined, over: Over): void {
    const { path, procedure } = task.served;
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
    if (task.reason !== undefined) return;
    try {
      const outcome = task.served.handler(input, task);
      if (task.producer === undefined && isPromiseLike(outcome))
        outcome.then(
          (value) => this.#done(task, value),
          (error) => this.#failed(task, new Thrown(error)),
        );
      else this.#done(task, outcome);
    } catch (error) {
      this.#failed(task, new Thrown(error));
    }
  }

  #done({ id, producer }: Task, outcome: unknown): void {
    if (producer !== undefined) producer.start(outcome);
    else if (this.#tasks.delete(id)) this.#link.post([RESULT, id, outcome], this.#options.values.markOf(outcome));
  }

  #failed(task: Task, error: unknown): void {
    if (task.producer !== undefined) task.producer.fail(error);
    else if (this.#tasks.delete(task.id)) this.#fail(task, error);
  }

  #invalid(task: Task, error: unknown, attachments: readonly unknown[] | undefined): void {
    closePorts(attachments);
    this.#failed(task, error);
  }

  #refuse(id: number, error: MuntinError, attachments: readonly unknown[] | undefined): void {
    this.#options.values.discard(attachments);
    this.#answer(id, error);
  }

  /** Answers with a failure: only what the contract declares, or what we made ourselves, says more than a message. */
  #fail({ id, served }: Task, error: unknown): void {
    const { path, procedure } = served;
    const thrown = error instanceof Thrown ? error.thrown : error;
    if (isMuntinError(error) && error.code === 'PROTOCOL_VIOLATION')
      return this.#options.onBroken(new MuntinError('PROTOCOL_VIOLATION', error.message));
    if (isMuntinError(thrown) && (thrown === error || Object.hasOwn(procedure.errors, thrown.code)))
      return this.#answer(id, thrown);
    this.#answer(id, new MuntinError('HANDLER_FAILED', messageOf(thrown)));
    attempt(() => this.#options.onHandlerError(thrown, path)); // the answer does not wait for what an application may throw
  }

  #answer(id: number, { code, message, data }: MuntinError<string>): void {
    this.#link.post([FAILURE, id, code, message.slice(0, maxText), data]);
  }
}

function notServed(index: number, isStream: boolean): MuntinError {
  if (index >= firstExport)
    return new MuntinError('REFERENCE_RELEASED', `The reference ${index} was released or never given`);
  return new MuntinError('PROCEDURE_NOT_FOUND', `There is no ${isStream ? 'observable' : 'call'} ${index}`);
}

/** A handler at work, and its context. The signal is made when it is asked for: most handlers never do. */
class Task implements HandlerContext {
  readonly id: number;
  readonly served: Served;
  readonly peer: Peer;
  producer: Producer | undefined;
  /** What came with something live in it: a signal that nobody else holds would be collected, and never fire. */
  input: unknown;
  /** Why nobody waits any more. */
  reason: MuntinError | undefined;
  #controller: AbortController | undefined;

  constructor(id: number, served: Served, peer: Peer) {
    this.id = id;
    this.served = served;
    this.peer = peer;
  }

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

function readOverflow({ overflow = 'buffer', buffer }: StreamOptions, limits: Limits): Overflow {
  return { overflow, buffer: buffer ?? (overflow === 'buffer' ? Infinity : 1), maxBytes: limits.producerBytes };
}
