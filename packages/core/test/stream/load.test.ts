import { interval, map, merge, Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { contract, observable } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { until } from '../fixtures/turns.ts';

const c = contract({
  name: 'test/load',
  version: '1.0.0',
  guest: { count: observable<{ to: number }, number>(), ticks: observable<number, string>() },
});

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
