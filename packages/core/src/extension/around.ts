import type { CallOptions, HandlerContext, SubscribeOptions } from '../contract/types.ts';
import { HandlerError, inspect, invalidOption, isMuntinError, isPeerCode, MuntinError } from '../errors.ts';
import type { Caller } from '../rpc/caller.ts';
import type { CallInfo, Incoming, Outgoing } from '../rpc/hooks.ts';
import { PendingCall } from '../rpc/pending.ts';
import { reopenable, repeatable } from '../rpc/repeat.ts';
import { isObject } from '../rpc/served.ts';
import type { Receiver, StreamSubscription } from '../stream/consumer.ts';
import { hasMethod } from '../stream/kinds.ts';
import type { Endpoint, Use } from './endpoint.ts';
import { Line } from './line.ts';
import { Pace } from './pace.ts';

/** What a hook changes on the way, for those behind it. */
export interface Change {
  /** In place of the input. */
  readonly input?: unknown;
}

/**
 * Goes on: to the next hook, and behind the last one to the handler, or to the other side. Resolves with the result; of a stream, with its
 * source. May be called again, to try again, or not at all, to refuse by throwing or to answer something else. Each further time begins in a
 * later task, and later than the one before, up to a second. Rejects with the reason of `call.signal` when the call is over, and with
 * `INVALID_OPTION` for a second time where an event may have been delivered already, or where the input can be read only once.
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
 * Cancelled, timed out or closed, a call settles whatever a hook does. Events reach their handlers in order, however long hooks take.
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
      throw invalidOption(`${name} is ${inspect(hook)}: give a function`);
  return Object.freeze({
    'muntin.install': (endpoint: Endpoint) => {
      if (isHook(incoming)) {
        endpoint.incomingHooks.push(incoming);
        endpoint.incoming = within(endpoint.incomingHooks);
      }
      if (!isHook(outgoing)) return;
      endpoint.outgoing.push(outgoing);
      endpoint.caller.outgoing = new OutgoingHooks(endpoint.caller, endpoint.outgoing);
    },
  });
}

function isHook(hook: unknown): hook is Hook {
  return typeof hook === 'function';
}

/**
 * Runs handlers within hooks. Told apart: what a handler has thrown, and what a hook refuses with, which may be one of the codes that
 * peers use.
 */
function within(hooks: readonly Hook[]): Incoming {
  const events = new Line();
  return ({ path, procedure, handler }, input, context, done, failed, over) => {
    const thrown = new Set<unknown>();
    const place = procedure.kind === 'event' ? events.enter() : undefined;
    if (place !== undefined) context.signal.addEventListener('abort', place.leave);
    // The hooks themselves, and the handlers that they have begun: a hook may answer before its handler has settled.
    let atWork = 1;
    const leave = (): void => {
      if (--atWork === 0) over();
    };
    const call: CallInfo = Object.defineProperties(
      { path, kind: procedure.kind, input, peer: context.peer } as CallInfo, // with the signal that is defined here
      { signal: { get: () => context.signal, enumerable: true } },
    );
    const handle = async (changed: unknown, added: object | undefined): Promise<unknown> => {
      atWork++;
      try {
        const outcome = handler(changed, added === undefined ? context : extend(context, added));
        place?.leave();
        return await (procedure.runtime === undefined ? outcome : procedure.runtime.asSource(outcome));
      } catch (error) {
        thrown.add(error);
        throw error;
      } finally {
        leave();
      }
    };
    const run = repeatable(call, place?.turn, () => true, handle);
    const begin = async (): Promise<unknown> => runHooks(hooks, call, run);
    void begin()
      .then(done, (error: unknown) => {
        const isOurs = isOver(context.signal, error) || (isMuntinError(error) && isRefusal(error));
        failed(!thrown.has(error) && isOurs ? error : new HandlerError(error));
      })
      .finally(() => {
        place?.leave();
        leave();
      });
  };
}

/** Whether this is why the call is over, which nobody has to be told. */
function isOver(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && signal.reason === error;
}

/** A context with more in it; what is there already stays. */
function extend(context: HandlerContext, added: object): HandlerContext {
  return {
    ...added,
    peer: context.peer,
    get signal() {
      return context.signal;
    },
  };
}

