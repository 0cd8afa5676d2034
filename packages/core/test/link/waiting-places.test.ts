import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { contract, type Limits, observable, query } from '../../src/index.ts';
import { CALL, CANCEL } from '../../src/link/messages.ts';
import { type Hostile, openHostileHost } from '../fixtures/hostile-peer.ts';
import { turns, until } from '../fixtures/turns.ts';

const shop = contract({
  name: 'test/waiting',
  version: '1.0.0',
  guest: { work: query<unknown, unknown>(), ticks: observable<unknown, unknown>() },
});
const [work, ticks] = [1, 2];

type Peer = Hostile<(typeof shop)['host']>;

function open(limits: Partial<Limits>): Peer {
  const never = (): Promise<never> => new Promise(() => undefined);
  return openHostileHost(shop, { limits, handlers: { work: never, ticks: never } });
}

/** About how many bytes each message keeps. */
const size = 1_000_000;
const text = (): string => 'x'.repeat(size / 2);

/** All that may be at work at once. */
const few = Array.from({ length: 32 }, (_, at) => 1 + 2 * at);

/** Something that is not read, or not begun, until something else has happened. */
interface Place {
  readonly limits?: Partial<Limits>;
  /** How much may wait there, in bytes. */
  readonly most: number;
  /** What the peer does before. */
  readonly block?: (peer: Peer) => void | Promise<void>;
  readonly message: (at: number) => unknown;
  /** What becomes of too much. */
  readonly end: (peer: Peer) => unknown;
  readonly ends: unknown;
}

const ended = ({ ended: cause }: Peer): unknown => cause?.code;

/**
 * Places where what came from the peer waits. Before ready nothing does: whatever else comes first ends the session. For lanes see
 * `comlink/limits.test.ts`.
 */
const places: Readonly<Record<string, Place>> = {
  'a check whether its document is still there': {
    limits: { waitingBytes: 10 * size },
    most: 10 * size,
    block: ({ session }) => session.hold(),
    message: (at) => [CALL, 101 + 2 * at, work, text(), 0],
    end: ended,
    ends: 'LIMIT_EXCEEDED',
  },
  'a free place for a call': {
    limits: { calls: few.length, waitingBytes: 10 * size },
    most: 10 * size,
    message: (at) => [CALL, 101 + 2 * at, work, [text()], 0],
    block: (peer) => {
      peer.post(
        few.flatMap((id) => [
          [CALL, id, work, 'one of all', 0],
          [CANCEL, id],
        ]),
      );
    },
    end: ({ heard }) => heard.find(([, , code]) => code === 'OVERLOADED')?.[3],
    ends: expect.stringContaining('waitingBytes'),
  },
  'a free place for a stream': {
    limits: { streams: few.length, waitingBytes: 10 * size },
    most: 10 * size,
    message: (at) => [CALL, 101 + 2 * at, ticks, [text()], 8],
    block: (peer) => {
      peer.post(
        few.flatMap((id) => [
          [CALL, id, ticks, 'one of all', 8],
          [CANCEL, id],
        ]),
      );
    },
    end: ({ heard }) => heard.find(([, , code]) => code === 'OVERLOADED')?.[3],
    ends: expect.stringContaining('waitingBytes'),
  },
  'its turn, under a rate': {
    limits: { callsPerSecond: 1, waitingBytes: 10 * size },
    most: 10 * size,
    message: (at) => [CALL, 101 + 2 * at, work, [text()], 0],
    block: (peer) => {
      peer.post([[CALL, 1, work, 'the one of this second', 0]]);
    },
    end: ({ heard }) => heard.find(([, , code]) => code === 'OVERLOADED')?.[3],
    ends: expect.stringContaining('waitingBytes'),
  },
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it.each(Object.entries(places))('no more bytes than are said wait for %s', async (_place, place) => {
  const peer = open(place.limits ?? {});
  await turns();
  await place.block?.(peer);
  await turns();
  const room = Math.floor(place.most / size) - 2;
  for (let at = 0; at < room; at++) peer.post([place.message(at)]);
  await turns(20);
  expect([peer.ended, place.end(peer)]).toEqual([undefined, undefined]);
  for (let at = room; at < room + 6; at++) peer.post([place.message(at)]);
  await until(() => place.end(peer) !== undefined);
  expect(place.end(peer)).toEqual(place.ends);
});
