import { firstValueFrom, Observable, range, take, toArray } from 'rxjs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { contract, isErrorOf, MuntinError, mutation, observable, query, type } from '../src/index.ts';
import { openPair, type Pair } from './fixtures/open-pair.ts';

const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: {
    add: query({ input: v.object({ a: v.number(), b: v.number() }), output: v.number() }),
    echo: query<unknown, unknown>(),
    order: mutation({
      input: type<number>(),
      output: type<string>(),
      errors: { outOfStock: type<{ left: number }>() },
    }),
    count: observable<number, number>(),
    nested: { deep: { hello: query<void, string>() } },
    depth: query<number, number>(),
  },
  host: { depth: query<number, number>() },
});

function open(torn: string[] = []): Pair<typeof shop> {
  const pair: Pair<typeof shop> = openPair(shop, {
    guest: {
      add: ({ a, b }) => a + b,
      echo: (input) => input,
      order: (left) => {
        throw new MuntinError('outOfStock', 'None left', { data: { left } });
      },
      count: (most) =>
        new Observable<number>((subscriber) => {
          const subscription = range(0, most).subscribe(subscriber);
          return () => {
            torn.push('count');
            subscription.unsubscribe();
          };
        }),
      nested: { deep: { hello: () => 'hello' } },
      depth: async (n) => (n === 0 ? 0 : 1 + (await pair.guest.client.depth(n - 1))),
    },
    host: { depth: async (n) => (n === 0 ? 0 : 1 + (await pair.host.client.depth(n - 1))) },
  });
  return pair;
}

describe('a session', () => {
  it('answers calls', async () => {
    const { host } = open();
    expect(await host.client.add({ a: 1, b: 2 })).toBe(3);
    expect(await host.client.nested.deep.hello()).toBe('hello');
  });

  it('calls back and forth to depth 50', async () => {
    const { host } = open();
    expect(await host.client.depth(50)).toBe(50);
  });

  it('sends all calls of one turn as one batch', async () => {
    const { host } = open();
    await host.client.add({ a: 0, b: 0 });
    const before = host.session.stats.batchesSent;
    await Promise.all(Array.from({ length: 100 }, (_, index) => host.client.add({ a: index, b: 1 })));
    expect(host.session.stats.batchesSent - before).toBe(1);
  });

  it('narrows a declared error by its code', async () => {
    const { host } = open();
    const error: unknown = await host.client.order(7).catch((caught: unknown) => caught);
    expect(isErrorOf(shop.guest.order, error) && error.data.left).toBe(7);
  });

  it('streams more values than the window', async () => {
    const torn: string[] = [];
    const { host } = open(torn);
    expect(await firstValueFrom(host.client.count(5000).pipe(toArray()))).toHaveLength(5000);
    expect(torn).toEqual(['count']);
  });

  it('stops the producer when the consumer has enough', async () => {
    const torn: string[] = [];
    const { host } = open(torn);
    expect(await firstValueFrom(host.client.count(60_000).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
    await host.client.add({ a: 1, b: 1 });
    expect(torn).toEqual(['count']);
  });

  it('pulls a stream with for await', async () => {
    const { host } = open();
    const seen: number[] = [];
    for await (const value of host.client.count(3000)) seen.push(value);
    expect(seen).toHaveLength(3000);
  });

  it('fails only the call whose value cannot be cloned, naming the path', async () => {
    const { host } = open();
    const [good, bad] = await Promise.allSettled([
      host.client.add({ a: 1, b: 2 }),
      host.client.echo({ items: [1, { onClick: () => undefined }] }),
    ]);
    expect(good).toMatchObject({ value: 3 });
    expect(bad).toMatchObject({
      reason: { code: 'VALUE_NOT_CLONEABLE', message: expect.stringContaining('input.items[1].onClick') },
    });
  });
});
