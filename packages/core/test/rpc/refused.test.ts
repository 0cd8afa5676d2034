import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { contract, observable, query, type Schema } from '../../src/index.ts';
import { CALL, CANCEL, CREDIT, FAILURE, NEXT } from '../../src/link/messages.ts';
import { streamRuntime } from '../../src/stream/runtime.ts';
import { countValues, type Hostile, openHostileHost } from '../fixtures/hostile-peer.ts';
import { turns } from '../fixtures/turns.ts';

const gates: (() => void)[] = [];

/** Takes numbers only; below ten, it says so when the test lets it. */
const some: Schema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const outcome =
        typeof value === 'number' && value !== 3 ? { value } : { issues: [{ message: 'not a number that is taken' }] };
      if (typeof value !== 'number' || value >= 10) return outcome;
      return new Promise((resolve) => {
        gates.push(() => resolve(outcome));
      });
    },
  },
};

const feeds = contract({
  name: 'test/feeds',
  version: '1.0.0',
  guest: { take: query({ input: some, output: some }), feed: observable({ input: some, output: some }) },
});
const [take, feed] = [1, 2];

interface Feeds {
  readonly peer: Hostile<(typeof feeds)['host']>;
  readonly begun: number[];
  readonly produced: { readonly count: number };
}

function open(): Feeds {
  const produce = vi.spyOn(streamRuntime, 'produce');
  onTestFinished(() => {
    produce.mockRestore();
    gates.length = 0;
  });
  const begun: number[] = [];
  async function* endless(from: number): AsyncGenerator<number> {
    begun.push(from);
    for (let n = from; ; n++) yield n;
  }
  const peer = openHostileHost(feeds, {
    limits: { streams: 1, valueNodes: 100 },
    handlers: { take: (n) => n, feed: endless },
  });
  return {
    peer,
    begun,
    produced: {
      get count() {
        return produce.mock.calls.length;
      },
    },
  };
}

describe('a stream whose input is refused', () => {
  it.each([
    ['by its schema', 'no', 'INPUT_INVALID'],
    ['by the budget', Array.from({ length: 200 }, () => 1), 'VALUE_TOO_LARGE'],
    ['as unsafe', JSON.parse('{"__proto__": 1}') as unknown, 'VALUE_UNSAFE'],
  ])(
    '%s is answered, and nothing is made for it; its place is free for the next, and for that alone',
    async (_, input, code) => {
      const { peer, begun, produced } = open();
      peer.post([1, 3, 5, 7].map((id) => [CALL, id, feed, input, 2]));
      for (const id of [1, 3, 5, 7]) expect((await peer.answer(id)).slice(0, 3)).toEqual([FAILURE, id, code]);
      expect(produced.count).toBe(0);
      peer.post([
        [CALL, 9, feed, 20, 2],
        [CALL, 11, feed, 30, 2],
      ]);
      await peer.hear(([kind, id]) => kind === NEXT && id === 9);
      expect((await peer.answer(11)).slice(0, 3)).toEqual([FAILURE, 11, 'OVERLOADED']);
      expect(begun).toEqual([20]);
      expect(peer.ended).toBeUndefined();
    },
  );

  it('in the end is answered then', async () => {
    const { peer, begun, produced } = open();
    peer.post([[CALL, 1, feed, 3, 2]]);
    await turns(3);
    gates.pop()?.();
    expect((await peer.answer(1)).slice(0, 3)).toEqual([FAILURE, 1, 'INPUT_INVALID']);
    peer.post([[CALL, 3, feed, 20, 2]]);
    await peer.hear(([kind, id]) => kind === NEXT && id === 3);
    expect([begun, produced.count]).toEqual([[20], 1]);
  });
});

describe('a stream whose input is still being checked', () => {
  it('does not begin when it was cancelled, and frees its place once', async () => {
    const { peer, begun, produced } = open();
    peer.post([
      [CALL, 1, feed, 4, 2],
      [CANCEL, 1],
    ]);
    await turns(3);
    expect(gates).toHaveLength(1);
    gates.pop()?.();
    await turns(3);
    peer.post([
      [CALL, 3, feed, 20, 2],
      [CALL, 5, feed, 30, 2],
    ]);
    await peer.hear(([kind, id]) => kind === NEXT && id === 3);
    expect((await peer.answer(5)).slice(0, 3)).toEqual([FAILURE, 5, 'OVERLOADED']);
    expect([begun, produced.count]).toEqual([[20], 1]);
    expect(peer.heard.some(([, id]) => id === 1)).toBe(false);
  });

  it('has the credit that came meanwhile', async () => {
    const { peer } = open();
    peer.post([
      [CALL, 1, feed, 4, 2],
      [CREDIT, 1, 5],
    ]);
    await turns(3);
    gates.pop()?.();
    await peer.hear(() => countValues(peer.heard, 1) >= 7);
    await turns(3);
    expect(countValues(peer.heard, 1)).toBe(7);
  });
});

it('credit for a call is nothing', async () => {
  const { peer } = open();
  peer.post([
    [CALL, 1, take, 4, 0],
    [CREDIT, 1, 5],
  ]);
  await turns(3);
  gates.pop()?.();
  await turns(3);
  gates.pop()?.();
  expect((await peer.answer(1)).slice(1)).toEqual([1, 4]);
  peer.post([[CALL, 3, feed, 20, 1]]);
  await peer.hear(([kind, id]) => kind === NEXT && id === 3);
});
