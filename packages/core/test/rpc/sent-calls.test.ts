import { describe, expect, test } from 'vitest';
import { query } from '../../src/contract/define.ts';
import { observable } from '../../src/contract/observable.ts';
import type { Procedure } from '../../src/contract/types.ts';
import { PendingCall } from '../../src/rpc/pending.ts';
import { SentCalls } from '../../src/rpc/sent-calls.ts';

const receiver = { next: () => undefined, done: () => undefined, fail: () => undefined };

function callOf(procedure: Procedure = query<void, void>()): PendingCall {
  return new PendingCall('p', procedure, undefined, receiver, procedure.runtime?.credit(undefined), undefined);
}

describe.each([
  ['host', 1, 2],
  ['guest', 2, 1],
] as const)('the calls of a %s', (side, first, foreign) => {
  test('have ids of their own parity, each once', () => {
    const sent = new SentCalls(side);
    const calls = [callOf(), callOf(), callOf()];
    const ids = calls.map((call) => sent.add(call));
    expect(ids).toEqual([first, first + 2, first + 4]);
    expect(ids.map((id) => sent.get(id))).toEqual(calls);
    expect(sent.size).toBe(3);
  });

  test('an id was issued when something had it in this session, and only then', () => {
    const sent = new SentCalls(side);
    const issued = (): number[] =>
      [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, Number.NaN, 1.5].filter((id) => sent.wasIssued(id));
    sent.renew();
    expect(issued()).toEqual([]);
    for (const call of [callOf(), callOf()]) {
      sent.add(call);
      sent.remove(call);
    }
    expect(issued()).toEqual([first, first + 2]);
    sent.clear();
    sent.renew();
    expect(issued()).toEqual([]);
    sent.add(callOf());
    expect(issued()).toEqual([first + 4]);
    expect(sent.get(foreign)).toBeUndefined();
  });
});

test('calls take a place until they are removed, once; streams take none', () => {
  const sent = new SentCalls('host');
  const [call, stream] = [callOf(), callOf(observable<void, number>())];
  sent.add(call);
  sent.add(stream);
  expect(sent.inFlight).toBe(1);
  expect([sent.remove(call), sent.remove(call)]).toEqual([true, false]);
  expect(sent.inFlight).toBe(0);
  expect(sent.remove(stream)).toBe(true);
  expect([sent.inFlight, sent.size]).toEqual([0, 0]);
});

test('with the session all go, and what is removed later changes nothing', () => {
  const sent = new SentCalls('host');
  const calls = [callOf(), callOf()];
  for (const call of calls) sent.add(call);
  expect(sent.clear()).toEqual(calls);
  expect(calls.map((call) => sent.remove(call))).toEqual([false, false]);
  expect([sent.inFlight, sent.size]).toEqual([0, 0]);
});
