import type { Codec } from './codec/codec.ts';
import type { Peer, Served } from './contract/types.ts';
import { type ErrorCode, inspect, MuntinError, reportErrors } from './errors.ts';
import type { ExceededLimit, Scales } from './link/budget.ts';
import type { Limits } from './link/limits.ts';
import { type BatchSender, Link, type Tapped } from './link/link.ts';
import type { Message } from './link/messages.ts';
import * as wire from './link/messages.ts';
import { copyAround } from './reference/copy-around.ts';
import { mayContainReference } from './reference/detect.ts';
import type { LaneLink, Lanes } from './reference/lanes.ts';
import { lazyPart, loadLazyPart, refuse, WithoutPart } from './reference/lazy.ts';
import type { ReferenceTable } from './reference/reference-table.ts';
import { Admission } from './rpc/admission.ts';
import type { Caller } from './rpc/caller.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import { assertWithinBudget } from './rpc/failures.ts';
import type { Incoming } from './rpc/hooks.ts';
import { keptInput } from './rpc/kept.ts';
import type { Route, Values } from './rpc/pending.ts';
import type { Side } from './rpc/sent-calls.ts';

/** What a session is opened with. */
export interface SessionOptions {
  readonly side: Side;
  readonly port: MessagePort;
  readonly peer: Peer;
  readonly caller: Caller;
  readonly served: readonly Served[];
  readonly limits: Limits;
  /** Which of the peer's calls may begin; of a mount that may have several sessions, the one for all of them. @defaultValue a new one */
  readonly admission?: Admission;
  /** Who watches what travels. */
  readonly tapped?: Tapped['tapped'];
  /** Hooks around what the peer calls. */
  readonly incoming?: Incoming | undefined;
  /** The procedures that the peer serves, by index. */
  readonly peerServes: readonly string[];
  /** How many calls the peer takes at once. */
  readonly peerCalls: number;
  readonly lanes: Lanes;
  /** What both sides encode values with; none: structured clone alone. */
  readonly codec?: Codec | undefined;
  /** The first message: the host's welcome, or the guest's ready. */
  readonly greeting: Message;
  /** Host: judges the guest's ready, which must come before anything else. Guest: there is none to come. */
  readonly onReady?: (ready: unknown) => boolean;
  /** A batch has come, and nothing of it is read yet: the session may be closed in here. */
  readonly onBatch?: () => void;
  /** Guest: the host has nudged it; see {@link Session.nudge}. */
  readonly onNudge?: () => void;
  readonly onHandlerError: (error: unknown, path: string) => void;
  /** The session ended by itself; once. */
  readonly onEnd: (cause: MuntinError) => void;
}

/** What the reason of a goodbye means: `later` is said by who will say hello again, and what is not known here is for good. */
function codeOfGoodbye(reason: string): ErrorCode {
  if (reason === 'pagehide' || reason === 'later') return 'PEER_RELOADED';
  return reason === 'PEER_NAVIGATED' || reason === 'PEER_UNRESPONSIVE' ? reason : 'PEER_CLOSED';
}

/** One open connection, from welcome to close: joins the link with those who call and those who serve. */
export class Session {
  readonly #options: SessionOptions;
  readonly #link: Link;
  readonly #route: Route;
  readonly #dispatcher: Dispatcher;
  // Both are there, or neither.
  #references: ReferenceTable | undefined;
  #sender: BatchSender | undefined;
  #isLoading = false;
  // While what waited for a part that could not be loaded is told of it.
  #missing: BatchSender | undefined;
  #isReady: boolean;
  #isClosed = false;

