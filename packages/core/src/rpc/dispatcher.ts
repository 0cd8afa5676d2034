import { asPackError } from '../codec/uncloneable.ts';
import type { HandlerContext, Peer, Procedure, StreamOptions } from '../contract/types.ts';
import { validate } from '../contract/validate.ts';
import { attempt, isMuntinError, MuntinError, messageOf, show, Thrown } from '../errors.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import { FAILURE, maxText, RESULT } from '../link/messages.ts';
import { type Exchange, type Exported, firstExport } from '../reference/exchange.ts';
import { type Overflow, Producer } from '../stream/producer.ts';
import { checkSize } from './caller.ts';
import type { Served } from './served.ts';

/** What a dispatcher needs beside its link. */
export interface DispatcherOptions {
  readonly served: readonly Served[];
  readonly peer: Peer;
  readonly limits: Limits;
  readonly exchange: Exchange;
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

  /** Starts a call, or with credit a stream. */
  start(id: number, index: number, input: unknown, credit: number, attachments?: readonly unknown[]): void {
    const { served: all, exchange, limits, peer, onBroken } = this.#options;
    const exported = exchange.find(index);
    const served = exported === undefined ? all[index] : serveExported(exported);
    const isStream = credit > 0;
    if (id <= this.#lastId || (id - this.#lastId) % 2 !== 0)
      return onBroken(new MuntinError('PROTOCOL_VIOLATION', `The peer may not use the id ${id}`));
    this.#lastId = id;
    // An honest caller knows the window and queues; answering each excess call would cost as much as running it.
    if (!isStream && this.#tasks.size - this.#streams >= limits.calls)
      return onBroken(new MuntinError('LIMIT_EXCEEDED', `The peer went over calls, ${limits.calls} at once`));
    if (served === undefined || (served.procedure.kind === 'observable') !== isStream)
      return this.#refuse(id, notServed(index, isStream), attachments);
    if (isStream && this.#streams >= limits.streams) {
      const text = `${this.#streams} streams are open already; end some`;
      return this.#refuse(id, new MuntinError('OVERLOADED', text), attachments);
    }
    const task = new Task(peer);
    this.#tasks.set(id, task);
    let done = (value: unknown): void => {
      if (this.#tasks.delete(id)) this.#result(id, served, value);
    };
    let failed = (error: unknown): void => {
      if (this.#tasks.delete(id)) this.#fail(id, served, error);
    };
    if (isStream) {
      this.#streams++;
      const producer = new Producer(
        this.#link,
        exchange,
        id,
        credit,
        readOverflow(served.procedure.stream, limits),
        failed,
        () => {
          this.#streams--;
          this.#tasks.delete(id);
          task.abort(new MuntinError('CALL_CANCELLED', 'The stream has ended'));
        },
      );
      task.producer = producer;
      done = (source) => producer.start(source);
      failed = (error) => producer.fail(error);
    }
    this.#run(served, { input, attachments }, task, done, failed);
  }

  cancel(id: number): void {
    this.#stop(id, new MuntinError('CALL_CANCELLED', 'The caller no longer waits'));
  }

  credit(id: number, count: number): void {
    this.#tasks.get(id)?.producer?.grant(count);
  }

  /** A message of ours could not be cloned: its call or stream fails, and nothing else. */
  unsendable(id: number, error: MuntinError): void {
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
  #run(
    { path, procedure, handler }: Served,
    { input, attachments }: { readonly input: unknown; readonly attachments: readonly unknown[] | undefined },
    task: Task,
    done: (outcome: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    const thrown = (error: unknown): void => failed(new Thrown(error));
    const handle = (checked: unknown): void => {
      if (task.reason !== undefined) return;
      try {
        const outcome = handler(checked, task);
        if (task.producer === undefined && isPromiseLike(outcome)) outcome.then(done, thrown);
        else done(outcome);
      } catch (error) {
        thrown(error);
      }
    };
    try {
      checkSize(input, 'input', path, this.#options.limits);
      const whole = this.#options.exchange.unpack(input, attachments);
      if (attachments !== undefined) task.input = whole;
      const checked = validate(procedure.input, whole, 'INPUT_INVALID', path);
      if (checked instanceof Promise) checked.then(handle, failed);
      else handle(checked);
    } catch (error) {
      failed(error);
    }
  }

  #refuse(id: number, error: MuntinError, attachments: readonly unknown[] | undefined): void {
    this.#options.exchange.discard(attachments);
    this.#answer(id, error);
  }

  #result(id: number, served: Served, value: unknown): void {
    try {
      const packed = this.#options.exchange.pack(value);
      if (packed === undefined) this.#link.post([RESULT, id, value]);
      else this.#link.post([RESULT, id, packed.value, packed.attachments], packed.transfer);
    } catch (error) {
      this.#fail(id, served, asPackError(error, value, 'result'));
    }
  }

  /** Answers with a failure: only what the contract declares, or what we made ourselves, says more than a message. */
  #fail(id: number, { path, procedure }: Served, error: unknown): void {
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

const reference: Procedure = { kind: 'mutation', input: undefined, output: undefined, errors: {}, stream: {} };
const streamed: Procedure = { ...reference, kind: 'observable' };

/** Something that was passed by reference, as what it serves: a stream as an observable, a function or an object's methods as a call. */
function serveExported({ source, referent }: Exported): Served {
  if (referent === undefined) return { path: 'a stream inside a value', procedure: streamed, handler: () => source };
  return {
    path: 'a reference',
    procedure: reference,
    handler: (input) => {
      const args: readonly unknown[] = Array.isArray(input) ? input : [];
      if (referent.methods === undefined) return referent.call(undefined, args);
      const [method] = args;
      if (typeof method !== 'string' || !referent.methods.includes(method))
        throw new MuntinError('PROCEDURE_NOT_FOUND', `The object has no method ${show(method)}`);
      return referent.call(method, args.slice(1));
    },
  };
}

/** A handler at work, and its context. The signal is made when it is asked for: most handlers never do. */
class Task implements HandlerContext {
  readonly peer: Peer;
  producer: Producer | undefined;
  /** What came with something live in it: a signal that nobody else holds would be collected, and never fire. */
  input: unknown;
  /** Why nobody waits any more. */
  reason: MuntinError | undefined;
  #controller: AbortController | undefined;

  constructor(peer: Peer) {
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
  return { overflow, buffer: buffer ?? (overflow === 'buffer' ? limits.producerBuffer : 1) };
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
