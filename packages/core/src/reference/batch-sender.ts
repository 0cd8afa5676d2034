import type { Codec } from '../codec/codec.ts';
import { refusal } from '../codec/uncloneable.ts';
import { Uncodable } from '../codec/uncodable.ts';
import { anyCall } from '../contract/define.ts';
import type { Procedure } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import { copyPlain } from '../link/copy.ts';
import { type Limits, messagesPerPost } from '../link/limits.ts';
import type { BatchSender, Link, Post } from '../link/link.ts';
import * as wire from '../link/messages.ts';
import { ABORT, type Batch, CALL, FAILURE, LANE, type Message, NEXT, RELEASE, RESULT } from '../link/messages.ts';
import type { Receiver, StreamSubscription } from '../stream/consumer.ts';
import { mayContainReference } from './detect.ts';
import { anyStream } from './exports.ts';
import { type Senders, streamOf, refuse as tellSender } from './lazy.ts';
import { type Packed, ReferenceTable } from './reference-table.ts';

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
  ): StreamSubscription;
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

/** The table of a session: it calls, gives back and tells over its link. */
export function openReferenceTable<Route>({ limits, codec, link, route, caller }: Ends<Route>): ReferenceTable {
  return new ReferenceTable({
    limits,
    codec,
    call: (index, name, input) => caller.call(name, anyCall, input, undefined, { route, index }),
    subscribe: (index, name, receiver) =>
      caller.subscribe(name, anyStream, undefined, receiver, undefined, { route, index }),
    release: (index, count) => link.post([RELEASE, index, count]),
    abort: (index, reason) => link.post([ABORT, index, reason], mayContainReference(reason) ? [] : undefined),
  });
}

/** A message as it is sent, and what it gives away. */
interface Parcel {
  /** What it is made of. */
  readonly part: Message;
  readonly message: Message;
  readonly transfer: readonly Transferable[];
  /** Where it is not the same: what became of its value, and what is listed beside it. */
  readonly packed: Packed | undefined;
}

const none: readonly [] = [];

/** Sends messages whose values do not cross as they are; those that do not cross at all fail, and nothing else. */
export class ReferenceBatchSender implements BatchSender {
  readonly #references: ReferenceTable;
  readonly #senders: AllSenders;

  constructor(references: ReferenceTable, senders: AllSenders) {
    this.#references = references;
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
    const parcels: Parcel[] = [];
    const wrap = (part: Message, given: readonly Transferable[] | undefined): void => {
      try {
        if (refused.has(streamOf(part))) return;
        const parcel = given === undefined ? asItIs(part, none) : this.#pack(part, given);
        parcel.packed?.fired?.forEach((reason, index) => {
          parcels.push(asItIs([ABORT, index, mayContainReference(reason) ? undefined : reason], none));
        });
        parcels.push(parcel);
      } catch (error) {
        refuse(part, error);
      }
    };
    for (const message of batch) {
      const given = live.has(message) ? (live.get(message) ?? none) : undefined;
      // The values of a stream that came before the one that cannot be cloned are still delivered.
      if (message[0] === NEXT && message[2].length > 1)
        for (const value of message[2]) wrap([NEXT, message[1], [value]], given);
      else wrap(message, given);
    }
    // What was posted in vain; what was refused before is not among the parcels, nor what is behind it.
    const gaps = new Set<unknown>();
    for (const whole of cutIntoRuns(parcels, this.#senders.codec !== undefined)) {
      const run = whole.filter(({ part, packed }) => {
        const isSent = !gaps.has(streamOf(part));
        if (!isSent) this.#references.takeBack(packed?.attachments);
        return isSent;
      });
      const messages = run.map(({ message }) => message);
      const transfers = run.flatMap(({ transfer }) => transfer);
      if (run.length === 0 || post(messages, transfers) === undefined) continue;
      for (const parcel of run) {
        const { part, packed } = parcel;
        const isBehind = gaps.has(streamOf(part));
        const failed = isBehind ? undefined : this.#postAlone(parcel, post);
        if (isBehind) this.#references.takeBack(packed?.attachments);
        if (failed === undefined) continue;
        gaps.add(streamOf(part));
        refuse(part, failed.error, parcel);
      }
    }
    // When all of the batch is sent: what is posted now, such as calls with higher ids, must not overtake it.
    for (const tell of refused.values()) tell();
  }

  /** What is wrong with it, if anything. A proxy of plain data cannot be cloned, but copied, as it is beside a callback. */
  #postAlone({ part, message, transfer, packed }: Parcel, post: Post): ReturnType<Post> {
    const failed = post([message], transfer);
    if (failed === undefined || packed !== undefined) return failed;
    try {
      const copied = this.#pack(part, [], true);
      return copied.message === part || post([copied.message], copied.transfer) !== undefined ? failed : undefined;
    } catch (error) {
      return error instanceof Uncodable ? { error } : failed;
    }
  }

