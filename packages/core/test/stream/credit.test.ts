import { describe, expect, it } from 'vitest';
import { contract, observable } from '../../src/index.ts';
import { CALL, CREDIT, NEXT, RESULT } from '../../src/link/messages.ts';
import { Credit } from '../../src/stream/credit.ts';
import { collectGarbage } from '../fixtures/collect-garbage.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { closeEnd } from '../fixtures/open-pair.ts';
import { turns, until } from '../fixtures/turns.ts';

describe('the credit of a stream', () => {
  /** What a consumer that takes one value in so long is granted, when the producer sends all that it may at once. */
  function windows(
    msPerValue: (taken: number) => number,
    values: number,
  ): { readonly widest: number; readonly last: number } {
    let now = 1;
    let sent = 0;
    let widest = 0;
    const credit = new Credit(undefined, () => now);
    const send = (count: number): void => {
      sent += count;
      credit.spend(count);
    };
    send(credit.restart());
    let taken = 0;
    for (; taken < values; ) {
      widest = Math.max(widest, sent - taken);
      now += msPerValue(taken);
      taken++;
      send(credit.take(1));
    }
    return { widest, last: sent - taken };
  }

  it('keeps nothing of messages that bring no values', () => {
    const held = { bytes: 0, most: 5000 };
    const credit = new Credit(4, undefined, held);
    for (let n = 0; n < 100; n++) expect(credit.spend(0, 8)).toBe(true);
    expect(held.bytes).toBe(0);
    credit.spend(1, 5000);
    expect([held.bytes, credit.isOver]).toEqual([5000, false]);
    credit.take(1);
    expect(held.bytes).toBe(0);
  });

  it('widens up to 16,384 for a consumer that is quick', () => {
    expect(windows(() => 0.0001, 200_000).widest).toBe(16_384);
  });

  it.each([0.03, 0.1, 1, 16])('stays at 1,024 for a consumer that takes %d ms for each value', (ms) => {
    expect(windows(() => ms, 20_000).widest).toBe(1024);
  });

  it('is what the consumer takes in 25 ms in between', () => {
    const { widest } = windows(() => 0.01, 50_000);
    expect(widest).toBeGreaterThan(2000);
    expect(widest).toBeLessThanOrEqual(2501);
  });

  it('narrows again when the consumer becomes slow, without taking back what was granted', () => {
    const { widest, last } = windows((taken) => (taken < 100_000 ? 0.0001 : 1), 150_000);
    expect(widest).toBe(16_384);
    expect(last).toBeLessThanOrEqual(1024);
  });

  it.each([1, 2, 64, 1024, 65_536])('never grows over a window of %i that the application chose', (window) => {
    const credit = new Credit(window);
    for (let round = 0; round < 50; round++) {
      const out = credit.restart();
      expect(out).toBe(window);
      credit.spend(out);
      credit.take(out);
    }
  });

  it('counts a value for which there is none as a violation', () => {
    const credit = new Credit(2);
    expect([credit.spend(2), credit.spend(1)]).toEqual([true, false]);
  });
});

describe('what stream values keep', () => {
  const feeds = contract({ name: 'test/feeds', version: '1.0.0', host: { feed: observable<void, unknown>() } });
  const heavy = (): readonly unknown[] => [new ArrayBuffer(10_000)];

  it('is counted no more when the iterator that nobody reads on is dropped', async () => {
    const peer = openHostileHost(feeds, { limits: { windowBytes: 25_000 } });
    const drop = async (): Promise<void> => {
      const values = peer.client.feed()[Symbol.asyncIterator]();
      const first = values.next();
      const [, id] = await peer.call(1);
      peer.post([
        [NEXT, id, heavy()],
        [NEXT, id, heavy()],
        [RESULT, id, undefined],
      ]);
      expect((await first).done).toBe(false);
    };
    await drop();
    let isOver = false;
    // Two more do not fit beside those that were dropped.
    for (let round = 0, at = 2; round < 20 && !isOver; round++, at++) {
      await collectGarbage(() => false, 1);
      const values = peer.client.feed()[Symbol.asyncIterator]();
      const first = values.next();
      const [, id] = await peer.call(at);
      peer.post([
        [NEXT, id, heavy()],
        [NEXT, id, heavy()],
        [RESULT, id, undefined],
      ]);
      isOver = await first.then(
        async () => (await values.next()).done === false && (await values.next()).done === true,
        () => false,
      );
    }
    expect(isOver).toBe(true);
  });

  it('ends only the stream that brought it', async () => {
    const peer = openHostileHost(feeds, { limits: { windowBytes: 25_000 } });
    const read = async (at: number): Promise<[AsyncIterator<unknown>, number, Promise<unknown>]> => {
      const values = peer.client.feed()[Symbol.asyncIterator]();
      const first = values.next();
      const [, id] = await peer.call(at);
      return [values, Number(id), first];
    };
    const [, first, one] = await read(1);
    const [light, second, two] = await read(2);
    peer.post([...[1, 2, 3].map(() => [NEXT, first, heavy()]), [NEXT, second, ['small']]]);
    expect(await two).toMatchObject({ value: 'small' });
    await one;
    const next = light.next();
    peer.post([[NEXT, second, ['as small']]]);
    expect(await next).toMatchObject({ value: 'as small' });
  });
});

describe('a source without end', () => {
  const numbers = contract({ name: 'test/numbers', version: '1.0.0', guest: { all: observable<void, number>() } });

  it('gives way to the event loop, however much credit its consumer grants', async () => {
    let made = 0;
    const peer = openHostileHost(numbers, {
      handlers: {
        *all() {
          for (;;) yield made++;
        },
      },
    });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    peer.post([[CALL, 1, 1, undefined, 65_536], ...Array.from({ length: 4000 }, () => [CREDIT, 1, 65_536])]);
    await until(() => peer.heard.some(([kind]) => kind === NEXT));
    await until(() => ticks > 5);
    clearInterval(timer);
    // Four thousand times the widest window would be 262 million values.
    expect(made).toBeLessThan(5_000_000);
    closeEnd(peer);
    const stopped = made;
    await turns(3);
    expect(made).toBe(stopped);
  });
});
