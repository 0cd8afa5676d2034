import { Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { exposeLane } from '../../src/comlink/entry.ts';
import { byReference, contract, type Limits, type MuntinError, observable, query } from '../../src/index.ts';
import { Caller, readLimits } from '../../src/internal.ts';
import { CALL, CREDIT, FAILURE, LANE, NEXT, RESULT } from '../../src/link/messages.ts';
import { type Hostile, openHostileHost } from '../fixtures/hostile-peer.ts';
import { rejection, turns } from '../fixtures/turns.ts';

const shop = contract({
  name: 'test/ceilings',
  version: '1.0.0',
  guest: {
    take: query<unknown, unknown>(),
    wait: query<void, void>(),
    lend: query<void, unknown>(),
    ticks: observable<void, number>(),
    burst: observable<number, number>(),
  },
  host: { feed: observable<void, unknown>() },
});
const take = 1;
const wait = 2;
const lend = 3;
const ticks = 4;
const burst = 5;

type Shop = Hostile<(typeof shop)['host']>;

function open(limits: Partial<Limits>): Shop {
  return openHostileHost(shop, {
    limits,
    handlers: {
      take: () => 'taken',
      wait: () => new Promise<never>(() => undefined),
      lend: () => byReference(() => undefined),
      ticks: () => new Observable<number>(() => undefined),
      burst: (count) =>
        new Observable<number>((subscriber) => {
          for (let value = 0; value < count; value++) subscriber.next(value);
        }),
    },
  });
}

/** How one ceiling is met. */
interface Ceiling {
  /** Does as much as `count`; what it answers tells what the honest end has said about it so far. */
  readonly push: (count: number, limits: Partial<Limits>) => Promise<() => string>;
  /** What one more than the limit leads to. */
  readonly refused: 'LIMIT_EXCEEDED' | 'VALUE_TOO_LARGE' | 'OVERLOADED' | 'STREAM_OVERFLOW' | 'refused' | 'waits';
}

/** What ended the session, or the code of the last failure; an empty text when nothing was refused. */
function verdict(peer: Shop): () => string {
  return () => {
    const failure = peer.heard.filter(([kind]) => kind === FAILURE).at(-1);
    return peer.ended === undefined
      ? JSON.stringify(failure?.[2] ?? '').slice(1, -1)
      : `${peer.ended.code} ${peer.ended.message}`;
  };
}

/** Makes so many calls of a procedure in one batch. */
function calls(procedure: number, input: (index: number) => unknown = () => undefined, credit = 0) {
  return async (count: number, limits: Partial<Limits>, ...more: unknown[]): Promise<() => string> => {
    const peer = open(limits);
    peer.post(
      Array.from({ length: count }, (_, index) => [CALL, 1 + 2 * index, procedure, input(index), credit, ...more]),
    );
    return verdict(peer);
  };
}

/** Makes one call with a value that is as large as `count` says. */
const value = (make: (count: number) => unknown) => (count: number, limits: Partial<Limits>) =>
  calls(take, () => make(count))(1, limits);

/** So many functions, each in its place of a list. */
const attached = (count: number): unknown[] =>
  Array.from({ length: count }, (_, at) => [[String(at)], 0, 65_536 + at, []]);

const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);

