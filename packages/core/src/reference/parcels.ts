import type { Codec } from '../codec/codec.ts';
import { refusal } from '../codec/uncloneable.ts';
import { anyCall } from '../contract/define.ts';
import type { Procedure } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import type { Limits } from '../link/limits.ts';
import type { Link, Parcels, Post } from '../link/link.ts';
import * as wire from '../link/messages.ts';
import { ABORT, type Batch, CALL, FAILURE, LANE, type Message, NEXT, RELEASE, RESULT } from '../link/messages.ts';
import type { Inlet, Receiver } from '../stream/consumer.ts';
import { anyStream, Exchange } from './exchange.ts';
import { type Senders, streamOf, refuse as tellSender } from './live.ts';

/** Whoever calls over the session: with `target`, what was passed by reference. */
interface References<Route> {
  call(path: string, procedure: Procedure, input: unknown, options: undefined, target: Target<Route>): Promise<unknown>;
  subscribe(
    path: string,
    procedure: Procedure,
    input: undefined,
    receiver: Receiver,
    options: undefined,
    target: Target<Route>,
  ): Inlet;
}

interface Target<Route> {
  readonly route: Route;
  readonly index: number;
}

/** The session whose values are handled. */
interface Ends<Route> {
  readonly limits: Limits;
  readonly codec?: Codec | undefined;
  readonly link: Pick<Link, 'post'>;
  readonly route: Route;
  readonly caller: References<Route>;
}

/** Those who are told that a message of theirs could not be sent. */
interface AllSenders extends Senders {
  readonly codec?: Codec | undefined;
  readonly end: (error: MuntinError) => void;
}

/** The exchange of a session: it calls, gives back and tells over its link. */
export function openExchange<Route>({ limits, codec, link, route, caller }: Ends<Route>): Exchange {
  return new Exchange({
    limits,
    codec,
    call: (index, name, input) => caller.call(name, anyCall, input, undefined, { route, index }),
    subscribe: (index, name, receiver) =>
      caller.subscribe(name, anyStream, undefined, receiver, undefined, { route, index }),
    release: (index, count) => link.post([RELEASE, index, count]),
    abort: (index, reason) => link.post([ABORT, index, reason]),
  });
}

/** A message as it is sent, and what it gives away. */
interface Parcel {
  readonly message: Message;
  readonly transfer: readonly Transferable[];
  /** Where it is not the message itself: what became of its value, and what is listed beside it. */
  readonly value?: unknown;
  readonly attachments?: readonly unknown[];
}

/** Sends messages whose values do not cross as they are; those that do not cross at all fail, and nothing else. */
export class ParcelSender implements Parcels {
  readonly #exchange: Exchange;
  readonly #senders: AllSenders;

  constructor(exchange: Exchange, senders: AllSenders) {
    this.#exchange = exchange;
    this.#senders = senders;
  }

  /** Packs what is live. If all of it cannot be sent as one batch, each is sent alone, in order, and who sent it hears which was not. */
  send(batch: Batch, live: ReadonlyMap<Message, readonly Transferable[] | undefined>, post: Post): void {
    // What comes behind the part of a stream that failed is not sent either: nobody is to take a stream with a gap for a whole one.
    const refused = new Map<unknown, () => void>();
    const refuse = (part: Message, cause: unknown, parcel?: Parcel): void => {
      const key = streamOf(part);
      if (!refused.has(key)) refused.set(key, () => this.#refuse(part, this.#explain(part, cause, parcel)));
    };
    const parcels: { readonly part: Message; readonly parcel: Parcel }[] = [];
    for (const message of batch)
      for (const part of split(message))
        try {
          const transfer = live.get(message) ?? [];
          const parcel = live.has(message) ? this.#pack(part, transfer) : { message: part, transfer };
          if (!refused.has(streamOf(part))) parcels.push({ part, parcel });
        } catch (error) {
          refuse(part, error);
        }
    for (const run of withoutPortsBesideLanes(parcels)) {
      const messages = run.map(({ parcel }) => parcel.message);
      const transfers = run.flatMap(({ parcel }) => parcel.transfer);
      if (post(messages, transfers) === undefined) continue;
      for (const { part, parcel } of run) {
        const failed = refused.has(streamOf(part)) ? undefined : this.#postAlone(part, parcel, post);
        if (failed !== undefined) refuse(part, failed.error, parcel);
      }
    }
    // When all of the batch is sent: what is posted now, such as calls with higher ids, must not overtake it.
    for (const tell of refused.values()) tell();
  }

  /** What is wrong with it, if anything. A proxy of plain data cannot be cloned, but copied, as it is beside a callback. */
  #postAlone(part: Message, parcel: Parcel, post: Post): ReturnType<Post> {
    const failed = post([parcel.message], parcel.transfer);
    if (failed === undefined || 'value' in parcel) return failed;
    try {
      const copied = this.#pack(part, [], true);
      return copied.message === part || post([copied.message], copied.transfer) !== undefined ? failed : undefined;
    } catch {
      return failed;
    }
  }