  /** Throws what the value throws. */
  #pack(message: Message, transfer: readonly Transferable[], isCopied = false): Parcel {
    if (message[0] === FAILURE || message[0] === ABORT) this.#references.refuseLive(valueOf(message));
    if (message[0] !== CALL && message[0] !== RESULT && message[0] !== NEXT) return asItIs(message, transfer);
    const packed = this.#references.pack(valueOf(message), isCopied);
    return packed === undefined
      ? asItIs(message, transfer)
      : { part: message, message: withValue(message, packed), transfer: packed.transfer, packed };
  }

  #explain(message: Message, cause: unknown, parcel: Parcel | undefined): MuntinError<string> {
    const packed = parcel?.packed;
    this.#references.takeBack(packed?.attachments);
    // What was packed has nothing live in it any more: the culprit is among the rest.
    const sent = packed === undefined ? valueOf(message) : packed.value;
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

function asItIs(message: Message, transfer: readonly Transferable[]): Parcel {
  return { part: message, message, transfer, packed: undefined };
}

/** Most have nothing attached, and then the message is shorter. */
function withValue(
  message: Extract<Message, readonly [typeof CALL | typeof RESULT | typeof NEXT, ...unknown[]]>,
  { value, attachments }: Packed,
): Message {
  const isBare = attachments.length === 0;
  if (message[0] === CALL) {
    const [, id, index, , credit] = message;
    return isBare ? [CALL, id, index, value, credit] : [CALL, id, index, value, credit, attachments];
  }
  if (message[0] === NEXT) return isBare ? [NEXT, message[1], [value]] : [NEXT, message[1], [value], attachments];
  return isBare ? [RESULT, message[1], value] : [RESULT, message[1], value, attachments];
}

/**
 * Cuts a batch where it has more messages than the other side takes, where a message of a lane would travel with a port (whoever receives
 * both could not tell whose the port is), and around what the other side may not be able to read, which is lost with all of its batch.
 */
function cutIntoRuns(parcels: readonly Parcel[], isEncoded: boolean): readonly (readonly Parcel[])[] {
  const runs: Parcel[][] = [];
  let run: Parcel[] = [];
  let hasLane = false;
  let hasPort = false;
  let wasUnusual = false;
  for (const item of parcels) {
    const isLane = item.message[0] === LANE;
    const bringsPort = item.transfer.some(isPort);
    const isFull = run.length === 0 || run.length >= messagesPerPost;
    const isUnusual = isUnusualIn(item.message, isEncoded);
    if (isFull || isUnusual || wasUnusual || (isLane && hasPort) || (bringsPort && hasLane)) {
      runs.push((run = []));
      hasLane = hasPort = false;
    }
    run.push(item);
    hasLane ||= isLane;
    hasPort ||= bringsPort;
    wasUnusual = isUnusual;
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

function isPort(given: Transferable): boolean {
  return given instanceof MessagePort;
}

/** Whether a message has more than a small plain value, which every page can read. */
function isUnusualIn(message: Message, isEncoded: boolean): boolean {
  const sent = wire.valueOf(message);
  // A codec wraps what it has nothing to make of.
  const value: unknown = isEncoded && Array.isArray(sent) && sent.length === 1 ? sent[0] : sent;
  return typeof value === 'object' && value !== null && copyPlain(value) === undefined;
}

/** Of stream values the first: they are sent one by one. */
function valueOf(message: Message): unknown {
  return message[0] === NEXT ? message[2][0] : wire.valueOf(message);
}
