import { Subject } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';

// Every test begins with nothing loaded: the parts for live values come with the first of them.
beforeEach(() => {
  vi.resetModules();
});

async function fresh() {
  const { byReference, contract, mutation } = await import('../../src/index.ts');
  const { openPair } = await import('../fixtures/open-pair.ts');
  const { lazyPart } = await import('../../src/reference/lazy.ts');
  const seen: unknown[] = [];
  const log = contract({
    name: 'test/log',
    version: '1.0.0',
    guest: { write: mutation<unknown, number>() },
    host: { write: mutation<unknown, number>() },
  });
  const write = (input: unknown): number => seen.push(input);
  return { byReference, lazyPart, seen, ...openPair(log, { host: { write }, guest: { write } }) };
}

describe('what live values need', () => {
  it('is not loaded for plain ones', async () => {
    const { host, lazyPart } = await fresh();
    await host.client.write({ list: [1, new Map([['a', new Date(0)]])] });
    expect(lazyPart()).toBeUndefined();
  });

  it('is loaded with the first, and nothing overtakes it meanwhile', async () => {
    const { host, seen, byReference, lazyPart } = await fresh();
    const answers = [1, { tell: byReference(() => 'heard') }, 3].map((value) => host.client.write(value));
    const late = new Promise((resolve) => {
      setTimeout(() => resolve(host.client.write(4)));
    });
    expect(await Promise.all([...answers, late])).toEqual([1, 2, 3, 4]);
    expect(seen.map((value) => (typeof value === 'object' ? 'live' : value))).toEqual([1, 'live', 3, 4]);
    expect(lazyPart()).toBeDefined();
  });

  it('is loaded for the first value that takes a walk to be weighed, and nothing overtakes it meanwhile', async () => {
    const { host, seen, lazyPart } = await fresh();
    const values = [1, new Set([2]), 3];
    expect(await Promise.all(values.map((value) => host.client.write(value)))).toEqual([1, 2, 3]);
    expect(seen).toEqual(values);
    expect(lazyPart()).toBeDefined();
  });

  it('is not loaded for bytes', async () => {
    const { host, lazyPart } = await fresh();
    await host.client.write({ bytes: new Uint8Array(1000), whole: new ArrayBuffer(1000) });
    expect(lazyPart()).toBeUndefined();
  });

  it('is loaded for a value that cannot be cloned, which fails by its path, and no other does', async () => {
    const { host, seen } = await fresh();
    const outcomes = await Promise.allSettled(
      [1, { deep: { onClick: (): void => undefined } }, 3].map((value) => host.client.write(value)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({
      reason: { code: 'VALUE_NOT_CLONEABLE', message: expect.stringContaining('input.deep.onClick') },
    });
    expect(seen).toEqual([1, 3]);
  });

  it('may be still on its way when the session ends: what waits for it ends too, and nothing is half sent', async () => {
    const { host, seen, byReference, close } = await fresh();
    const before = host.client.write(1);
    const live = host.client.write({ tell: byReference(() => 0) });
    const behind = host.client.write(3);
    const outcomes = Promise.allSettled([before, live, behind]);
    await Promise.resolve().then(() => undefined);
    close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'LINK_CLOSED' } });
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect(seen.filter((value) => value !== 1)).toEqual([]);
  });
});

describe('supports()', () => {
  it('loads what answers it', async () => {
    const { host, lazyPart } = await fresh();
    expect(lazyPart()).toBeUndefined();
    expect(await host.supports({ path: 'write' })).toBe(true);
    expect(lazyPart()).toBeDefined();
  });

  it('says so where that cannot be loaded, and asks for it again', async () => {
    vi.doMock('../../src/reference/loaded.ts', () => {
      throw new Error('offline');
    });
    const { host } = await fresh();
    await expect(host.supports({ path: 'write' })).rejects.toMatchObject({ code: 'CHUNK_NOT_LOADED' });
    vi.doUnmock('../../src/reference/loaded.ts');
    expect(await host.supports({ path: 'write' })).toBe(true);
  });
});

it('what is packed behind a stream value that cannot be sent is given back', async () => {
  const { byReference, contract, observable } = await import('../../src/index.ts');
  const { openPair } = await import('../fixtures/open-pair.ts');
  const { lazyPart } = await import('../../src/reference/lazy.ts');
  const live = contract({ name: 'test/gap', version: '1.0.0', guest: { feed: observable<void, unknown>() } });
  expect(lazyPart()).toBeUndefined(); // so that all of it is sent together
  const { host, guest } = openPair(live, {
    host: {},
    guest: {
      feed: () => [
        { go: byReference(() => 1) },
        { no: Symbol('no') },
        ...[2, 3, 4].map((n) => ({ go: byReference(() => n) })),
      ],
    },
  });
  const seen: unknown[] = [];
  const end = await new Promise<unknown>((resolve) => {
    host.client.feed().subscribe({ next: (value) => seen.push(value), error: resolve });
  });
  expect(end).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
  expect(seen).toHaveLength(1);
  expect(guest.session.references).toBe(1);
});

it('a value of a stream that waits behind what is being loaded is what it was when it was passed', async () => {
  const { byReference, contract, observable, query } = await import('../../src/index.ts');
  const { openPair } = await import('../fixtures/open-pair.ts');
  const { turns, until } = await import('../fixtures/turns.ts');
  const feed = contract({
    name: 'test/feed',
    version: '1.0.0',
    guest: { lend: query<void, unknown>(), values: observable<void, unknown>() },
  });
  const source = new Subject<unknown>();
  const { host } = openPair(feed, {
    host: {},
    guest: { lend: () => byReference(() => 1), values: () => source },
  });
  const seen: unknown[] = [];
  host.client.values().subscribe({ next: (value) => seen.push(value), error: () => undefined }); // it ends with the session
  await turns();
  const lent = host.client.lend();
  await new Promise((resolve) => setTimeout(resolve)); // its answer is being packed
  const map = new Map([['a', 1]]);
  const list = Array.from({ length: 1000 }, (_, at) => at);
  source.next(map);
  map.set('a', 2);
  source.next(map);
  map.clear();
  source.next(list);
  list[0] = 99;
  await lent;
  await until(() => seen.length === 3);
  expect(seen).toEqual([new Map([['a', 1]]), new Map([['a', 2]]), Array.from({ length: 1000 }, (_, at) => at)]);
});
