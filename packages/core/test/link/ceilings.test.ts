import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { byReference, contract, type Limits, observable, query } from '../../src/index.ts';
import { Caller, readLimits } from '../../src/internal.ts';
import { CALL, CREDIT, FAILURE, LANE } from '../../src/link/messages.ts';
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
  /** Does as much as `count`, and says what the honest end says about it: the failure of a call, or how the session has ended. */
  readonly push: (count: number, limits: Partial<Limits>) => Promise<unknown>;
  /** What one more than the limit leads to. */
  readonly refused: 'LIMIT_EXCEEDED' | 'VALUE_TOO_LARGE' | 'OVERLOADED' | 'STREAM_OVERFLOW' | 'refused';
}

/** The code that ended the session, or that of the last failure; `undefined` when nothing was refused. */
async function verdict(peer: Shop): Promise<unknown> {
  await turns(5);
  const failure = peer.heard.findLast(([kind]) => kind === FAILURE);
  return peer.ended === undefined ? failure?.[2] : `${peer.ended.code} ${peer.ended.message}`;
}

/** Makes so many calls of a procedure in one batch. */
function calls(procedure: number, input: (index: number) => unknown = () => undefined, credit = 0) {
  return async (count: number, limits: Partial<Limits>): Promise<unknown> => {
    const peer = open(limits);
    peer.post(Array.from({ length: count }, (_, index) => [CALL, 1 + 2 * index, procedure, input(index), credit]));
    return verdict(peer);
  };
}

/** Makes one call with a value that is as large as `count` says. */
const value = (make: (count: number) => unknown) => (count: number, limits: Partial<Limits>) =>
  calls(take, () => make(count))(1, limits);

const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);

// One row for each: a ceiling without one does not compile.
const ceilings: Readonly<Record<keyof Limits, Ceiling>> = {
  calls: { push: calls(wait), refused: 'LIMIT_EXCEEDED' },
  streams: { push: calls(ticks, undefined, 8), refused: 'OVERLOADED' },
  references: { push: calls(lend), refused: 'OVERLOADED' },
  lanes: {
    async push(count, limits) {
      const peer = open(limits);
      peer.lanes.open('db').addEventListener('message', () => undefined);
      await turns(5); // the lanes are loaded with the first
      const ports = Array.from({ length: count - 1 }, (_, at) => [at, `db/host${at}`]);
      peer.post([[LANE, 'db', { id: 'x', type: 'APPLY', path: ['go'], argumentList: [] }, ports]]);
      await turns(5);
      const answer = peer.heard.find(([kind]) => kind === LANE);
      return answer !== undefined && JSON.stringify(answer).includes('too many lanes') ? 'refused' : undefined;
    },
    refused: 'refused',
  },
  messagesPerBatch: { push: calls(take), refused: 'LIMIT_EXCEEDED' },
  batchesPerSecond: {
    async push(count, limits) {
      const peer = open(limits);
      for (let batch = 0; batch < count; batch++) peer.post([]);
      return verdict(peer);
    },
    refused: 'LIMIT_EXCEEDED',
  },
  producerBuffer: {
    async push(count, limits) {
      const peer = open(limits);
      // One more than the buffer holds is on its way already; what it holds comes before the failure.
      peer.post([[CALL, 1, burst, count + 1, 1]]);
      await turns(2);
      peer.post([[CREDIT, 1, 100]]);
      return verdict(peer);
    },
    refused: 'STREAM_OVERFLOW',
  },
  queue: {
    async push(count, limits) {
      const caller = new Caller('guest', readLimits(limits));
      const outcomes = Array.from({ length: count }, () => caller.call('take', shop.guest.take, 1, { timeoutMs: 5 }));
      const errors = await Promise.all(outcomes.map(rejection));
      return errors.map((error) => (error as { code: string }).code).find((code) => code === 'OVERLOADED');
    },
    refused: 'OVERLOADED',
  },
  valueNodes: { push: value((count) => Array(count - 1).fill(0)), refused: 'VALUE_TOO_LARGE' },
  valueDepth: { push: value(nest), refused: 'VALUE_TOO_LARGE' },
  valueChars: { push: value((count) => ['x'.repeat(count)]), refused: 'VALUE_TOO_LARGE' },
  valueBytes: { push: value((count) => new ArrayBuffer(count)), refused: 'VALUE_TOO_LARGE' },
  oversized: {
    push: (count, limits) => calls(take, () => nest(9))(count, { ...limits, valueDepth: 8 }),
    refused: 'LIMIT_EXCEEDED',
  },
};

describe('every ceiling', () => {
  const rows = Object.entries(ceilings).flatMap(([name, ceiling]) => [3, 5].map((limit) => ({ name, limit, ceiling })));

  it.each(rows)('$name: $limit are let in and one more is not', async ({ name, limit, ceiling }) => {
    expect(await ceiling.push(limit, { [name]: limit })).toEqual(name === 'oversized' ? 'VALUE_TOO_LARGE' : undefined);
    const refusal = await ceiling.push(limit + 1, { [name]: limit });
    // What ends the session names the ceiling.
    const isEnd = ceiling.refused === 'LIMIT_EXCEEDED';
    expect(refusal).toContain(ceiling.refused);
    expect(String(refusal).includes(name)).toBe(isEnd);
  });
});
