import type { Codec } from './codec/codec.ts';
import { notCloneable } from './codec/uncloneable.ts';
import type { Peer, Procedure } from './contract/types.ts';
import { attempt, MuntinError, show } from './errors.ts';
import type { Limits } from './link/limits.ts';
import { Link } from './link/link.ts';
import type { Message } from './link/messages.ts';
import * as wire from './link/messages.ts';
import { Exchange } from './reference/exchange.ts';
import type { Lanes } from './reference/lanes.ts';
import type { Caller, Route, Side } from './rpc/caller.ts';
import { Dispatcher } from './rpc/dispatcher.ts';
import type { Served } from './rpc/served.ts';

/** What a session is opened with. */
export interface SessionOptions {
  readonly side: Side;
  readonly port: MessagePort;
  readonly peer: Peer;
  readonly caller: Caller;
  readonly served: readonly Served[];
  readonly limits: Limits;
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
  /** Guest: the host's context has changed. */
  readonly onContext?: (context: unknown) => void;
  readonly onHandlerError: (error: unknown, path: string) => void;
  /** The session ended by itself; once. */
  readonly onEnd: (cause: MuntinError) => void;
}

const referenceProcedure: Procedure = { kind: 'mutation', input: undefined, output: undefined, errors: {}, stream: {} };
const streamProcedure: Procedure = { ...referenceProcedure, kind: 'observable' };

/** One open connection, from welcome to close: joins the link with those who call and those who serve. */
export class Session {
  readonly #options: SessionOptions;
  readonly #link: Link;
  readonly #dispatcher: Dispatcher;
  readonly #exchange: Exchange;
  #isReady: boolean;
  #isClosed = false;

