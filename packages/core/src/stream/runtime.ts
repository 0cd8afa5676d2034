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
  /** Reads and checks the values of one message, and delivers them in order; what is wrong with one ends the stream. */
  readonly receive: (
    stream: Ordered,
    values: readonly unknown[],
    read: (value: unknown) => unknown,
    check: (value: unknown) => unknown,
    onError: (error: unknown) => void,
  ) => void;
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
  receive: (stream, values, read, check, onError) => {
    const good: unknown[] = [];
    let bad: (() => void) | undefined;
    let isLate = false;
    try {
      for (const value of values) {
        const given = read(value);
        const item = check(given);
        // A promise that is the value itself is not waited for: it was passed by reference.
        isLate ||= item !== given && isPromiseLike(item);
        good.push(item);
      }
    } catch (error) {
      bad = () => onError(error);
    }
    if (isLate) stream.waitFor(deliverLate(stream, good, onError));
    else if (good.length > 0) stream.inOrder(() => stream.deliver(good));
    if (bad !== undefined) stream.inOrder(bad);
  },
};

/** Delivers what its schema takes its time for; what is good before what is not comes first. */
async function deliverLate(
  stream: Ordered,
  values: readonly unknown[],
  onError: (error: unknown) => void,
): Promise<void> {
  const before = stream.tail;
  const checks = await Promise.allSettled(values);
  await before;
  const bad = checks.findIndex(({ status }) => status === 'rejected');
  const good = bad < 0 ? checks : checks.slice(0, bad);
  if (good.length > 0) stream.deliver(good.map((check) => 'value' in check && check.value));
  const end = checks[bad];
  if (end?.status === 'rejected') onError(end.reason);
}
