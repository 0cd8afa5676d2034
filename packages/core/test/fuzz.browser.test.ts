import { expect, it } from 'vitest';
import type { Side } from '../src/rpc/sent-calls.ts';
import { makePlan, type Plan } from './fuzz/batches.ts';
import { Random } from './fuzz/random.ts';
import { record } from './fuzz/record.ts';
import { Subject } from './fuzz/subject.ts';

const seed = 20_261_122;
const rounds = 1500;

/** One turn of the event loop, as a message takes it. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** Plays one session over a channel of the browser: its structured clone is not that of Node. Answers how many batches came. */
async function play({ side, withCodec, steps }: Plan, blame: (what: string) => void): Promise<number> {
  const { port1, port2 } = new MessageChannel();
  const subject = new Subject(side, port1, withCodec, blame);
  subject.use();
  await turn();
  let sent = 0;
  for (const { batch } of steps) {
    if (subject.hasEnded) break;
    try {
      port2.postMessage(batch);
      sent++;
    } catch {
      continue; // nobody can send it
    }
    await turn();
  }
  subject.close();
  await turn();
  await turn();
  if (subject.running !== 0) blame(`${subject.running} handlers were not told of the end`);
  if (subject.open !== 0) blame(`${subject.open} sources were not torn down`);
  port2.close();
  return sent;
}

it.each(['host', 'guest'] satisfies Side[])(
  'random and mutated batches leave nothing uncaught, run nothing with invalid input and leave nothing open in a %s in a browser',
  async (side) => {
    const problems: string[] = [];
    const blame = (what: string): void => void problems.push(what);
    const onError = (event: ErrorEvent | PromiseRejectionEvent): void => {
      event.preventDefault();
      blame(`uncaught: ${String(event instanceof ErrorEvent ? event.message : event.reason)}`);
    };
    addEventListener('error', onError);
    addEventListener('unhandledrejection', onError);
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const recordings = [await record(false), await record(true)] as const;
    let batches = 0;
    try {
      for (let round = 0; round < rounds && problems.length === 0; round++) {
        batches += await play(makePlan(new Random(seed, round), side, recordings), blame);
        if (problems.length > 0) blame(`in round ${round} of seed ${seed}`);
      }
      await turn();
    } finally {
      removeEventListener('error', onError);
      removeEventListener('unhandledrejection', onError);
    }
    expect(problems).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    expect(batches).toBeGreaterThan(rounds);
  },
  180_000,
);
