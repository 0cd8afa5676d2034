import { invalidOption } from '../errors.ts';
import { lazyPart, loadLazyPart } from '../reference/lazy.ts';
import type { Open } from '../stream/opening.ts';
import type { CallInfo } from './hooks.ts';

const longestPauseMs = 1000;

/**
 * What `next` of the last hook does: it waits for the `turn` of an event, and tries again as often as it is called, but not what cannot be
 * repeated. A hook that tries again at once, for ever, would let nothing else run, not even the end of its call: so each time is later.
 */
export function repeatable(
  { kind, path, signal }: CallInfo,
  turn: (() => Promise<void> | undefined) | undefined,
  mayHaveRun: () => boolean,
  begin: (input: unknown, added: object | undefined) => unknown,
): (input: unknown, added: object | undefined) => Promise<unknown> {
  const tried = new Set<unknown>();
  let times = 0;
  let isUnderWay = false;
  return async (input, added) => {
    if (++times > 1) await pause(Math.min(2 ** (times - 2), longestPauseMs));
    if (signal.aborted) throw signal.reason;
    if (tried.size > 0 && kind === 'event' && (isUnderWay || mayHaveRun()))
      throw invalidOption(`next was called again for the event "${path}", which is delivered at most once`);
    if (tried.has(input) && Object(input) === input) {
      await loadLazyPart().catch(() => undefined);
      assertRepeatable(path, input);
    }
    tried.add(input);
    isUnderWay = true;
    try {
      const wait = turn?.();
      if (wait !== undefined) {
        await wait;
        if (signal.aborted) throw signal.reason;
      }
      return await begin(input, added);
    } finally {
      isUnderWay = false;
    }
  };
}

/** Opens a stream as often as somebody subscribes to it, if its input can be sent again. */
export function reopenable(path: string, input: unknown, open: Open): Open {
  let isAgain = false;
  return (receiver) => {
    if (isAgain) assertRepeatable(path, input);
    isAgain = true;
    return open(receiver);
  };
}

function assertRepeatable(path: string, input: unknown): void {
  const why = lazyPart()?.whyOnlyOnce(input);
  if (why !== undefined) throw invalidOption(`next cannot call "${path}" again: ${why}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