  constructor(options: SessionOptions) {
    const { port, limits, peer, side, caller, served, onHandlerError } = options;
    this.#options = options;
    this.#isReady = options.onReady === undefined;
    const link = new Link(
      port,
      {
        message: (message) => this.#receive(message),
        repack: (message) => this.#repack(message),
        unsendable: (message, cause, transfer) => this.#unsendable(message, cause, transfer),
        broken: (error) => this.#end(error),
      },
      limits,
    );
    this.#link = link;
    const exchange = new Exchange({
      limits,
      codec: options.codec,
      call: (index, name, input) => caller.call(name, referenceProcedure, input, undefined, { route, index }),
      subscribe: (index, name, receiver) =>
        caller.subscribe(name, streamProcedure, undefined, receiver, undefined, { route, index }),
      release: (index, count) => link.post([wire.RELEASE, index, count]),
      abort: (index, reason) => link.post([wire.ABORT, index, reason]),
    });
    this.#exchange = exchange;
    const onBroken = (error: MuntinError): void => this.#end(error);
    this.#dispatcher = new Dispatcher(link, side === 'host' ? 2 : 1, {
      served,
      exchange,
      peer,
      limits,
      onBroken,
      onHandlerError,
    });
    link.post(options.greeting);
    // On its own: a first call whose value the peer cannot deserialise must not take the welcome along.
    link.flush();
    const indexes = new Map(options.peerServes.map((path, index) => [path, index]));
    const onViolation = (what: string): void => this.#violate(what);
    const route: Route = { link, exchange, indexes, window: options.peerCalls, onViolation };
    caller.attach(route);
    options.lanes.attach(link);
  }

  get peer(): Peer {
    return this.#options.peer;
  }

  get stats(): Link['stats'] {
    return this.#link.stats;
  }

  /** How many of our callbacks, objects, streams and signals the peer holds. */
  get references(): number {
    return this.#exchange.size;
  }

  /** Takes the rest of the batch that brought the welcome. */
  receive(batch: unknown): void {
    this.#link.receive(batch);
  }

  /** Dispatches nothing until {@link release}. */
  hold(): void {
    this.#link.hold();
  }

  release(): void {
    this.#link.release();
  }

  setContext(context: unknown): void {
    this.#link.post([wire.CONTEXT, context]);
  }

  /**
   * Ends the session from this side, telling the peer why. Handlers and producers end here; the caller is detached by its owner,
   * who knows whether another session may come. Does nothing when it has ended already.
   */
  close(cause: MuntinError, reason?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (reason !== undefined) this.#link.post([wire.GOODBYE, reason]);
    // First the port: nothing that the steps below cause is sent any more.
    attempt(() => this.#link.close());
    attempt(() => this.#dispatcher.close(cause));
    attempt(() => this.#exchange.close(cause));
  }

  #end(cause: MuntinError): void {
    if (this.#isClosed) return;
    this.close(cause, cause.code); // a peer that has said goodbye does not read it
    this.#options.onEnd(cause);
  }

  #violate(what: string): void {
    this.#end(new MuntinError('PROTOCOL_VIOLATION', `The peer sent ${what}`));
  }

  #receive(message: Message): void {
    const { onReady, onContext, caller } = this.#options;
    const dispatcher = this.#dispatcher;
    if (!this.#isReady) {
      // Nothing is dispatched to or from a peer that has not said ready: it may not be the one that was welcomed.
      if (message[0] !== wire.READY || onReady?.(message[1]) !== true)
        return this.#violate('something else than its ready');
      this.#isReady = true;
      return;
    }
    switch (message[0]) {
      case wire.CALL:
        return dispatcher.start(message[1], message[2], message[3], message[4], message[5]);
      case wire.CANCEL:
        return dispatcher.cancel(message[1]);
      case wire.CREDIT:
        return dispatcher.credit(message[1], message[2]);
      case wire.RELEASE:
        return this.#exchange.released(message[1], message[2]);
      case wire.ABORT:
        return this.#exchange.aborted(message[1], message[2]);
      case wire.RESULT:
      case wire.FAILURE:
      case wire.NEXT:
        return caller.receive(message);
      case wire.LANE: {
        const [, path, data, ports] = message;
        if (!this.#options.lanes.receive({ path, data, ports })) this.#violate('what no lane takes');
        return;
      }
      case wire.GOODBYE:
        return this.#goodbye(message[1]);
      case wire.CONTEXT:
        if (onContext !== undefined) return onContext(message[1]);
        break;
      case wire.WELCOME:
      case wire.REFUSE:
      case wire.READY:
    }
    this.#violate(`a message of kind ${message[0]}, which is not the peer's to send now`);
  }

  #goodbye(reason: string): void {
    const code =
      reason === 'pagehide' ? 'PEER_RELOADED' : reason === 'PEER_NAVIGATED' ? 'PEER_NAVIGATED' : 'PEER_CLOSED';
    this.#end(new MuntinError(code, `The peer said goodbye: ${show(reason)}`));
  }

  /** A value that cannot be cloned as it is may have something live deep inside, where sending does not look. */
  #repack(message: Message): { readonly message: Message; readonly transfer: readonly Transferable[] } | undefined {
    try {
      switch (message[0]) {
        case wire.CALL: {
          const packed = message[5] === undefined ? this.#exchange.pack(message[3], true) : undefined;
          if (packed === undefined) return undefined;
          const [kind, id, procedure, , credit] = message;
          return {
            message: [kind, id, procedure, packed.value, credit, packed.attachments],
            transfer: packed.transfer,
          };
        }
        case wire.RESULT:
        case wire.NEXT: {
          const packed =
            message[3] === undefined
              ? this.#exchange.pack(message[0] === wire.NEXT ? message[2][0] : message[2], true)
              : undefined;
          if (packed === undefined) return undefined;
          const [kind, id] = message;
          const { value, attachments, transfer } = packed;
          return {
            message: kind === wire.NEXT ? [kind, id, [value], attachments] : [kind, id, value, attachments],
            transfer,
          };
        }
        default:
          return undefined;
      }
    } catch {
      return undefined; // then it is reported as what cannot be cloned
    }
  }

  #unsendable(message: Message, cause: unknown, transfer: readonly Transferable[]): void {
    const { codec } = this.#options;
    const explain = (value: unknown, root: string, attachments: readonly unknown[] | undefined): MuntinError => {
      this.#exchange.takeBack(attachments);
      const shown: unknown = codec !== undefined && Array.isArray(value) ? value[0] : value;
      return notCloneable(shown, root, cause, transfer);
    };
    switch (message[0]) {
      case wire.CALL:
        return this.#options.caller.unsendable(message[1], explain(message[3], 'input', message[5]));
      case wire.RESULT:
        return this.#dispatcher.unsendable(message[1], explain(message[2], 'result', message[3]));
      case wire.NEXT:
        return this.#dispatcher.unsendable(message[1], explain(message[2][0], 'value', message[3]));
      case wire.FAILURE:
        return this.#dispatcher.unsendable(message[1], notCloneable(message[4], 'data', cause));
      case wire.ABORT:
        return this.#link.post([wire.ABORT, message[1], undefined]);
      case wire.LANE:
        return this.#options.lanes.unsendable(message[1], message[2], notCloneable(message[2], 'message', cause));
      default:
        // Everything else is made of our own texts and numbers, or was cloned once already (context).
        return this.#end(
          new MuntinError('VALUE_NOT_CLONEABLE', 'A message of the session cannot be cloned', { cause }),
        );
    }
  }
}
