import { describe, expect, it, vi } from 'vitest';
import { byReference, contract, MuntinError, mutation, query, transfer, type } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection, until } from '../fixtures/turns.ts';

vi.setConfig({ testTimeout: 30_000 });

const c = contract({
  name: 'test/snapshot',
  version: '1.0.0',
  guest: {
    echo: query<unknown, unknown>(),
    make: query<number, unknown>(),
    fail: query({ input: type<number>(), errors: { bad: type<unknown>() } }),
    keep: mutation<unknown, number>(),
  },
  host: { hold: query<void, void>() },
});

/** A value, what is done to it after it was passed, and whether what arrives is still what it was. */
interface Row {
  readonly name: string;
  readonly make: () => Record<string, unknown>;
}

const rows: readonly Row[] = [
  { name: 'a small plain object', make: () => ({ x: 1, list: [1, { deep: true }] }) },
  {
    name: 'more than is copied by hand',
    make: () => ({ x: 1, list: Array.from({ length: 1000 }, (_, n) => ({ n })) }),
  },
  { name: 'a Map, a Set and a Date', make: () => ({ x: 1, list: [new Map([['a', 1]]), new Set([1]), new Date(0)] }) },
  { name: 'bytes', make: () => ({ x: 1, list: new Uint8Array([1, 2, 3]) }) },
  { name: 'an error', make: () => ({ x: 1, list: new TypeError('no') }) },
  {
    name: 'something that goes in a circle',
    make: () => {
      const round: Record<string, unknown> = { x: 1 };
      round['list'] = [round];
      return round;
    },
  },
  { name: 'a list with holes and names', make: () => ({ x: 1, list: Object.assign([1], { 2: 3, name: 'y' }) }) },
  { name: 'nothing but nulls', make: () => Object.assign(Object.create(null) as object, { x: 1, list: null }) },
];

function spoil(value: Record<string, unknown>): void {
  const { list } = value;
  value['x'] = 'spoilt';
  if (Array.isArray(list)) list.length = 0;
  if (list instanceof Uint8Array) list.fill(9);
  value['list'] = 'spoilt';
}

function open(limits = {}) {
  const kept: unknown[] = [];
  const made = new Map<number, Record<string, unknown>>();
  let rest = (): void => undefined;
  const pair = openPair(c, {
    host: { hold: () => undefined },
    guest: {
      echo: (input) => input,
      make: (row) => {
        const value = rows[row]?.make() ?? {};
        made.set(row, value);
        queueMicrotask(() => undefined);
        // In the same turn, when the result has been given.
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(() => Promise.resolve())
          .then(() => spoil(value));
        return value;
      },
      fail: (row) => {
        const value = rows[row]?.make() ?? {};
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(() => Promise.resolve())
          .then(() => spoil(value));
        throw new MuntinError('bad', 'declared', { data: value });
      },
      keep: async (input) => {
        kept.push(input);
        await new Promise<void>((resolve) => {
          rest = resolve;
        });
        return kept.length;
      },
    },
    limits: { guest: limits },
  });
  return { ...pair, kept, rest: () => rest() };
}

describe.each(rows.map((row, index) => [row.name, index, row] as const))('%s', (_name, index, { make }) => {
  it('is what it was at the call, whatever is done to it in the same turn', async () => {
    const { host } = open();
    const value = make();
    const answers = [host.client.echo(1), host.client.echo(value), host.client.echo(2)];
    spoil(value);
    expect(await Promise.all(answers)).toEqual([1, make(), 2]);
  });

  it('is what it was when a handler returned it, or threw it', async () => {
    const { host } = open();
    expect(await host.client.make(index)).toEqual(make());
    expect(await rejection(host.client.fail(index))).toMatchObject({ data: make() });
  });

  it('is what it was at the call, where it waits for a free place', async () => {
    const { host, kept, rest } = open({ calls: 1 });
    const first = host.client.keep('first');
    const value = make();
    const second = host.client.keep(value);
    spoil(value);
    await until(() => kept.length === 1);
    rest();
    await first;
    await until(() => kept.length === 2);
    rest();
    await second;
    expect(kept[1]).toEqual(make());
  });

  it('is what it was, where it waits behind a part that is being loaded', async () => {
    const { host, kept, rest } = open();
    const value = make();
    const calls = [host.client.echo({ f: byReference(() => 1) }), host.client.keep(value)];
    spoil(value);
    await until(() => kept.length === 1);
    rest();
    await Promise.all(calls);
    expect(kept[0]).toEqual(make());
  });
});

describe('what is passed', () => {
  it('twice in one turn arrives as two', async () => {
    const { host, kept, rest } = open();
    const value = { x: 1 };
    const calls = [host.client.keep(value), host.client.keep(value)];
    await until(() => kept.length === 2);
    expect(kept[0]).not.toBe(kept[1]);
    rest();
    await until(() => kept.length === 2);
    calls[0]?.catch(() => undefined);
    calls[1]?.catch(() => undefined);
  });

  it.each([
    ['small', 3],
    ['large', 5000],
  ])('as a proxy of plain data arrives as that data, %s or beside a callback', async (_, length) => {
    const { host } = open();
    const make = () => ({ rows: Array.from({ length }, (_entry, n) => ({ n, tags: ['a'] })) });
    const reactive = (value: object): object =>
      new Proxy(value, {
        get(target, key) {
          const found: unknown = Reflect.get(target, key);
          return typeof found === 'object' && found !== null ? reactive(found) : found;
        },
      });
    expect(await host.client.echo(reactive(make()))).toEqual(make());
    expect(await host.client.echo({ data: reactive(make()), f: byReference(() => 1) })).toMatchObject({ data: make() });
  });

  it('in a transfer is gone when the call returns', async () => {
    const { host } = open();
    await host.client.echo({ f: byReference(() => 1) }); // the part that packs is there
    const bytes = new Uint8Array([1, 2, 3]);
    const answer = host.client.echo(transfer(bytes, [bytes.buffer]));
    expect(bytes.length).toBe(0);
    expect(await answer).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('in a transfer is gone when the call returns, also where it waits', async () => {
    const { host, kept, rest } = open({ calls: 1 });
    const first = host.client.keep('first');
    const bytes = new Uint8Array([1, 2, 3]);
    const second = host.client.keep(transfer({ bytes }, [bytes.buffer]));
    expect(bytes.length).toBe(0);
    await until(() => kept.length === 1);
    rest();
    await first;
    await until(() => kept.length === 2);
    rest();
    await second;
    expect(kept[1]).toEqual({ bytes: new Uint8Array([1, 2, 3]) });
  });

  it('with two views of one buffer arrives with two views of one buffer', async () => {
    const { host } = open();
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    const answer = await host.client.echo({
      at: new Date(5),
      views: [new Uint8Array(buffer, 1, 2), new Uint16Array(buffer)],
    });
    const { views } = answer as { views: [Uint8Array, Uint16Array] };
    expect(answer).toEqual({ at: new Date(5), views: [new Uint8Array([2, 3]), new Uint16Array([513, 1027])] });
    expect(views[0].buffer).toBe(views[1].buffer);
  });

  it('many times still travels in few batches', async () => {
    const { host } = open();
    const before = host.session.stats.batchesSent;
    await Promise.all(Array.from({ length: 1000 }, (_, n) => host.client.echo({ n, tags: ['a'] })));
    expect(host.session.stats.batchesSent - before).toBeLessThan(5);
  });
});
