import type { CallOptions, Peer, Procedure, SubscribeOptions } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import type { ExceededLimit, Scales } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import { type Answer, CALL, CREDIT, type Message } from '../link/messages.ts';
import type { Receiver, StreamSubscription } from '../stream/consumer.ts';
import type { Held } from '../stream/credit.ts';
import { AnswerReader } from './answer-reader.ts';
import { linkClosed } from './failures.ts';
import type { Outgoing } from './hooks.ts';
import { OpenCalls } from './open-calls.ts';
import { PendingCall, type Route, type Target } from './pending.ts';
import type { Replay } from './replay.ts';
import type { Side } from './sent-calls.ts';
import { Uplink } from './uplink.ts';

/**
 * Calls out, and settles every answer: by result, failure, cancel, timeout or close, exactly once.
 *
 * It outlives the sessions of its mount: what is called while there is none waits, within its timeout, and a query that a reload
 * interrupted is sent again.
 */
export class Caller {
  readonly #uplink = new Uplink();
  readonly #calls: OpenCalls;
  readonly #reader: AnswerReader;
  readonly #held: Held;
  /** Hooks around what is called. */
  outgoing: Outgoing | undefined;
  /** Called when something begins to be pending at the peer, for whoever watches over it. */
  onPending: (() => void) | undefined;

  /** `hasCodec`: whether values may cross otherwise than by structured clone alone. */
  constructor(side: Side, limits: Limits, hasCodec = true) {
    this.#calls = new OpenCalls(side, limits, hasCodec, this.#uplink, (call, route) => this.#send(call, route));
    this.#reader = new AnswerReader(this.#calls, this.#uplink, limits);
    this.#held = { bytes: 0, most: limits.windowBytes };
  }

  /** Whether anything waits for the peer. */
  get isPending(): boolean {
    return this.#calls.sent.size > 0;
  }

  /** The other side; `undefined` while there is no session. */
  get peer(): Peer | undefined {
    return this.#uplink.route?.peer;
  }

  /** Whether the peer serves something of this name. It waits for a session. */
  serves(path: string): Promise<boolean> {
    return this.#uplink.serves(path);
  }

  call(path: string, procedure: Procedure, input: unknown, options?: CallOptions, target?: Target): Promise<unknown> {
    return new Promise((done, fail) => {
      const call = new PendingCall(path, procedure, input, { next: done, done, fail }, undefined, target);
      if (this.outgoing === undefined) this.begin(call, options);
      else this.outgoing.call(call, options);
    });
  }

  subscribe(
    path: string,
    procedure: Procedure,
    input: unknown,
    receiver: Receiver,
    options: SubscribeOptions = {},
    target?: Target,
  ): StreamSubscription {
    const credit = procedure.runtime?.credit(options.window, this.#held);
    const stream = new PendingCall(path, procedure, input, receiver, credit, target);
    return this.outgoing === undefined ? this.open(stream, options) : this.outgoing.subscribe(stream, options);
  }

  /** Sends a call, or lets it wait, past all hooks. */
  begin(call: PendingCall, options?: CallOptions): void {
    if (!this.#calls.admit(call, options)) return;
    try {
      this.#calls.queue.enter(call);
    } catch (error) {
      this.#calls.settle(call, error); // it has to wait, and cannot be kept
    }
  }

  /** Subscribes, past all hooks. */
  open(stream: PendingCall, options: SubscribeOptions): StreamSubscription {
    this.begin(stream, options);
    const inlet: StreamSubscription = {
      request: (count) => this.#take(stream, count),
      cancel: () => {
        stream.credit?.forget();
        this.#calls.drop(stream);
      },
    };
    stream.credit?.watch(inlet);
    return inlet;
  }

  /**
   * Hooks have the call: it ends by what `settle` does, which is returned; or by its time, its signal or the end of the mount, which
   * `onOver` hears of. `undefined` where the call is refused at once: then no hook sees it.
   */
  track(
    call: PendingCall,
    options: CallOptions | undefined,
    onOver: (error: unknown) => void,
  ): ((settle: () => void) => void) | undefined {
    if (!this.#calls.admit(call, options)) return undefined;
    try {
      this.#calls.queue.keep(call); // as it is now: a hook may take its time
    } catch (error) {
      this.#calls.settle(call, error);
      return undefined;
    }
    return this.#calls.hook(call, onOver);
  }

  /**
   * A session is there: what waits is sent over it. `isConfirmed`: the peer has said that it listens. Until then only goes what can be
   * sent again, and nothing that is behind the first that cannot; {@link confirm} follows.
   */
  attach(route: Route, isConfirmed = true): void {
    const { sent, queue } = this.#calls;
    queue.isConfirmed = isConfirmed;
    sent.renew();
    this.#uplink.open(route);
    queue.flush(true);
  }

  /** The peer listens. */
  confirm(): void {
    const { queue } = this.#calls;
    queue.isConfirmed = true;
    queue.flush(true);
  }

  /**
   * The session is over. What `replay` keeps waits for the next; everything else ends with `LINK_CLOSED`. Without it no session will
   * come, until one is attached or {@link revive}.
   */
  end(cause: MuntinError, replay?: Replay): void {
    const calls = this.#calls;
    if (replay === undefined) {
      this.#uplink.end(cause);
      return calls.end(cause);
    }
    const { sent, queue } = calls;
    this.#uplink.close();
    replay([...sent.clear(), ...queue.clear()], {
      queue,
      refuse: (call, why) => {
        queue.remove(call);
        calls.settle(call, linkClosed(call, cause, why));
      },
      flush: () => queue.flush(true),
    });
  }

  /** A session may come again: calls wait for it. */
  revive(): void {
    this.#uplink.revive();
  }

  /** An answer of the peer, and which limit its value breaks; `scales` have just weighed it. */
  receive(answer: Answer, over: ExceededLimit, scales?: Pick<Scales, 'weightOf'>): void {
    this.#reader.receive(answer, over, scales);
  }

  /** A message of ours could not be cloned: what it belongs to fails, and nothing else. */
  unsendable(id: number, error: MuntinError<string>): void {
    const { sent, queue } = this.#calls;
    const call = sent.get(id);
    if (call === undefined) return;
    this.#calls.forget(call); // first: the peer has never heard of it
    const { code, message, cause } = error;
    this.#calls.settle(call, call.hasRun ? new MuntinError(code, message, { cause, mayHaveRun: true }) : error);
    queue.flush();
  }

  #send(call: PendingCall, { link, values, indexes }: Route): void {
    const { path, input, credit, target } = call;
    const { sent } = this.#calls;
    const index = target?.index ?? indexes.get(path);
    if (index === undefined) {
      const text = `"${path}" is not served by the peer: its contract may be older`;
      return this.#calls.settle(call, new MuntinError('PROCEDURE_NOT_FOUND', text, { mayHaveRun: call.hasRun }));
    }
    const id = sent.add(call);
    if (credit !== undefined) call.deadline = Infinity; // a stream may be silent for as long as it likes
    const message: Message = [CALL, id, index, input, credit?.restart() ?? 0];
    link.post(message, values.transferListOf(input));
    call.input = message[3]; // the copy that was sent, in case it is sent again
    if (sent.size === 1) this.onPending?.();
  }

  #take(stream: PendingCall, count: number): void {
    const grant = stream.credit?.take(count);
    const { route } = this.#uplink;
    const { queue } = this.#calls;
    if (route === undefined) return;
    if (queue.has(stream))
      queue.flush(true); // again, when there is room for its values
    else if (grant && stream.state.name === 'sent') route.link.post([CREDIT, stream.state.id, grant]);
  }
}