function isRefusal(error: MuntinError<string>): boolean {
  try {
    return isPeerCode(error.code);
  } catch {
    return false; // its getter throws
  }
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
    if (!isObject(change) || (change.context !== undefined && !isObject(change.context)))
      throw invalidOption(
        `next was given ${inspect(change)}: give nothing, or { input, context }, whose context is an object`,
      );
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
  readonly #events = new Line();

  constructor(caller: Caller, hooks: readonly Hook[]) {
    this.#caller = caller;
    this.#hooks = hooks;
  }

  /** The call settles as its hooks do, or by its time, its signal or the end of the mount, whichever comes first. */
  call(call: PendingCall, options: CallOptions | undefined): void {
    const tracked = this.#track(call, options);
    if (tracked === undefined) return;
    const { over, settle } = tracked;
    const place = call.procedure.kind === 'event' ? this.#events.enter() : undefined;
    if (place !== undefined) over.addEventListener('abort', place.leave);
    const send = (input: unknown): Promise<unknown> =>
      new Promise((done, fail) => {
        const one = attemptOf(call, input, { next: done, done, fail });
        this.#caller.begin(one, { signal: over, timeoutMs: Infinity });
        place?.leave();
      });
    this.#run(call, over, send, place?.turn).then(
      (value) => settle(() => call.receiver.done(value)),
      (error: unknown) => settle(() => call.receiver.fail(error)),
    );
  }

  /** Until its hooks have answered, the stream is a call; then it is what they answered, until that ends, or the call does. */
  subscribe(call: PendingCall, options: SubscribeOptions): StreamSubscription {
    const tracked = this.#track(call, options);
    if (tracked === undefined) return nothing;
    const { over, settle } = tracked;
    const pace = new Pace(options.window, call.credit?.held.most);
    const own = new WeakMap<object, (receiver: Receiver) => StreamSubscription>();
    const send = (input: unknown): unknown => {
      const open = (receiver: Receiver): StreamSubscription =>
        this.#caller.open(attemptOf(call, input, receiver, options.window), { ...options, signal: over });
      const stream = call.procedure.runtime?.consume(
        reopenable(call.path, input, (receiver) => pace.through(open(receiver))),
      );
      if (stream !== undefined) own.set(stream, open);
      return stream;
    };
    const fail = (error: unknown): void => settle(() => call.receiver.fail(error));
    const receiver: Receiver = {
      next: (values) => call.receiver.next(values),
      done: (value) => settle(() => call.receiver.done(value)),
      fail,
    };
    let inlet: StreamSubscription | undefined;
    this.#run(call, over, send).then((source) => {
      if (over.aborted) return;
      call.deadline = Infinity; // a stream may be silent for as long as it likes
      const open = isObject(source) ? own.get(source) : undefined;
      inlet = open === undefined ? subscribeTo(source, receiver, over, pace) : open(receiver);
    }, fail);
    return {
      request: (count) => inlet?.request(count),
      cancel: () => {
        settle(() => undefined);
        inlet?.cancel();
      },
    };
  }

  /** Watches over the whole of a call; `over` fires with its end, so that what its hooks have begun ends, too. */
  #track(call: PendingCall, options: CallOptions | undefined): Tracked | undefined {
    const controller = new AbortController();
    const settle = this.#caller.track(call, options, (error) => controller.abort(error));
    return (
      settle && {
        over: controller.signal,
        settle: (how) =>
          settle(() => {
            how();
            controller.abort(new MuntinError('CALL_CANCELLED', `"${call.path}" is over`));
          }),
      }
    );
  }

  async #run(
    call: PendingCall,
    signal: AbortSignal,
    send: (input: unknown) => unknown,
    turn?: () => Promise<void> | undefined,
  ): Promise<unknown> {
    const { path, procedure, input } = call;
    const info: CallInfo = { path, kind: procedure.kind, input, signal, peer: this.#caller.peer };
    return runHooks(
      this.#hooks,
      info,
      repeatable(info, turn, () => call.ranBefore, send),
    );
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
    call.credit && procedure.runtime?.credit(window, call.credit.held),
    target,
    call,
  );
}

/** Of a stream that has ended as it began. */
const nothing: StreamSubscription = { request: () => undefined, cancel: () => undefined };

/** What a hook has put in place of a stream, until `over` fires. It cannot be held back; what it is made of can. */
function subscribeTo(source: unknown, receiver: Receiver, over: AbortSignal, pace: Pace): StreamSubscription {
  if (!hasMethod(source, 'subscribe')) {
    receiver.fail(
      invalidOption(
        `a hook answered a stream with ${inspect(source)}: return what next() resolves with, or an Observable`,
      ),
    );
    return nothing;
  }
  let subscription: unknown;
  const stop = (): void => {
    if (hasMethod(subscription, 'unsubscribe')) subscription.unsubscribe();
    pace.end();
  };
  over.addEventListener('abort', stop);
  try {
    subscription = source.subscribe(
      {
        next: (value: unknown) => {
          if (over.aborted) return;
          if (pace.came(value)) receiver.next([value]);
          else receiver.fail(pace.overloaded());
        },
        error: (error: unknown) => receiver.fail(error),
        complete: () => receiver.done(undefined),
      },
      { signal: over }, // a browser's Observable is stopped by it
    );
  } catch (error) {
    receiver.fail(error);
  }
  if (over.aborted) stop(); // it has ended while it was subscribed to
  return { request: (count) => pace.taken(count), cancel: () => undefined };
}
