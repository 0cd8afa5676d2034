import { of, Subject } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';

// Every test begins with nothing loaded: what has to be packed waits.
beforeEach(() => {
  vi.resetModules();
});

async function fresh(withCodec: boolean) {
  const core = await import('../../src/index.ts');
  const { openPair } = await import('../fixtures/open-pair.ts');
  const { lazyPart } = await import('../../src/reference/lazy.ts');
  const { superjsonCodec } = await import('../../src/codec/superjson.ts');
  const { until } = await import('../fixtures/turns.ts');
  const { contract, mutation, observable, query } = core;
  const passing = contract({
    name: 'test/passing',
    version: '1.0.0',
    guest: {
      take: mutation<unknown, void>(),
      give: query<number, unknown>(),
      feed: observable<void, unknown>(),
    },
  });
  const taken: unknown[] = [];
  const gives: (() => unknown)[] = [];
  const source = new Subject<unknown>();
  const pair = openPair(passing, {
    host: {},
    guest: { take: (input) => void taken.push(input), give: (at) => gives[at]?.(), feed: () => source },
    ...(withCodec ? { codec: superjsonCodec() } : {}),
  });
  return { ...core, ...pair, lazyPart, until, taken, gives, source };
}

class Point {
  x = 1;
}

/** Everything in a value that its owner can change, around something live. */
function changing(live: object) {
  const date = new Date(1);
  const bytes = new Uint8Array([1, 2]);
  const tail = new Uint8Array(bytes.buffer, 1);
  const map = new Map([['key', { n: 1 }]]);
  const list: unknown[] = [{ n: 1 }];
  const self: Record<string, unknown> = { n: 1 };
  self['self'] = self;
  return {
    value: { live, date, bytes, tail, view: new DataView(bytes.buffer, 1), map, set: new Set([1]), list, self },
    change: (): void => {
      date.setTime(2);
      bytes.fill(9);
      map.clear();
      list.push(9);
      self['n'] = 9;
    },
  };
}

type Changing = ReturnType<typeof changing>['value'];

function expectAsPassed(value: unknown): void {
  const { date, bytes, tail, view, map, set, list, self } = value as Changing;
  expect(date).toEqual(new Date(1));
  expect([...bytes]).toEqual([1, 2]);
  expect([...tail]).toEqual([2]);
  expect(tail.buffer).toBe(bytes.buffer);
  expect(view.getUint8(0)).toBe(2);
  expect(map).toEqual(new Map([['key', { n: 1 }]]));
  expect(set).toEqual(new Set([1]));
  expect(list).toEqual([{ n: 1 }]);
  expect(self['self']).toBe(self);
  expect(self['n']).toBe(1);
}

describe.each([false, true])(
  'what waits for the part that packs it is what it was when it was passed; codec: %s',
  (withCodec) => {
    it('as an input, twice in one turn, and the two share nothing', async () => {
      const { host, byReference, lazyPart, taken } = await fresh(withCodec);
      const { value, change } = changing(byReference(() => 1));
      const both = [host.client.take(value), host.client.take(value)];
      change();
      expect(lazyPart()).toBeUndefined();
      await Promise.all(both);
      for (const input of taken) expectAsPassed(input);
      const [first, second] = taken as [Changing, Changing];
      expect(first.date).not.toBe(second.date);
      expect(first.bytes.buffer).not.toBe(second.bytes.buffer);
    });

    it('as a result', async () => {
      const { host, byReference, gives } = await fresh(withCodec);
      const { value, change } = changing(byReference(() => 1));
      gives.push(
        () => value,
        () => {
          queueMicrotask(change);
          return value;
        },
      );
      const both = await Promise.all([host.client.give(0), host.client.give(1)]);
      expect(value.map.size).toBe(0);
      for (const result of both) expectAsPassed(result);
    });

    it('as values of a stream', async () => {
      const { host, byReference, source, until } = await fresh(withCodec);
      const { value, change } = changing(byReference(() => 1));
      const seen: unknown[] = [];
      host.client.feed().subscribe({ next: (got) => seen.push(got), error: () => undefined });
      await until(() => source.observed);
      source.next(value);
      source.next(value);
      change();
      await until(() => seen.length === 2);
      for (const got of seen) expectAsPassed(got);
      const [first, second] = seen as [Changing, Changing];
      expect(first.date).not.toBe(second.date);
    });
  },
);

describe('beside something live, what waits', () => {
  it('keeps what is given away with it, wherever it is met first', async () => {
    const { host, transfer, taken } = await fresh(false);
    const bytes = new Uint8Array([1, 2]);
    const call = host.client.take({ live: of(1), bytes, given: transfer({ bytes }, [bytes.buffer]) });
    await call;
    expect(bytes.byteLength).toBe(0);
    const [input] = taken as [{ bytes: Uint8Array; given: { bytes: Uint8Array } }];
    expect([...input.bytes]).toEqual([1, 2]);
    expect(input.given.bytes).toBe(input.bytes);
  });

  it('reads an instance of a class as plain data, holes as holes, and getters once', async () => {
    const { host, taken } = await fresh(false);
    const point = new Point();
    const sparse = Object.assign([1], { 2: 3 });
    let reads = 0;
    const call = host.client.take({
      live: of(1),
      point,
      sparse,
      get count() {
        return ++reads;
      },
    });
    const readsThen = reads;
    point.x = 2;
    sparse[1] = 2;
    await call;
    expect(taken).toMatchObject([{ point: { x: 1 }, count: readsThen }]);
    expect(1 in (taken as [{ sparse: unknown[] }])[0].sparse).toBe(false);
  });

  it('hears of a promise that rejects on the other side only', async () => {
    const { host, taken } = await fresh(false);
    const cause = new Error('no');
    await host.client.take({ later: Promise.reject(cause), n: 1 });
    await expect((taken as [{ later: Promise<unknown> }])[0].later).rejects.toMatchObject({ code: 'HANDLER_FAILED' });
  });

  it('is still refused with the path where it cannot be copied', async () => {
    const { host } = await fresh(false);
    const refused = host.client.take({ live: of(1), deep: { fn: (): void => undefined } });
    await expect(refused).rejects.toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('input.deep.fn'),
    });
  });
});
