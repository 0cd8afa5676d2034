import * as Comlink from 'comlink';
import { describe, expect, it } from 'vitest';
import { exposeLane, type LaneHolder, wrap } from '../../src/comlink/entry.ts';
import { contract, type Limits, MuntinError, query, transfer } from '../../src/index.ts';
import { type Lanes, readLimits } from '../../src/internal.ts';
import { LANE } from '../../src/link/messages.ts';
import { WaitingLanes } from '../../src/reference/waiting-lanes.ts';
import { openHostileGuest, openHostileHost } from '../fixtures/hostile-peer.ts';
import { closeEnd, type End, openEnd, openPair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';
import { bring } from './attacks.ts';

const any = query<unknown, unknown>();
const shop = contract({ name: 'test/lanes', version: '1.0.0', host: { take: any }, guest: { take: any } });
const take = { take: () => null };
const holder = ({ lanes }: { readonly lanes: Lanes }): LaneHolder => ({ 'muntin.lanes': () => lanes });

function open(limits: Partial<Limits> = {}): { host: End<typeof shop.guest>; guest: End<typeof shop.host> } {
  return openPair(shop, { host: take, guest: take, limits: { host: limits, guest: limits } });
}

const call = (id: string, path = 'go', more: object = {}): readonly unknown[] => [
  LANE,
  'db',
  { id, type: 'APPLY', path: [path], argumentList: [], ...more },
  [],
];

describe('a call over a lane settles', () => {
  it.each([
    ['nodes', () => Array.from({ length: 300 }, () => 0)],
    ['characters', () => 'x'.repeat(2000)],
    ['bytes', () => new ArrayBuffer(2000)],
  ])('when its answer has too many %s', async (_what, make) => {
    const { host, guest } = open({ valueNodes: 200, valueChars: 1000, valueBytes: 1000 });
    exposeLane(holder(guest), 'db', { large: make, small: () => 1 });
    const api = wrap<{ large(): unknown; small(): number }>(holder(host), 'db');
    expect(await rejection(Promise.resolve(api.large()))).toMatchObject({
      message: expect.stringContaining('over the limit'),
    });
    expect(await api.small()).toBe(1);
  });

  it('when its arguments are too large', async () => {
    const { host, guest } = open({ valueChars: 1000 });
    exposeLane(holder(guest), 'db', { take: () => 1 });
    const api = wrap<{ take(text: string): number }>(holder(host), 'db');
    await expect(api.take('x'.repeat(2000))).rejects.toThrow('over the limit `valueChars`');
    expect(await api.take('x')).toBe(1);
  });

  it('when its answer or its arguments cannot be cloned', async () => {
    const { host, guest } = open();
    exposeLane(holder(guest), 'db', { odd: () => ({ method() {} }), take: () => 1 });
    const api = wrap<{ odd(): unknown; take(given: unknown): number }>(holder(host), 'db');
    await expect(api.odd()).rejects.toThrow('Unserializable');
    await expect(api.take(() => 1)).rejects.toThrow('could not be cloned');
  });

  it('when the session ends, and so does each later one of a callback that came with it', async () => {
    const { host, guest } = open();
    const kept: ((n: number) => Promise<number>)[] = [];
    exposeLane(holder(guest), 'db', { keep: (callback: (n: number) => Promise<number>) => void kept.push(callback) });
    const api = wrap<{ keep(callback: unknown): void }>(holder(host), 'db');
    await api.keep(Comlink.proxy((n: number) => (n === 0 ? new Promise<number>(() => undefined) : n)) as unknown);
    const [callback] = kept;
    if (callback === undefined) throw new Error('no callback came');
    expect(await callback(1)).toBe(1);
    const pending = rejection(callback(0));
    await turns();
    closeEnd(host);
    expect(await pending).toMatchObject({ name: 'MuntinError' });
    await expect(callback(1)).rejects.toThrow('The peer said goodbye');
  });
});

describe('errors over a lane', () => {
  it('keep their name and message, and nothing else, in either direction', async () => {
    const { host, guest } = open();
    const thrown = Object.assign(new RangeError('too far'), { secret: 1 });
    exposeLane(holder(guest), 'db', {
      fail: () => {
        throw thrown;
      },
      async pass(callback: () => Promise<void>) {
        return await callback().catch((error: Error) => [error.name, error.message, String(error.stack)]);
      },
    });
    const api = wrap<{ fail(): void; pass(callback: unknown): Promise<string[]> }>(holder(host), 'db');
    const error = (await rejection(Promise.resolve(api.fail()))) as Error;
    expect([error.name, error.message]).toEqual(['RangeError', 'too far']);
    expect(Object.keys(error)).toEqual(['name']);
    expect(error.stack).not.toContain('fail');
    const failing = (): void => {
      throw new TypeError('mine');
    };
    const [name, message, stack] = await api.pass(Comlink.proxy(failing) as unknown);
    expect([name, message]).toEqual(['TypeError', 'mine']);
    expect(stack).not.toContain('failing');
  });

  it('that are no errors cross as they are', async () => {
    const { host, guest } = open();
    exposeLane(holder(guest), 'db', { fail: () => Promise.reject({ quota: 0 }) }); // oxlint-disable-line prefer-promise-reject-errors -- what is tested
    expect(await rejection(wrap<{ fail(): Promise<void> }>(holder(host), 'db').fail())).toEqual({ quota: 0 });
  });
});

describe('what runs over lanes', () => {
  it('is no more than `calls` at once: the caller queues the others', async () => {
    const { host, guest } = open({ calls: 8 });
    let [running, most] = [0, 0];
    exposeLane(holder(guest), 'db', {
      async work() {
        most = Math.max(most, ++running);
        await turns(1);
        running--;
      },
    });
    const api = wrap<{ work(): Promise<void> }>(holder(host), 'db');
    await Promise.all(Array.from({ length: 100 }, () => api.work()));
    expect(most).toBe(8);
  });

  it('is no more than `calls` for a peer that does not queue, also when it gives its lanes back', async () => {
    let running = 0;
    const peer = openHostileGuest(shop, take, { calls: 8 });
    const never = (): Promise<void> => (running++, new Promise<void>(() => undefined));
    exposeLane(holder(peer), 'db', { make: () => Comlink.proxy({ never }), never });
    for (let round = 0; round < 5; round++) {
      peer.post([call(`make ${round}`, 'make')]);
      await turns(2);
      const lanes = peer.heard.flatMap(([kind, , , slots]) => (kind === LANE ? (slots as [number, string][]) : []));
      for (const [, lane] of lanes.slice(round))
        peer.post([
          ...Array.from({ length: 4 }, (_, n) => [
            LANE,
            lane,
            { id: `${round} ${n}`, type: 'APPLY', path: ['never'], argumentList: [] },
            [],
          ]),
          [LANE, lane, { id: `release ${round}`, type: 'RELEASE' }, []],
        ]);
    }
    await turns(5);
    expect(running).toBe(8);
    expect(JSON.stringify(peer.heard)).toContain('the limit `calls`');
    expect(peer.ended).toBeUndefined();
  });

  it('is no more than `calls` over sessions: what the last guest has begun counts until it ends', async () => {
    const { port1, port2 } = new MessageChannel();
    let running = 0;
    const peer = openHostileGuest(shop, take, { calls: 4 });
    exposeLane(holder(peer), 'db', { never: () => (running++, new Promise<void>(() => undefined)) });
    peer.post(Array.from({ length: 4 }, (_, n) => call(`${n}`, 'never')));
    await until(() => running === 4);
    peer.session.close(new MuntinError('PEER_RELOADED', 'gone'));
    peer.lanes.detach(new MuntinError('PEER_RELOADED', 'gone'), false);
    const heard: unknown[] = [];
    peer.lanes.attach({ post: (message) => void heard.push(message), violate: () => undefined }, 4);
    const [, path, data] = call('again', 'never');
    expect(peer.lanes.handler?.receive({ path: String(path), data, ports: [], over: undefined, bytes: 8 })).toBe(true);
    expect(JSON.stringify(heard)).toContain('the limit `calls`');
    port1.close();
    port2.close();
  });
});

/** The same value each time. */
function shared<T>(make: () => T): () => T {
  const value = make();
  return () => value;
}

describe('what waits for a lane that nobody has opened', () => {
  it.each([true, false])(
    'is no more than the calls that the peer may have, with another lane: %s',
    async (isOpened) => {
      const peer = openHostileGuest(shop, take, { calls: 100 });
      if (isOpened) exposeLane(holder(peer), 'other', { go: () => 1 });
      peer.post(Array.from({ length: 100 }, (_, n) => call(`${n}`)));
      await turns(5);
      expect(peer.ended).toBeUndefined();
      peer.post([call('one more')]);
      await until(() => peer.ended !== undefined);
      expect(peer.ended?.code).toBe('PROTOCOL_VIOLATION');
    },
  );

  it.each([
    ['bytes', () => new ArrayBuffer(2 ** 22)],
    ['characters', () => 'x'.repeat(2 ** 21)],
    ['bytes of a value that messages share', shared(() => 'x'.repeat(2 ** 21))],
  ])('is bounded in %s: what is too much is answered, with another lane or without one', async (_what, make) => {
    for (const isOpened of [true, false]) {
      const peer = openHostileGuest(shop, take);
      const holding = holder(peer);
      if (isOpened) exposeLane(holding, 'other', { go: () => 1 });
      let ran = 0;
      peer.post(
        Array.from({ length: 6 }, (_, n) => call(`<${n}>`, 'go', { argumentList: [{ type: 'RAW', value: make() }] })),
      );
      await turns(5);
      exposeLane(holding, 'db', { go: () => ++ran });
      const answers = (): unknown[] => peer.heard.filter(([kind]) => kind === LANE);
      await until(() => answers().length === 6);
      expect(ran).toBeLessThan(4);
      expect(answers().filter((answer) => JSON.stringify(answer).includes('throw'))).toHaveLength(6 - ran);
      peer.post([call('after')]);
      await until(() => answers().length === 7);
      expect(ran).toBeLessThan(5);
      expect(peer.ended).toBeUndefined();
    }
  });

  it('keeps of more than 16 MiB only who is to be told', () => {
    const waiting = new WaitingLanes(readLimits());
    const message = (at: number) => {
      const data = { id: `${at}`, type: 'APPLY', path: ['go'], argumentList: ['x'.repeat(9)] };
      return { path: 'db', data, ports: [], over: undefined, bytes: 2 ** 22 };
    };
    for (let at = 0; at < 6; at++) expect(waiting.receive(message(at))).toBe(true);
    expect(waiting.kept.map(({ data, over }) => [Object.keys(data as object).length, over])).toEqual([
      ...Array.from({ length: 4 }, () => [4, undefined]),
      ...Array.from({ length: 2 }, () => [2, 'waitingBytes']),
    ]);
  });

  it('never ends the session of an honest peer, however many calls it makes of a lane that is not there', async () => {
    const { host, guest } = open();
    exposeLane(holder(guest), 'other', { go: () => 1 });
    const wrong = wrap<{ add(text: string): number }>(holder(host), 'bd');
    const many = Array.from({ length: 3000 }, () => rejection(Promise.resolve(wrong.add('x'.repeat(20_000)))));
    await turns(5);
    expect(await wrap<{ go(): number }>(holder(host), 'other').go()).toBe(1);
    closeEnd(host);
    await Promise.all(many);
  });

  it('is heard in order once it is opened', async () => {
    const { host, guest } = open();
    const api = wrap<{ add(n: number): number }>(holder(host), 'db');
    const answers = [1, 2, 3].map((n) => api.add(n));
    await turns();
    let sum = 0;
    exposeLane(holder(guest), 'db', { add: (n: number) => (sum = sum * 10 + n) });
    expect(await Promise.all(answers)).toEqual([1, 12, 123]);
  });
});

describe('a lane that is given back', () => {
  it('by one document serves the next', async () => {
    const peer = openHostileGuest(shop, take);
    const holding = holder(peer);
    exposeLane(holding, 'db', { go: () => 'served' });
    peer.post([[LANE, 'db', { id: 'r', type: 'RELEASE' }, []], call('after')]);
    await until(() => JSON.stringify(peer.heard).includes('served'));
    peer.session.close(new MuntinError('PEER_RELOADED', 'gone'));
    peer.lanes.detach(new MuntinError('PEER_RELOADED', 'gone'), false);
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port2.onmessage = ({ data }) => void heard.push(data);
    const next = openEnd({ side: 'host', port: port1, calls: shop.guest, served: [] });
    next.lanes.detach(new MuntinError('PEER_RELOADED', 'its own are not used'), true);
    peer.lanes.attach({ post: (message) => port1.postMessage([message]), violate: () => undefined }, 4);
    const [, path, data] = call('next');
    expect(peer.lanes.handler?.receive({ path: String(path), data, ports: [], over: undefined, bytes: 8 })).toBe(true);
    await until(() => JSON.stringify(heard).includes('served'));
    closeEnd(next);
    port2.close();
  });

  it('by its own page can be wrapped again', async () => {
    const { host, guest } = open();
    exposeLane(holder(guest), 'db', { go: () => 1 });
    const first = wrap<{ go(): number }>(holder(host), 'db');
    expect(await first.go()).toBe(1);
    first[Comlink.releaseProxy]();
    await turns();
    expect(await wrap<{ go(): number }>(holder(host), 'db').go()).toBe(1);
  });

  it('runs the finalizer of what it served, once all calls have ended', async () => {
    const { host, guest } = open();
    const events: string[] = [];
    let finish = (): void => undefined;
    class Cursor {
      async next(): Promise<number> {
        await new Promise<void>((resolve) => (finish = resolve));
        events.push('answered');
        return 1;
      }
      [Comlink.finalizer](): void {
        events.push('finalized');
      }
    }
    exposeLane(holder(guest), 'db', { open: () => Comlink.proxy(new Cursor()) });
    const api = wrap<{ open(): Promise<Comlink.Remote<Cursor>> }>(holder(host), 'db');
    const cursor = await api.open();
    void cursor.next();
    await turns();
    cursor[Comlink.releaseProxy]();
    await turns();
    expect(events).toEqual([]);
    finish();
    await until(() => events.length === 2);
    expect(events).toEqual(['answered', 'finalized']);
  });

  it('ends when what ends it is called', async () => {
    const { host, guest } = open();
    const stop = exposeLane(holder(guest), 'db', { go: () => 1 });
    const api = wrap<{ go(): number }>(holder(host), 'db');
    expect(await api.go()).toBe(1);
    stop();
    await expect(api.go()).rejects.toThrow('the lane "db" is not served any more');
    exposeLane(holder(guest), 'db', { go: () => 2 });
    expect(await api.go()).toBe(2);
    stop(); // it has ended what it served, and nothing else
    expect(await api.go()).toBe(2);
  });
});

describe('ports', () => {
  it('cross in calls of procedures beside lanes, and never over them', async () => {
    const uncaught = collectUncaught();
    const got: unknown[] = [];
    const { host, guest } = openPair(shop, { host: take, guest: { take: (port) => (got.push(port), null) } });
    exposeLane(holder(guest), 'db', { add: (n: number) => n + 1, take: () => 1 });
    const api = wrap<{ add(n: number): number; take(port: MessagePort): number }>(holder(host), 'db');
    await api.add(0);
    const { port1, port2 } = new MessageChannel();
    const { port1: other } = new MessageChannel();
    const answers = [
      api.add(1),
      host.client.take(transfer(port1, [port1])),
      api.add(2),
      host.client.take(transfer(other, [other])),
      api.add(3),
    ];
    expect(await Promise.all(answers)).toEqual([2, null, 3, null, 4]);
    expect(got.every((port) => port instanceof MessagePort)).toBe(true);
    await expect(api.take(Comlink.transfer(port2, [port2]))).rejects.toThrow('cannot cross a lane');
    for (const port of got) (port as MessagePort).close();
    other.close();
    expect(uncaught).toEqual([]);
  });

  it.each([true, false])(
    'in one batch with a message of a lane end the session, whoever they belong to',
    async (isFirst) => {
      const peer = openHostileHost(shop, { handlers: take });
      exposeLane(holder(peer), 'db', { go: () => 1 });
      const { port1 } = new MessageChannel();
      const messages = [call('x', 'go', { argumentList: [{ type: 'RAW', value: { port1 } }] }), ...bring([port1], 1)];
      peer.post(isFirst ? messages : messages.reverse(), [port1]);
      await until(() => peer.ended !== undefined);
      expect(peer.ended?.code).toBe('PROTOCOL_VIOLATION');
    },
  );
});

describe('an option of a lane', () => {
  it.each([
    ['a name with a slash', (at: LaneHolder) => exposeLane(at, 'a/b', {}), 'a/b'],
    ['no name', (at: LaneHolder) => wrap(at, ''), '""'],
    ['an unknown option', (at: LaneHolder) => wrap(at, 'db', { method: [] } as never), 'method'],
    ['a method that is not there', (at: LaneHolder) => exposeLane(at, 'db', { go: 1 }, { methods: ['go'] }), 'go'],
    ['what is no object', (at: LaneHolder) => exposeLane(at, 'db', null as never), 'serves null'],
    ['a number', (at: LaneHolder) => exposeLane(at, 'db', 5 as never), 'serves 5'],
    ['a method twice', (at: LaneHolder) => exposeLane(at, 'db', { go() {} }, { methods: ['go', 'go'] }), 'twice'],
    [
      'a method that is a property, too',
      (at: LaneHolder) => exposeLane(at, 'db', { go() {} }, { methods: ['go'], properties: ['go'] }),
      'twice',
    ],
    [
      'a name that is none',
      (at: LaneHolder) => exposeLane(at, 'db', {}, { properties: [5 as never] }),
      'properties has 5',
    ],
    [
      'a name that is taken',
      (at: LaneHolder) => {
        exposeLane(at, 'db', {});
        exposeLane(at, 'db', {});
      },
      'served already',
    ],
  ])('is refused at once: %s', (_what, make, said) => {
    const { host } = open();
    expect(() => make(holder(host))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(said) }),
    );
  });

  it.each(['toString', 'call', 'apply', 'bind', 'then', 'constructor', 'prototype'])(
    'does not name the method %s, which could never be called',
    (name) => {
      const { host } = open();
      const api = Object.assign(() => 1, { [name === 'prototype' ? 'x' : name]: () => 1 });
      for (const list of ['methods', 'properties'])
        expect(() => exposeLane(holder(host), 'db', api, { [list]: [name] })).toThrow(
          expect.objectContaining({
            code: 'INVALID_OPTION',
            message: expect.stringContaining('every object or function'),
          }),
        );
    },
  );

  it.each([
    ['null', {}],
    ['a method twice', { methods: ['go', 'go'] }],
    ['an object that cannot be read', {}],
  ])('that is refused takes no name: %s', async (what, options) => {
    const { host, guest } = open();
    const unreadable = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    const api = what === 'null' ? null : what === 'a method twice' ? { go() {} } : unreadable;
    expect(() => exposeLane(holder(guest), 'db', api as never, options as never)).toThrow(Error);
    exposeLane(holder(guest), 'db', { go: () => 1 });
    expect(await wrap<{ go(): number }>(holder(host), 'db').go()).toBe(1);
  });

  it('closes a lane for proxies, in both directions', async () => {
    const { host, guest } = open();
    exposeLane(holder(guest), 'db', { take: () => 1, give: () => Comlink.proxy({}) }, { proxies: false });
    exposeLane(holder(guest), 'open', { give: () => Comlink.proxy({}) });
    const api = wrap<{ take(given: unknown): number; give(): unknown }>(holder(host), 'db');
    await expect(api.take(Comlink.proxy(() => 1))).rejects.toThrow('proxies are not allowed');
    const strict = wrap<{ give(): unknown }>(holder(host), 'open', { proxies: false });
    await expect(strict.give()).rejects.toThrow('proxies are not allowed');
  });
});
