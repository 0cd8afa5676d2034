import type { Receiver, StreamSubscription } from './consumer.ts';

/** Makes one remote subscription. It may fail before it returns; else it tells the receiver nothing before that. */
export type Open = (receiver: Receiver) => StreamSubscription;

const lastDelayMs = 1000;
// A page that has been refused nothing for so long begins again without a delay.
const calmMs = 5000;

let refusals = 0;
let refusedAt = 0;

/**
 * Opens a stream; where that is refused at once (the session is over, say), the receiver hears it in a later task, and the later the more
 * often that has just happened, up to one second. A bare `retry()` would otherwise subscribe without end in one turn, and the page
 * would stand still.
 */
export function openPaced(open: Open, receiver: Receiver): StreamSubscription {
  let isOpening = true;
  let inlet: StreamSubscription | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fail = (error: unknown): void => {
    if (isOpening) timer = setTimeout(() => receiver.fail(error), nextDelayMs());
    else receiver.fail(error);
  };
  try {
    inlet = open({ next: (values) => receiver.next(values), done: (value) => receiver.done(value), fail });
  } catch (error) {
    fail(error);
  }
  isOpening = false;
  return {
    request: (count) => inlet?.request(count),
    cancel: () => {
      clearTimeout(timer);
      inlet?.cancel();
    },
  };
}

function nextDelayMs(): number {
  const now = performance.now();
  refusals = now - refusedAt > calmMs ? 0 : refusals + 1;
  refusedAt = now;
  return refusals === 0 ? 0 : Math.min(2 ** refusals, lastDelayMs);
}
