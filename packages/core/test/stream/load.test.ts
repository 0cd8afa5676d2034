import { interval, map, merge, Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { contract, type MuntinError, observable } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { until } from '../fixtures/turns.ts';

const c = contract({
  name: 'test/load',
  version: '1.0.0',
  guest: { count: observable<{ to: number }, number>(), ticks: observable<number, string>() },
});

const pushes = contract({ name: 'test/pushes', version: '1.0.0', guest: { all: observable<void, unknown>() } });

describe('many values', () => {
  it.each(['pushed', 'pulled'] as const)(
    'a million of them in one stream, %s: none lost, none twice, in order',
    async (how) => {
      const { host } = openPair(c, {
        host: {},
        guest: {
          count: async function* ({ to }) {
            for (let n = 0; n < to; n++) yield n;
          },
          ticks: () => [],
        },
      });
      let next = 0;
      const check = (value: number): void => {
        if (value !== next) throw new Error(`${value} came in place of ${next}`);
        next++;
      };
      const stream = host.client.count({ to: 1_000_000 });
      if (how === 'pulled') for await (const value of stream) check(value);
      else await stream.forEach(check);
      expect(next).toBe(1_000_000);
    },
    120_000,
  );

  const pushed = (to: number, pause: (() => Promise<void>) | undefined, make: (n: number) => unknown) =>
    new Observable<unknown>((subscriber) => {
      const run = async (): Promise<void> => {
        for (let n = 0; n < to && !subscriber.closed; n++) {
          if (pause !== undefined && n % 1000 === 999) await pause();
          subscriber.next(make(n));
        }
        subscriber.complete();
      };
      void run();
    });
  const macrotask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const message = (): Promise<void> =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });

  it.each([
    ['numbers', 'at once', 1_000_000, undefined, (n: number) => n],
    ['small objects', 'at once', 200_000, undefined, (n: number) => ({ id: n, price: n / 3, name: 'abc' })],
    ['small objects', 'a thousand in each timer', 100_000, macrotask, (n: number) => ({ id: n, name: 'abc' })],
    ['texts', 'a thousand in each message', 100_000, message, (n: number) => `value ${n}`],
  ] as const)(
    'that an Observable sends without looking arrive by default: %s, %s',
    async (_, _how, to, pause, make) => {
      const { host } = openPair(pushes, {
        host: {},
        guest: { all: () => pushed(to, pause, make) },
      });
      let next = 0;
      await host.client.all().forEach((value) => {
        const expected = make(next++);
        if (typeof expected === 'object' ? (value as { id: number }).id !== expected.id : value !== expected)
          throw new Error(`something else came in place of ${next - 1}`);
      });
      expect(next).toBe(to);
    },
    180_000,
  );

  it('of all streams of a session together are kept up to limits.producerBytes', async () => {
    const limits = { guest: { producerBytes: 1000 * 64 } };
    const { host } = openPair(pushes, { host: {}, guest: { all: () => pushed(600, undefined, (n) => n) }, limits });
    const ends = [0, 1].map((): Promise<string> => {
      const iterator = host.client.all(undefined, { window: 1 })[Symbol.asyncIterator]();
      return iterator.next().then(async () => {
        await until(() => host.session.stats.received > 1);
        let count = 1;
        try {
          for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) count++;
        } catch (error) {
          return (error as MuntinError).code;
        }
        return String(count);
      });
    });
    expect((await Promise.all(ends)).sort()).toEqual(['600', 'STREAM_OVERFLOW']);
    // What was sent, or was given up, leaves its room to others.
    let count = 0;
    await host.client.all().forEach(() => void count++);
    expect(count).toBe(600);
  });

  it('1,000 streams at once: each gets its own values in order, and each is torn down', async () => {
    let open = 0;
    const { host } = openPair(c, {
      host: {},
      guest: {
        count: () => [],
        ticks: (id) =>
          new Observable((subscriber) => {
            open++;
            const inner = interval(1 + (id % 7))
              .pipe(map((n) => `${id}:${n}`))
              .subscribe(subscriber);
            return () => {
              open--;
              inner.unsubscribe();
            };
          }),
      },
    });
    const got = Array.from({ length: 1000 }, () => [] as string[]);
    await merge(
      ...got.map((list, id) =>
        host.client.ticks(id).pipe(
          take(20),
          map((value) => list.push(value)),
        ),
      ),
    ).forEach(() => undefined);
    for (const [id, list] of got.entries()) expect(list).toEqual(Array.from({ length: 20 }, (_, n) => `${id}:${n}`));
    await until(() => open === 0);
  }, 120_000);
});
