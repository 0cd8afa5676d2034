import type { CallOptions, SubscribeOptions } from '../contract/types.ts';
import { invalidOption, show } from '../errors.ts';
import type { Caller } from '../rpc/caller.ts';
import type { CallInfo, Incoming, Outgoing } from '../rpc/hooks.ts';
import { PendingCall } from '../rpc/pending.ts';
import type { Inlet, Receiver } from '../stream/consumer.ts';
import { hasMethod } from '../stream/kinds.ts';
import type { Endpoint, Use } from './endpoint.ts';

/** What a hook changes on the way, for those behind it. */
export interface Change {
  /** In place of the input. */
  readonly input?: unknown;
}

/**
 * Goes on: to the next hook, and behind the last one to the handler, or to the other side. Resolves with the result; of a stream, with its
 * source. May be called again, to try again, or not at all, to refuse by throwing or to answer something else.
 */
export type Next<Added = unknown> = unknown extends Added
  ? (change?: Change) => Promise<unknown>
  : (change: Change & { readonly context: Added }) => Promise<unknown>;

/** Hooks of one side, for {@link around}. */
export interface AroundOptions<Added = unknown> {
  /** Around what the other side calls here: its answer is that of the hook. */
  readonly incoming?: (call: CallInfo, next: Next<Added>) => unknown;
  /** Around what is called at the other side: the call settles as the hook does. */
  readonly outgoing?: (call: CallInfo, next: Next) => unknown;
}

type AnyNext = (change?: Change & { readonly context?: object }) => Promise<unknown>;

/** A hook, whatever it adds. */
export type Hook = (call: CallInfo, next: AnyNext) => unknown;

/**
 * Hooks around every call and stream of a mount or an `expose`: put it into `use`. The first in `use` is the outermost, in both
 * directions. A hook may refuse, delay, retry, time, add to the context of handlers, and replace input or result. An error that it lets
 * through keeps its code; one that it throws itself answers with its code where the contract declares that, or where peers may use it.
 * Cancelled, timed out or closed, a call settles whatever a hook does.
 *
 * ```ts
 * const timing = around({
 *   async outgoing(call, next) {
 *     const start = performance.now();
 *     try {
 *       return await next();
 *     } finally {
 *       report(call.path, performance.now() - start);
 *     }
 *   },
 * });
 * ```
 *
 * `around<{ user: User }>({ incoming: async (call, next) => next({ context: { user: await find(call.peer) } }) })` puts a `user` into the
 * context of the handlers behind it; `Handler` and `Handlers` take the type of what is added as their second argument. Throws
 * `INVALID_OPTION` for hooks that are no functions.
 */
export function around<Added = unknown>(options: AroundOptions<Added>): Use<Added>;
export function around({ incoming, outgoing }: { readonly incoming?: unknown; readonly outgoing?: unknown }): Use {
  for (const [name, hook] of Object.entries({ incoming, outgoing }))
    if (hook !== undefined && typeof hook !== 'function')
      throw invalidOption(`${name} is ${show(hook)}: give a function`);
  return Object.freeze({
    'muntin.install': (endpoint: Endpoint) => {
      if (isHook(incoming)) endpoint.incoming = inside(endpoint.incoming, incoming);
      if (!isHook(outgoing)) return;
      endpoint.outgoing.push(outgoing);
      endpoint.caller.outgoing = new OutgoingHooks(endpoint.caller, endpoint.outgoing);
    },
  });
}

function isHook(hook: unknown): hook is Hook {
  return typeof hook === 'function';
}

/** One more hook, within those that are there. */
function inside(outer: Incoming | undefined, hook: Hook): Incoming {
  const inner: Incoming = (call, run) => runHooks([hook], call, run);
  if (outer === undefined) return inner;
  return (call, run) =>
    outer(call, (input, added) => inner(withInput(call, input), (changed, more) => run(changed, merge(added, more))));
}

/** Runs hooks from the outermost to the innermost, and then what they are around. */
function runHooks(
  [hook, ...rest]: readonly Hook[],
  call: CallInfo,
  run: (input: unknown, added: object | undefined) => unknown,
  added?: object,
): unknown {
  if (hook === undefined) return run(call.input, added);
  return hook(call, async (change = {}) => {
    const next = 'input' in change ? withInput(call, change.input) : call;
    return runHooks(rest, next, run, merge(added, change.context));
  });
}

function merge(added: object | undefined, more: object | undefined): object | undefined {
  return more === undefined ? added : { ...added, ...more };
}

