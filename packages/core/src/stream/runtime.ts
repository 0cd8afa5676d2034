import { invalidOption, show } from '../errors.ts';
import { RemoteStream } from './consumer.ts';
import { Credit, maxWindow } from './credit.ts';
import type { Open } from './opening.ts';
import { Producer } from './producer.ts';
import { asAwaited, isPromised } from './source.ts';

/**
 * What runs a stream, at both of its ends. `observable()` puts it into its procedures, and nothing else refers to it: a page whose
 * contract has no stream does not load it, nor RxJS.
 */
export interface StreamRuntime {
  /** How far the producer may run ahead of the consumer. Throws `INVALID_OPTION`. */
  readonly credit: (window: number | undefined) => Credit;
  /** The consuming end. */
  readonly consume: (open: Open) => RemoteStream<unknown>;
  /** What a handler has returned, as a source that can be waited for: a promise of one becomes one. */
  readonly asSource: (returned: unknown) => unknown;
  /** The producing end. */
  readonly produce: (...options: ConstructorParameters<typeof Producer>) => Producer;
}

export const streamRuntime: StreamRuntime = {
  credit: (window) => {
    if (window !== undefined && !(Number.isSafeInteger(window) && window > 0 && window <= maxWindow))
      throw invalidOption(`window is ${show(window)}: give a whole number from 1 to ${maxWindow}`);
    return new Credit(window);
  },
  consume: (open) => new RemoteStream(open),
  asSource: (returned) => (isPromised(returned) ? returned.then(asAwaited) : returned),
  produce: (...options) => new Producer(...options),
};