  constructor(options: SessionOptions) {
    const { port, limits, side, caller, codec, greeting, peerServes, peerCalls } = options;
    this.#options = options;
    this.#isReady = options.onReady === undefined; // of a host, the guest has heard already
    const link = new Link(
      port,
      {
        batch: options.onBatch,
        nudged: options.onNudge,
        message: (message, over, scales) => this.#receive(message, over, scales),
        walk: () => (this.#hasLive() ? lazyPart()?.walk : undefined),
        // What is packed can be sent once only: not before the peer has said that it listens.
        batchSender: () => {
          const sender = this.#hasLive() ? this.#sender : this.#missing;
          return this.#isReady ? sender : undefined;
        },
        // What packing it would refuse is refused then, with its path.
        keep: (value) => keptInput(value, { keep: (given) => copyAround(given, codec) }, codec !== undefined),
        session: options,
        broken: (error) => this.#end(error),
      },
      limits,
    );
    this.#link = link;
    const values: Values = {
      transferListOf: (value) => (codec !== undefined || mayContainReference(value) ? [] : undefined),
      keep: (value, name) => (lazyPart()?.keepAround ?? copyAround)(value, codec, name),
      isEncoded: codec !== undefined,
      unpack: (value, attachments) =>
        this.#references === undefined ? value : this.#references.unpack(value, attachments),
      discard: (attachments) => {
        wire.closePorts(attachments);
        this.#references?.discard(attachments);
      },
      find: (index) => this.#references?.find(index),
    };
    this.#dispatcher = new Dispatcher(link, side === 'host' ? 2 : 1, {
      ...options,
      admission: options.admission ?? new Admission(limits),
      values,
      onBroken: (error) => this.#end(error),
    });
    link.post(greeting);
    // On its own: a first call whose value the peer cannot deserialise must not take the welcome along.
    link.flush();
    const indexes = new Map(peerServes.map((path, index) => [path, index]));
    const onViolation = (what: string): void => this.#violate(what);
    this.#route = { link, values, indexes, window: peerCalls, onViolation, peer: options.peer };
    if (codec !== undefined) this.#hasLive();
    caller.attach(this.#route, this.#isReady);
    if (this.#isReady) this.#attachLanes();
  }

  /** Whether the peer has said that it listens. Until then it has got nothing that can be sent once only. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get stats(): Link['stats'] {
    return this.#link.stats;
  }

  /** How many of our callbacks, objects, streams and signals the peer holds. */
  get references(): number {
    return this.#references?.size ?? 0;
  }

  /** Takes the rest of the batch that brought the welcome. */
  receive(batch: unknown, isRead?: () => void): void {
    this.#link.receive(batch, isRead);
  }

  /** Dispatches nothing until {@link release}. */
  hold(): void {
    this.#link.hold();
  }

  release(): void {
    this.#link.release();
  }

  /** The peer does not answer on its window: perhaps `document.open` has taken its listeners away. It sets them up again. */
  nudge(): void {
    this.#link.nudge();
  }

  /** Says something outside of calls: to the extension that the peer marks with this index. */
  note(mark: number, value: unknown): void {
    this.#link.post([wire.NOTE, mark, value]);
  }

  /**
   * Ends the session from this side, telling the peer why. Handlers and producers end here; the caller is detached by its owner,
   * who knows whether another session may come. Does nothing when it has ended already.
   */
  close(cause: MuntinError, reason?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // First the port: nothing that the steps below cause is sent any more.
    reportErrors(() => this.#link.close(reason));
    reportErrors(() => this.#dispatcher.close(cause));
    reportErrors(() => this.#references?.close(cause));
  }

  #end(cause: MuntinError): void {
    if (this.#isClosed) return;
    this.close(cause, cause.code); // a peer that has said goodbye does not read it
    this.#options.onEnd(cause);
  }

  #violate(what: string): void {
    this.#end(new MuntinError('PROTOCOL_VIOLATION', `The peer sent ${what}`));
  }

  /** False: the message needs what is still being loaded. */
  #receive(given: Message, weighed: ExceededLimit | 'unknown', scales: Scales | undefined): boolean {
    const { onReady, caller, codec, lanes, served, limits } = this.#options;
    const dispatcher = this.#dispatcher;
    const isPartNeeded =
      weighed === 'unknown' ||
      (given[0] === wire.LANE && lanes.handler === undefined) ||
      given[0] === wire.ABORT ||
      (this.#isReady && (codec !== undefined || wire.attachmentsOf(given).length > 0));
    if (isPartNeeded && !this.#hasLive() && this.#missing === undefined) return false;
    const over = weighed === 'unknown' || (isPartNeeded && this.#references === undefined) ? 'notLoaded' : weighed;
    const message = over === undefined ? given : this.#withoutAttachments(given);
    if (!this.#isReady) {
      // Nothing is dispatched to or from a peer that has not said ready: it may not be the one that was welcomed.
      // Of the ready only fields of its own are read, and compared: limits for values of the application do not concern it.
      const isFine = over !== 'notLoaded';
      if (message[0] === wire.GOODBYE) this.#goodbye(message[1]);
      else if (message[0] === wire.READY && isFine && onReady?.(message[1]) === true) this.#confirm();
      else {
        wire.closePorts(wire.attachmentsOf(message));
        this.#violate('something else than its ready');
      }
      return true;
    }
    switch (message[0]) {
      case wire.CALL:
        dispatcher.start(message[1], message[2], message[3], message[4], message[5], over, scales);
        break;
      case wire.CANCEL:
        dispatcher.cancel(message[1]);
        break;
      case wire.CREDIT:
        dispatcher.credit(message[1], message[2]);
        break;
      case wire.RELEASE:
        this.#references?.released(message[1], message[2]);
        break;
      case wire.ABORT:
        this.#references?.aborted(message[1], message[2], over ?? scales?.weightOf(message[2]));
        break;
      case wire.RESULT:
      case wire.FAILURE:
      case wire.NEXT:
        caller.receive(message, over, scales);
        break;
      case wire.LANE: {
        const [, path, data, ports] = message;
        const part = lazyPart();
        const handler = (lanes.handler ??= part && new part.WaitingLanes(limits));
        if (!handler?.receive({ path, data, ports, over, bytes: scales?.weightOf(data) ?? 0 }))
          this.#violate('what no lane takes');
        break;
      }
      case wire.GOODBYE:
        this.#goodbye(message[1]);
        break;
      case wire.UNREAD:
        this.#lose(message[1]);
        break;
      default: {
        const mark = message[0] === wire.NOTE ? served[message[1]] : undefined;
        if (!mark?.take) this.#violate(`a message of kind ${message[0]}, which is not the peer's to send now`);
        else
          mark.take(() => {
            assertWithinBudget(over, 'value', mark.path, limits);
            return message[2];
          });
      }
    }
    return true;
  }

  /** The peer could not read a batch of ours: what was in it fails, and nothing else. */
  #lose(batch: number): void {
    if (batch > this.#link.stats.batchesSent) return this.#violate(`to have been sent a batch ${batch}`);
    const lost = this.#link.alone.get(batch);
    this.#link.alone.delete(batch); // it is said once
    const text =
      'The other page could not read it: it nests too deep, or has something in it that is bound to this page';
    const error = new MuntinError('VALUE_NOT_CLONEABLE', text);
    this.#references?.takeBack(wire.attachmentsOf(lost));
    if (lost === undefined || !refuse(lost, error, this.#ends())) this.#end(error);
  }

  /** Nobody gets what came with a value that is not read: it is given back. */
  #withoutAttachments(message: Message): Message {
    const attachments = wire.attachmentsOf(message);
    if (attachments.length === 0) return message;
    this.#route.values.discard(attachments);
    return wire.withoutAttachments(message);
  }

  /** The peer listens: what can be sent once only may go. */
  #confirm(): void {
    this.#isReady = true;
    if (this.#isClosed) return;
    this.#attachLanes();
    this.#link.flush();
    this.#options.caller.confirm();
  }

  #attachLanes(): void {
    const { lanes, peerCalls } = this.#options;
    const post: LaneLink['post'] = (message, transfer) => this.#link.post(message, transfer);
    lanes.attach({ post, violate: (what) => this.#violate(what) }, peerCalls);
  }

  #goodbye(reason: string): void {
    this.#end(new MuntinError(codeOfGoodbye(reason), `The peer said goodbye: ${inspect(reason)}`));
  }

  #ends() {
    return {
      ...this.#options,
      link: this.#link,
      route: this.#route,
      dispatcher: this.#dispatcher,
      end: (error: MuntinError) => this.#end(error),
    };
  }

  /** Whether there is what handles what is live. It is loaded when the first value needs it; everything in its direction waits meanwhile. */
  #hasLive(): boolean {
    const part = lazyPart();
    if (this.#references === undefined && part !== undefined) {
      const ends = this.#ends();
      this.#references = part.openReferenceTable(ends);
      this.#sender = new part.ReferenceBatchSender(this.#references, ends);
    } else if (part === undefined && !this.#isLoading && this.#missing === undefined) {
      this.#isLoading = true;
      loadLazyPart().then(
        () => this.#link.resume(),
        (error: MuntinError) => {
          this.#isLoading = false;
          this.#missing = new WithoutPart(this.#ends(), error);
          this.#link.resume();
          this.#missing = undefined;
        },
      );
    }
    return this.#references !== undefined;
  }
}
