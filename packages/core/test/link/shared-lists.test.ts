import { describe, expect, it } from 'vitest';
import { contract, observable, query } from '../../src/index.ts';
import { CALL, FAILURE, isOwnList, NEXT, RELEASE, RESULT } from '../../src/link/messages.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { turns } from '../fixtures/turns.ts';

const c = contract({
  name: 'test/shared-lists',
  version: '1.0.0',
  guest: { take: query<unknown, string>() },
  host: { ask: query<void, unknown>(), feed: observable<void, unknown>() },
});
const take = 1;

function open(seen: unknown[] = []) {
  const handlers = { take: (input: unknown) => `taken ${seen.push(input)}` };
  return openHostileHost(c, { handlers });
}

const indexes = (count: number): number[] => Array.from({ length: count }, (_, at) => 65_536 + at);
const functions = (count: number, methods: readonly string[] = []): unknown[] =>
  indexes(count).map((index, at) => [[String(at)], methods.length > 0 ? 1 : 0, index, methods]);
const places = (count: number): null[] => Array<null>(count).fill(null);

describe('lists that a peer attaches', () => {
  it('end the session where two values share one', async () => {
    const peer = open();
    const shared = functions(2);
    peer.post([
      [CALL, 1, take, places(2), 0, shared],
      [CALL, 3, take, places(2), 0, shared],
    ]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
  });

  it('end the session where many attachments share one long list of methods, or of a path', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `method${at}`);
    for (const attachments of [functions(2, names), indexes(2).map((index) => [names, 0, index, []])]) {
      const peer = open();
      peer.post([[CALL, 1, take, places(2), 0, attachments]]);
      expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    }
  });

  it('may look alike: each value has its own', async () => {
    const peer = open();
    peer.post([
      [CALL, 1, take, places(2), 0, functions(2, ['a', 'b'])],
      [CALL, 3, take, places(2), 0, functions(2, ['a', 'b'])],
    ]);
    expect(await peer.answer(3)).toEqual([RESULT, 3, 'taken 2']);
  });

  it('count once for each stream value that they are offered to', async () => {
    const peer = open();
    const ended = new Promise((resolve) => {
      peer.client.feed().subscribe({ error: resolve });
    });
    const [, id] = await peer.call();
    peer.post([[NEXT, id, Array.from({ length: 512 }, () => places(3)), functions(3)]]);
    expect(await ended).toMatchObject({ code: 'VALUE_TOO_LARGE', message: expect.stringContaining('attachments') });
    await peer.hear(([kind]) => kind === RELEASE);
    expect(peer.heard.filter(([kind]) => kind === RELEASE)).toEqual(indexes(3).map((index) => [RELEASE, index, 1]));
  });

  it('are given back where a message brings no stream value for them', async () => {
    const peer = open();
    peer.client.feed().subscribe({ error: () => undefined });
    const [, id] = await peer.call();
    peer.post([[NEXT, id, [], functions(3)]]);
    await peer.hear(([kind]) => kind === RELEASE);
    expect(peer.heard.filter(([kind]) => kind === RELEASE)).toEqual(indexes(3).map((index) => [RELEASE, index, 1]));
  });

  it('place one thing in one place', async () => {
    const peer = open();
    peer.post([[CALL, 1, take, null, 0, indexes(2).map((index) => [[], 0, index, []])]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
  });
});

describe('what comes and is not used', () => {
  const ofEachKind = (): unknown[] =>
    [0, 1, 2, 3, 4, 5].map((kind) => [[String(kind)], kind, 65_536 + kind, kind === 1 ? ['go'] : []]);

  it('is neither subscribed to nor given back', async () => {
    const seen: unknown[] = [];
    const peer = open(seen);
    peer.post([[CALL, 1, take, places(6), 0, ofEachKind()]]);
    await peer.answer(1);
    await turns(20);
    expect(peer.heard.filter(([kind]) => kind !== RESULT)).toEqual([[2, undefined]]);
    expect(seen).toHaveLength(1);
  });

  it.each<[string, (promise: Promise<unknown>) => unknown]>([
    ['await', async (promise) => void (await promise)],
    ['then', (promise) => promise.then(undefined, () => undefined)],
    ['catch', (promise) => promise.catch(() => undefined)],
    ['Promise.all', (promise) => Promise.all([promise, Promise.resolve()]).catch(() => undefined)],
    ['Promise.race', (promise) => Promise.race([promise, new Promise(() => undefined)]).catch(() => undefined)],
    ['Promise.resolve', (promise) => Promise.resolve(promise).catch(() => undefined)],
    ['an async function that returns it', (promise) => (async () => promise)().catch(() => undefined)],
  ])('is subscribed to, once, when a promise is used by %s', async (_, use) => {
    const seen: unknown[] = [];
    const peer = open(seen);
    peer.post([[CALL, 1, take, [null], 0, [[['0'], 4, 65_540, []]]]]);
    await peer.answer(1);
    const promise = (seen[0] as Promise<unknown>[])[0];
    if (promise === undefined) throw new Error('no promise came');
    expect(promise).toBeInstanceOf(Promise);
    const used = [use(promise), use(promise)];
    const [, id, index] = await peer.call();
    expect(index).toBe(65_540);
    peer.post([
      [NEXT, id, ['late']],
      [RESULT, id, undefined],
    ]);
    await Promise.all(used);
    expect(await promise).toBe('late');
    expect(peer.heard.filter(([kind]) => kind === CALL)).toHaveLength(1);
  });

  it('is given back together, where nobody waits for the answers that bring it', async () => {
    const peer = open();
    const controller = new AbortController();
    const asked = peer.client.ask(undefined, { signal: controller.signal });
    const [, id] = await peer.call();
    controller.abort();
    await asked.catch(() => undefined);
    peer.post(Array.from({ length: 100 }, () => [RESULT, id, places(3), functions(3)]));
    await peer.hear(([kind]) => kind === RELEASE);
    await turns(5);
    expect(peer.heard.filter(([kind]) => kind === RELEASE)).toEqual(indexes(3).map((index) => [RELEASE, index, 100]));
  });

  it('is given back where the value is refused', async () => {
    const peer = open();
    peer.post([[CALL, 1, take, [...places(3), JSON.parse('{"__proto__":1}')], 0, functions(3)]]);
    expect((await peer.answer(1)).slice(0, 3)).toEqual([FAILURE, 1, 'VALUE_UNSAFE']);
    await peer.hear(([kind]) => kind === RELEASE);
    await turns(5);
    expect(peer.heard.filter(([kind]) => kind === RELEASE)).toHaveLength(3);
  });
});

describe('lists of their own', () => {
  it('may have so many names and segments in one message, and no more', () => {
    const names = (count: number, of: number): string[] => Array.from({ length: count }, (_, at) => `${of}.${at}`);
    const attachments = (each: number): unknown[] =>
      indexes(64).map((index, at) => [names(each, at), 1, index, names(each, -at)]);
    expect(isOwnList(attachments(512), new Set())).toBe(true);
    expect(isOwnList(attachments(513), new Set())).toBe(false);
  });
});
