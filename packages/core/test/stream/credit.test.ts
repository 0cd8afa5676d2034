import { describe, expect, it } from 'vitest';
import { contract, observable } from '../../src/index.ts';
import { CALL, CREDIT, NEXT } from '../../src/link/messages.ts';
import { Credit } from '../../src/stream/credit.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { closeEnd } from '../fixtures/open-pair.ts';
import { turns, until } from '../fixtures/turns.ts';

describe('the credit of a stream', () => {
  it('doubles, up to 16,384, each time the consumer has taken all that came', () => {
    const credit = new Credit();
    const grants: number[] = [];
    let out = credit.restart();
    for (let round = 0; round < 8; round++) {
      expect(credit.spend(out)).toBe(true);
      grants.push((out = credit.take(out)));
    }
    expect(grants).toEqual([2048, 4096, 8192, 16_384, 16_384, 16_384, 16_384, 16_384]);
  });

  it('stays what it is for a consumer that is behind', () => {
    const credit = new Credit();
    let out = credit.restart();
    for (let value = 0; value < 10_000; value++) {
      if (out > 0) credit.spend(out);
      out = credit.take(1);
    }
    expect(credit.restart()).toBeLessThanOrEqual(1024);
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
