import type { HandlerContext, Peer, Served } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import type { Producer, ProducerOwner } from '../stream/producer.ts';
import type { Applicant } from './admission.ts';
import type { Answered } from './answers.ts';

/**
 * Why a task has ended, made when somebody asks: a peer can begin and cancel a thousand for a few bytes each, and the stack of an error is
 * dear.
 */
export type Reason = () => MuntinError;

export const streamEnded: Reason = () => new MuntinError('CALL_CANCELLED', 'The stream has ended');
export const callerGone: Reason = () => new MuntinError('CALL_CANCELLED', 'The caller no longer waits');

/** What a task does when it is its turn, or when it gets none: one for all tasks of a session. */
export interface Runner {
  readonly run: (task: Task) => void;
  readonly refuse: (task: Task, error: Answered) => void;
  /** Its stream has failed; what it answers says so. */
  fail(task: Task, error: unknown): () => void;
  /** Its stream has ended; `remains`: what still goes on. */
  end(task: Task, remains: Promise<unknown> | undefined): void;
}

/** What the peer asked for, until the work behind it has ended. */
export class Task implements Applicant, ProducerOwner {
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

export function contextOf(task: Task, peer: Peer): HandlerContext {
  return new Context(task, peer);
}