  /** Throws what the value throws. */
  #pack(message: Message, transfer: readonly Transferable[], isCopied = false): Parcel {
    if (message[0] !== CALL && message[0] !== RESULT && message[0] !== NEXT) return { message, transfer };
    const packed = this.#exchange.pack(valueOf(message), isCopied);
    if (packed === undefined) return { message, transfer };
    const { value, attachments } = packed;
    const made: Message =
      message[0] === CALL
        ? [CALL, message[1], message[2], value, message[4], attachments]
        : message[0] === NEXT
          ? [NEXT, message[1], [value], attachments]
          : [RESULT, message[1], value, attachments];
    return { ...packed, message: made };
  }

  #explain(message: Message, cause: unknown, parcel: Parcel | undefined): MuntinError<string> {
    this.#exchange.takeBack(parcel?.attachments);
    // What was packed has nothing live in it any more: the culprit is among the rest.
    const sent = parcel !== undefined && 'value' in parcel ? parcel.value : valueOf(message);
    const shown: unknown =
      this.#senders.codec !== undefined && parcel !== undefined && Array.isArray(sent) ? sent[0] : sent;
    return refusal(shown, names[message[0]] ?? 'message', cause, parcel?.transfer);
  }

  #refuse(message: Message, error: MuntinError<string>): void {
    if (tellSender(message, error, this.#senders)) return;
    // Everything else is made of our own texts and numbers, or was cloned once already (context).
    const text = 'A message of the session cannot be cloned';
    this.#senders.end(new MuntinError('VALUE_NOT_CLONEABLE', text, { cause: error }));
  }
}

/** Cuts a batch where a message of a lane would travel with a port: whoever receives both could not tell whose the port is. */
function withoutPortsBesideLanes<P extends { readonly parcel: Parcel }>(
  parcels: readonly P[],
): readonly (readonly P[])[] {
  const runs: P[][] = [[]];
  let [hasLane, hasPort] = [false, false];
  for (const item of parcels) {
    const isLane = item.parcel.message[0] === LANE;
    const bringsPort = item.parcel.transfer.some((given) => given instanceof MessagePort);
    if ((isLane && hasPort) || (bringsPort && hasLane)) {
      runs.push([]);
      [hasLane, hasPort] = [false, false];
    }
    runs.at(-1)?.push(item);
    hasLane ||= isLane;
    hasPort ||= bringsPort;
  }
  return runs;
}

/** What the value of a message is called in the path of what cannot be cloned. */
const names: Readonly<Partial<Record<number, string>>> = {
  [CALL]: 'input',
  [RESULT]: 'result',
  [NEXT]: 'value',
  [FAILURE]: 'data',
};

/** Of stream values the first: they are sent one by one. */
function valueOf(message: Message): unknown {
  return message[0] === NEXT ? message[2][0] : wire.valueOf(message);
}

/** The values of a stream that came before the one that cannot be cloned are still delivered. */
function split(message: Message): readonly Message[] {
  return message[0] === NEXT && message[2].length > 1
    ? message[2].map((value) => [NEXT, message[1], [value]] as const)
    : [message];
}
