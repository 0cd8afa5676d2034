import type { CallOptions } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import type { Limits } from '../link/limits.ts';
import { CANCEL } from '../link/messages.ts';
import { wrongTimeout } from '../option-values.ts';
import { Deadlines } from './deadlines.ts';
import { cancelled, linkClosed, timedOut } from './failures.ts';
import { type CallState, type PendingCall, type Route, settled } from './pending.ts';
import { SendQueue } from './send-queue.ts';
import { SentCalls, type Side } from './sent-calls.ts';
import type { Uplink } from './uplink.ts';

const defaultTimeoutMs = 10_000;
// Calls that wait for a free place at the peer while the session is open: a burst is merely slower.
const openQueue = 65_536;

const hooked: CallState = { name: 'hooked' };
const checking: CallState = { name: 'checking' };

/** All calls that have not ended, wherever they are. Each ends exactly once, in one of the ways that are here. */
export class OpenCalls {
  readonly #uplink: Uplink;
  readonly #limits: Limits;
  readonly sent: SentCalls;
  readonly queue: SendQueue;
  // In the hands of hooks, which hear of its end; or answered, and in those of an asynchronous schema, or of a promise of the peer's.
  readonly #checking = new Map<PendingCall, ((error: unknown) => void) | undefined>();
  readonly #deadlines = new Deadlines(
    () => this.#all(),
    (call) => this.giveUp(call, timedOut(call)),
  );

  constructor(
    side: Side,
    limits: Limits,
    hasCodec: boolean,
    uplink: Uplink,
    send: (call: PendingCall, route: Route) => void,
  ) {
    this.#uplink = uplink;
    this.#limits = limits;
    this.sent = new SentCalls(side);
    this.queue = new SendQueue(uplink, this.sent, hasCodec, send);
  }

  /** Watches the time and the signal of a call. False when it is refused at once. */
  admit(call: PendingCall, options: CallOptions = {}): boolean {
    const { signal, timeoutMs = call.procedure.timeoutMs ?? defaultTimeoutMs } = options;
    const refusal = this.#refusalOf(call, timeoutMs, signal);
    if (refusal !== undefined) {
      call.receiver.fail(refusal);
      return false;
    }
    if (signal !== undefined) {
      const onAbort = (): void => this.giveUp(call, cancelled(call, signal));
      signal.addEventListener('abort', onAbort);
      call.unlisten = () => signal.removeEventListener('abort', onAbort);
    }
    this.#deadlines.set(call, timeoutMs);
    return true;
  }

  /** Why a call cannot even wait. */
  #refusalOf(call: PendingCall, timeoutMs: unknown, signal: AbortSignal | undefined): MuntinError | undefined {
    const { path, target } = call;
    const { route, ended } = this.#uplink;
    const wrong = wrongTimeout(timeoutMs);
    if (wrong !== undefined) return wrong;
    if (signal?.aborted) return cancelled(call, signal);
    if (ended !== undefined) return linkClosed(call, ended);
    if (target !== undefined && target.route !== route)
      return new MuntinError('REFERENCE_RELEASED', `"${path}" is a reference of a session that is over`);
    const { size } = this.queue;
    if (size < (route === undefined ? this.#limits.queue : openQueue)) return undefined;
    return new MuntinError('OVERLOADED', `"${path}" was not called: ${size} calls wait already; wait for answers`);
  }

  /** Hooks have it. What is returned lets it end by what they do, unless it has ended otherwise, which `onOver` hears of. */
  hook(call: PendingCall, onOver: (error: unknown) => void): (settle: () => void) => void {
    call.state = hooked;
    this.#checking.set(call, onOver);
    return (settle) => {
      if (!this.#checking.has(call)) return;
      this.forget(call);
      call.state = settled;
      settle();
    };
  }

  /** It has been answered. Until it is checked, its time runs on and its signal is heard. What is returned is false where that has ended it. */
  check(call: PendingCall): () => boolean {
    call.state = checking;
    this.#checking.set(call, undefined);
    return () => this.#checking.has(call);
  }

  /** Takes it out of everything; true when the peer has it. */
  forget(call: PendingCall): boolean {
    call.unlisten?.();
    this.queue.remove(call);
    this.#checking.delete(call);
    return this.sent.remove(call);
  }

  /** It fails. */
  settle(call: PendingCall, error: unknown): void {
    this.endInOrder(call, () => call.receiver.fail(error));
  }

  /** Ends a call when all that came before is through its schema; until then its signal, and the end of the session, end it. */
  endInOrder(call: PendingCall, end: () => void): void {
    if (call.tail === undefined) {
      call.unlisten?.();
      return end();
    }
    const isOpen = this.check(call);
    call.inOrder(() => {
      if (!isOpen()) return;
      this.forget(call);
      end();
    });
  }

  /** Nobody waits any more: the peer is told. */
  drop(call: PendingCall): void {
    const { state } = call;
    if (this.forget(call) && state.name === 'sent') this.#uplink.route?.link.post([CANCEL, state.id]);
    this.queue.flush();
  }

  /** It fails at once, whatever the peer still says. */
  giveUp(call: PendingCall, error: unknown): void {
    const onOver = this.#checking.get(call);
    this.drop(call);
    call.isOver = true;
    call.receiver.fail(error);
    onOver?.(error);
  }

  /** No session will come. */
  end(cause: MuntinError): void {
    const calls = this.#all();
    this.sent.clear();
    this.#deadlines.stop();
    // Hooks may have ended a call when what they had sent of it ended.
    for (const call of calls) if (call.state.name !== 'settled') this.giveUp(call, linkClosed(call, cause));
  }

  #all(): readonly PendingCall[] {
    return [...this.sent, ...this.queue, ...this.#checking.keys()];
  }
}