/** The signal stays what it is: reading it makes it. */
function withInput(call: CallInfo, input: unknown): CallInfo {
  return {
    ...{ path: call.path, kind: call.kind, peer: call.peer, input },
    get signal() {
      return call.signal;
    },
  };
}

/** The hooks around what one caller calls. */
class OutgoingHooks implements Outgoing {
  readonly #caller: Caller;
  readonly #hooks: readonly Hook[];

  constructor(caller: Caller, hooks: readonly Hook[]) {
    this.#caller = caller;
    this.#hooks = hooks;
  }

  /** The call settles as its hooks do, or by its time, its signal or the end of the mount, whichever comes first. */
  call(call: PendingCall, options: CallOptions | undefined): void {
    const { over, settle } = this.#track(call, options);
    const send = (input: unknown): Promise<unknown> =>
      new Promise((done, fail) => {
        const one = attemptOf(call, input, { next: done, done, fail });
        this.#caller.begin(one, { signal: over, timeoutMs: timeLeft(call) });
      });
    this.#run(call, over, send).then(
      (value) => settle(() => call.receiver.done(value)),
      (error: unknown) => settle(() => call.receiver.fail(error)),
    );
  }

  /** Until its hooks have answered, the stream is a call; then it is what they answered. */
  subscribe(call: PendingCall, options: SubscribeOptions): Inlet {
    const { over, settle } = this.#track(call, options);
    const own = new WeakMap<object, (receiver: Receiver) => Inlet>();
    const send = (input: unknown): unknown => {
      const open = (receiver: Receiver): Inlet =>
        this.#caller.open(attemptOf(call, input, receiver, options.window), options);
      const stream = call.procedure.runtime?.consume(open);
      if (stream !== undefined) own.set(stream, open);
      return stream;
    };
    let inlet: Inlet | undefined;
    let isClosed = false;
    this.#run(call, over, send).then(
      (source) =>
        settle(() => {
          const open = typeof source === 'object' && source !== null ? own.get(source) : undefined;
          const opened = open === undefined ? subscribeTo(source, call.receiver) : open(call.receiver);
          if (isClosed) opened.close();
          else inlet = opened;
        }),
      (error: unknown) => settle(() => call.receiver.fail(error)),
    );
    return {
      take: (count) => inlet?.take(count),
      close: () => {
        isClosed = true;
        settle(() => undefined);
        inlet?.close();
      },
    };
  }

  /** Watches over the whole of a call; `over` fires with its end, so that what its hooks have begun ends, too. */
  #track(call: PendingCall, options: CallOptions | undefined): Tracked {
    const controller = new AbortController();
    const settle = this.#caller.track(call, options, (error) => controller.abort(error));
    return {
      over: controller.signal,
      settle: (how) =>
        settle(() => {
          how();
          controller.abort(call);
        }),
    };
  }

  async #run(call: PendingCall, signal: AbortSignal, send: (input: unknown) => unknown): Promise<unknown> {
    const { path, procedure, input } = call;
    const info: CallInfo = { path, kind: procedure.kind, input, signal, peer: this.#caller.peer };
    return runHooks(this.#hooks, info, send);
  }
}

interface Tracked {
  readonly over: AbortSignal;
  readonly settle: (how: () => void) => void;
}

/** One sending of a call that has hooks around it. */
function attemptOf(call: PendingCall, input: unknown, receiver: Receiver, window?: number): PendingCall {
  const { path, procedure, target } = call;
  return new PendingCall(
    path,
    procedure,
    input,
    receiver,
    call.credit && procedure.runtime?.credit(window),
    target,
    call,
  );
}

function timeLeft({ deadline }: PendingCall): number {
  return deadline === Infinity ? Infinity : Math.max(1, deadline - performance.now());
}

/** What a hook has put in place of a stream. */
function subscribeTo(source: unknown, receiver: Receiver): Inlet {
  if (!hasMethod(source, 'subscribe')) {
    receiver.fail(
      invalidOption(
        `a hook answered a stream with ${show(source)}: return what next() resolves with, or an Observable`,
      ),
    );
    return { take: () => undefined, close: () => undefined };
  }
  const subscription: unknown = source.subscribe({
    next: (value: unknown) => receiver.next([value]),
    error: (error: unknown) => receiver.fail(error),
    complete: () => receiver.done(undefined),
  });
  return {
    take: () => undefined,
    close: () => {
      if (hasMethod(subscription, 'unsubscribe')) subscription.unsubscribe();
    },
  };
}
