import type { Procedure, Served } from '../contract/types.ts';
import { isHandlerError, isMuntinError, MuntinError, messageOf, nameOf, reportErrors } from '../errors.ts';
import { keep } from '../link/copy.ts';
import type { Link } from '../link/link.ts';
import { FAILURE, maxText, RESULT } from '../link/messages.ts';
import { mayContainReference } from '../reference/detect.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import type { Refusal } from './failures.ts';
import type { Task } from './task.ts';

/** A failure, as the peer gets it. */
export type Answered = Refusal & { readonly data?: unknown };

/** Tells the peer what has become of its calls, and counts the answers that it cannot have read yet. */
export class Answers {
  readonly #link: Link;
  readonly #options: Pick<DispatcherOptions, 'values' | 'onBroken' | 'onHandlerError'>;
  #unheard = 0;
  #latestBatch = 0;

  constructor(link: Link, options: Pick<DispatcherOptions, 'values' | 'onBroken' | 'onHandlerError'>) {
    this.#link = link;
    this.#options = options;
  }

  /** Calls answered since the latest batch came: the peer cannot know that their places are free. */
  get unheard(): number {
    const { batchesReceived } = this.#link.stats;
    if (batchesReceived !== this.#latestBatch) this.#unheard = 0;
    this.#latestBatch = batchesReceived;
    return this.#unheard;
  }

  /** What a call has brought. */
  result(id: number, value: unknown): void {
    this.#count(false);
    this.#link.post([RESULT, id, value], this.#options.values.transferListOf(value));
  }

  /** An event has come in. */
  receipt(id: number): void {
    this.#count(false);
    this.#link.post([RESULT, id, undefined]);
  }

  /** It was not begun. */
  refuse(id: number, isStream: boolean, error: Answered, attachments: readonly unknown[] | undefined): void {
    this.#options.values.discard(attachments);
    this.#count(isStream);
    this.failure(id, error);
  }

  /** It has failed. */
  failed(task: Task, error: unknown): void {
    this.failing(task, error)();
  }

  /**
   * What says so, perhaps later: the error is taken as it is now. Only what the contract declares, or what we made ourselves, says more than a
   * message and a name.
   */
  failing(task: Task, error: unknown): () => void {
    const { id, served } = task;
    this.#count(task.isStream);
    if (!isHandlerError(error)) {
      if (!isMuntinError(error)) return this.#handlerFailing(id, served, error); // a schema has thrown it
      if (error.code !== 'PROTOCOL_VIOLATION') return this.#keeping(id, error);
      return () => this.#options.onBroken(new MuntinError('PROTOCOL_VIOLATION', error.message));
    }
    const declared = readDeclared(error.thrown, served.procedure);
    return declared === undefined ? this.#handlerFailing(id, served, error.thrown) : this.#keeping(id, declared);
  }

  #keeping(id: number, { code, message, data }: Answered): () => void {
    // What has something live in it is refused when it is sent.
    const kept = mayContainReference(data) ? data : keep(data);
    return () => this.failure(id, { code, message, data: kept });
  }

  failure(id: number, { code, message, data }: Answered): void {
    this.#link.post([FAILURE, id, code, message.slice(0, maxText), data], mayContainReference(data) ? [] : undefined);
  }

  #count(isStream: boolean): void {
    if (!isStream) this.#unheard = this.unheard + 1;
  }

  #handlerFailing(id: number, { path }: Served, thrown: unknown): () => void {
    const name = nameOf(thrown);
    const data = name === undefined ? undefined : { name };
    const answer = this.#keeping(id, { code: 'HANDLER_FAILED', message: messageOf(thrown), data });
    return () => {
      answer();
      reportErrors(() => this.#options.onHandlerError(thrown, path)); // the answer does not wait for what an application may throw
    };
  }
}

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