// One row for each: a ceiling without one does not compile.
const ceilings: Readonly<Record<keyof Limits, Ceiling>> = {
  calls: { push: calls(wait), refused: 'LIMIT_EXCEEDED' },
  streams: { push: calls(ticks, undefined, 8), refused: 'OVERLOADED' },
  callsPerSecond: {
    async push(count, limits) {
      const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now()); // no token comes meanwhile
      const peer = open(limits);
      peer.post(Array.from({ length: count }, (_, index) => [CALL, 1 + 2 * index, take, undefined, 0]));
      await peer.answer(1);
      clock.mockRestore();
      const answered = peer.heard.filter(([kind]) => kind === RESULT).length;
      return () => (answered < count ? 'waits' : '');
    },
    refused: 'waits',
  },
  references: { push: calls(lend), refused: 'OVERLOADED' },
  imports: {
    push: (count, limits) => calls(take, () => Array(count).fill(null))(1, limits, attached(count)),
    refused: 'OVERLOADED',
  },
  attachments: {
    push: (count, limits) => calls(take, () => Array(count).fill(null))(1, limits, attached(count)),
    refused: 'VALUE_TOO_LARGE',
  },
  waitingBytes: {
    async push(count, { waitingBytes = 0 }) {
      const peer = open({ waitingBytes: 1000 * waitingBytes });
      peer.session.hold();
      // Eight bytes for each of six nodes, and the buffer.
      peer.post([[CALL, 1, take, new ArrayBuffer(1000 * count - 48), 0]]);
      await turns(2);
      peer.session.release();
      return verdict(peer);
    },
    refused: 'LIMIT_EXCEEDED',
  },
  lanes: {
    async push(count, limits) {
      const peer = open(limits);
      exposeLane({ 'muntin.lanes': () => peer.lanes }, 'db', { go: () => undefined });
      const ports = Array.from({ length: count }, (_, at) => [at + 1, `db/host${at}`]);
      const argumentList = ports.map(() => ({ type: 'HANDLER', name: 'proxy', value: null }));
      peer.post([[LANE, 'db', { id: 'x', type: 'APPLY', path: ['go'], argumentList }, ports]]);
      return () => (JSON.stringify(peer.heard).includes('too many lanes') ? 'refused' : '');
    },
    refused: 'refused',
  },
  messagesPerBatch: {
    push: (count, { messagesPerBatch = 0 }) =>
      // As many as honest peers send cannot be too many.
      calls(take)(2045 + count, { messagesPerBatch: 2045 + messagesPerBatch, calls: 9999 }),
    refused: 'LIMIT_EXCEEDED',
  },
  batchesPerSecond: {
    async push(count, limits) {
      const peer = open(limits);
      for (let batch = 0; batch < count; batch++) peer.post([]);
      return verdict(peer);
    },
    refused: 'LIMIT_EXCEEDED',
  },
  producerBytes: {
    async push(count, { producerBytes = 0 }) {
      const peer = open({ producerBytes: producerBytes * 64 }); // what a number weighs
      // One more than the buffer holds is on its way already; what it holds comes before the failure.
      peer.post([[CALL, 1, burst, count + 1, 1]]);
      await turns(2);
      peer.post([[CREDIT, 1, 100]]);
      return verdict(peer);
    },
    refused: 'STREAM_OVERFLOW',
  },
  windowBytes: {
    async push(count, { windowBytes = 0 }) {
      const peer = open({ windowBytes: 3000 * windowBytes });
      const values = peer.client.feed()[Symbol.asyncIterator]();
      const first = values.next(); // taken when the next is asked for
      const [, id] = await peer.call();
      // Eight bytes for each of three nodes, and the buffer.
      for (let n = 0; n < count; n++) peer.post([[NEXT, id, [new ArrayBuffer(3000 - 24)]]]);
      await first;
      let said = '';
      const ask = (): Promise<unknown> => values.next().then(ask);
      await turns(4);
      void ask().catch(({ code }: MuntinError) => (said = code));
      return () => said;
    },
    refused: 'OVERLOADED',
  },
  queue: {
    async push(count, limits) {
      const caller = new Caller('guest', readLimits(limits));
      const outcomes = Array.from({ length: count }, () => caller.call('take', shop.guest.take, 1, { timeoutMs: 5 }));
      const errors = await Promise.all(outcomes.map(rejection));
      return () => (JSON.stringify(errors).includes('OVERLOADED') ? 'OVERLOADED' : '');
    },
    refused: 'OVERLOADED',
  },
  valueNodes: { push: value((count) => Array(count - 1).fill(0)), refused: 'VALUE_TOO_LARGE' },
  valueDepth: { push: value(nest), refused: 'VALUE_TOO_LARGE' },
  valueChars: { push: value((count) => ['x'.repeat(count)]), refused: 'VALUE_TOO_LARGE' },
  valueBytes: { push: value((count) => new ArrayBuffer(count)), refused: 'VALUE_TOO_LARGE' },
};

describe('every ceiling', () => {
  const rows = Object.entries(ceilings).flatMap(([name, ceiling]) => [3, 5].map((limit) => ({ name, limit, ceiling })));

  it.each(rows)('$name: $limit are let in and one more is not', async ({ name, limit, ceiling }) => {
    const fits = await ceiling.push(limit, { [name]: limit });
    const isOver = await ceiling.push(limit + 1, { [name]: limit });
    await expect.poll(isOver).toContain(ceiling.refused);
    expect(fits()).toBe('');
    // What ends the session names the ceiling.
    expect(isOver().includes(name)).toBe(ceiling.refused === 'LIMIT_EXCEEDED');
  });
});
