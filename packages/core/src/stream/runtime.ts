import { inspect, invalidOption } from '../errors.ts';
import type { Link } from '../link/link.ts';
import { RemoteStream } from './consumer.ts';
import { Credit, type Held, maxWindow } from './credit.ts';
import { isPromiseLike } from './kinds.ts';
import type { Open } from './opening.ts';
import { Producer, type ProducerOwner } from './producer.ts';
import { asAwaited, isPromised } from './source.ts';
import type { Packer } from './value-sender.ts';

/**
 * What runs a stream, at both of its ends. `observable()` puts it into its procedures, and nothing else refers to it: a page whose
 * contract has no stream does not load it, nor RxJS.
 */
export interface StreamRuntime {
  /** How far the producer may run ahead of the consumer; what its values keep is added to `held`. Throws `INVALID_OPTION`. */
  readonly credit: (window: number | undefined, held?: Held) => Credit;
  /** The consuming end. */
  readonly consume: (open: Open) => RemoteStream<unknown>;
  /** What a handler has returned, as a source that can be waited for: a promise of one becomes one. */
  readonly asSource: (returned: unknown) => unknown;
  /** The producing end. `maxBytes` is what all streams of the session may keep. */
  readonly produce: (link: Link, packer: Packer, owner: ProducerOwner, maxBytes: number) => Producer;
  /**
   * Reads and checks the values of one message, and delivers them in order; what is wrong with one ends the stream. Without an arrival there is
   * nothing to read or to check.
   */
  readonly receive: (stream: Ordered, values: readonly unknown[], arrival: Arrival | undefined) => void;
}

/** How the values of one message are read. */
interface Arrival {
  /** What the peer has sent, as it was before. Throws what is wrong with it. */
  read(value: unknown): unknown;
  /** What the schema makes of it; throws, or rejects. */
  check(value: unknown): unknown;
  /** One was wrong: the stream ends. */
  fail(error: unknown): void;
}

/** What delivers values in the order in which they came, also where their schema takes its time. */
interface Ordered {
  readonly tail: Promise<void> | undefined;
  deliver(values: readonly unknown[]): void;
  inOrder(step: () => void): void;
  waitFor(work: Promise<void>): void;
}

export const streamRuntime: StreamRuntime = {
  credit: (window, held) => {
    if (window !== undefined && !(Number.isSafeInteger(window) && window > 0 && window <= maxWindow))
      throw invalidOption(`window is ${inspect(window)}: give a whole number from 1 to ${maxWindow}`);
    return new Credit(window, undefined, held);
  },
  consume: (open) => new RemoteStream(open),
  asSource: (returned) => (isPromised(returned) ? returned.then(asAwaited) : returned),
  produce: (link, packer, owner, maxBytes) => new Producer(link, packer, owner, maxBytes),
  receive: (stream, values, arrival) => {
    if (arrival === undefined) return deliverNow(stream, values);
    // Most come as they are: nothing is made for those.
    let good = values;
    let made: unknown[] | undefined;
    let isLate = false;
    let at = 0;
    try {
      for (; at < values.length; at++) {
        const given = arrival.read(values[at]);
        const item = arrival.check(given);
        // A promise that is the value itself is not waited for: it was passed by reference.
        isLate ||= item !== given && isPromiseLike(item);
        if (item === values[at]) continue;
        good = made ??= [...values]; // not by a method: a list of the peer may hide it
        made[at] = item;
      }
    } catch (error) {
      deliver(stream, [...good].slice(0, at), isLate, arrival);
      return failInOrder(stream, arrival, error);
    }
    deliver(stream, good, isLate, arrival);
  },
};

function deliver(stream: Ordered, values: readonly unknown[], isLate: boolean, arrival: Arrival): void {
  if (isLate) stream.waitFor(deliverLate(stream, values, arrival));
  else deliverNow(stream, values);
}

/** Now, or behind those that take their time. */
function deliverNow(stream: Ordered, values: readonly unknown[]): void {
  if (stream.tail !== undefined) deliverInOrder(stream, values);
  else if (values.length > 0) stream.deliver(values);
}

function deliverInOrder(stream: Ordered, values: readonly unknown[]): void {
  if (values.length > 0) stream.inOrder(() => stream.deliver(values));
}

function failInOrder(stream: Ordered, arrival: Arrival, error: unknown): void {
  stream.inOrder(() => arrival.fail(error));
}

/** Delivers what its schema takes its time for; what is good before what is not comes first. */
async function deliverLate(stream: Ordered, values: readonly unknown[], arrival: Arrival): Promise<void> {
  const before = stream.tail;
  const checks = await Promise.allSettled(values);
  await before;
  const bad = checks.findIndex(({ status }) => status === 'rejected');
  const good = bad < 0 ? checks : checks.slice(0, bad);
  if (good.length > 0) stream.deliver(good.map((check) => 'value' in check && check.value));
  const end = checks[bad];
  if (end?.status === 'rejected') arrival.fail(end.reason);
}
