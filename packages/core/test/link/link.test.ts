import { describe, expect, it } from 'vitest';
import { contract, mutation, observable, query } from '../../src/index.ts';
import { CALL, NEXT, READY, RESULT } from '../../src/link/messages.ts';
import { openHostileGuest, openHostileHost } from '../fixtures/hostile-peer.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const log = contract({
  name: 'test/log',
  version: '1.0.0',
  guest: { write: mutation<number, number>(), echo: query<unknown, unknown>(), list: observable<number, number>() },
  host: { write: mutation<number, number>(), echo: query<unknown, unknown>() },
});

function open(seen: number[] = []): Pair<typeof log> {
  const write = (entry: number): number => seen.push(entry);
  const echo = (value: unknown): unknown => value;
  return openPair(log, {
    guest: { write, echo, list: (most) => Array.from({ length: most }, (_, index) => index) },
    host: { write, echo },
  });
}

function holes(length: number): unknown[] {
  const array: unknown[] = [];
  array.length = length;
  return array;
}

describe('a link', () => {
  it('sends what one turn posts as one batch, both ways', async () => {
    const { host, guest } = open();
    await Promise.all([host.client.echo(0), guest.client.echo(0)]);
    const before = [host.session.stats.batchesSent, guest.session.stats.batchesSent];
    await Promise.all(Array.from({ length: 300 }, (_, index) => host.client.write(index)));
    expect([host.session.stats.batchesSent, guest.session.stats.batchesSent]).toEqual(
      before.map((count) => (count ?? 0) + 1),
    );
  });

  it('sends what two turns post as two batches', async () => {
    const { host } = open();
    await host.client.echo(0);
    const before = host.session.stats.batchesSent;
    const first = host.client.write(1);
    await turns(1);
    await Promise.all([first, host.client.write(2)]);
    expect(host.session.stats.batchesSent - before).toBe(2);
  });

  it.each([
    [2047, [2047]],
    [2048, [2048]],
    [2049, [2048, 1]],
    [4096, [2048, 2048]],
  ])('cuts a burst of %i into batches of 2,048', async (calls, sizes) => {
    const peer = openHostileGuest(log, { write: () => 0, echo: () => 0 }, undefined, 4096);
    const batches: number[] = [];
    await turns(); // what the session says first has a batch of its own
    peer.port.addEventListener('message', ({ data }: MessageEvent<unknown[][]>) => {
      const size = data.filter(([kind]) => kind === CALL).length;
      if (size > 0) batches.push(size);
    });
    for (let index = 0; index < calls; index++) void peer.client.write(index).catch(() => undefined);
    await until(() => batches.reduce((sum, size) => sum + size, 0) === calls);
    expect(batches).toEqual(sizes);
  });

  it('keeps calls in their order, in one turn and over many', async () => {
    const seen: number[] = [];
    const { host } = open(seen);
    const answers: Promise<number>[] = [];
    for (let index = 0; index < 3000; index++) {
      answers.push(host.client.write(index));
      if (index % 700 === 0) await turns(1);
    }
    await Promise.all(answers);
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, index) => index));
  });

  it('puts the stream values of one turn into few messages', async () => {
    const peer = openHostileHost(log, { handlers: { write: () => 0, echo: () => 0, list: () => [1, 2, 3, 4, 5] } });
    peer.post([[CALL, 1, 3, 5, 100]]);
    await peer.answer(1);
    expect(peer.heard.filter(([kind]) => kind === NEXT || kind === RESULT)).toEqual(
      expect.arrayContaining([[NEXT, 1, expect.arrayContaining([1])]]),
    );
    expect(peer.heard.filter(([kind]) => kind === NEXT).flatMap(([, , values]) => values)).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts messages and batches of both directions', async () => {
    const { host, guest } = open();
    await Promise.all([host.client.write(1), host.client.write(2)]);
    // Each side's greeting travels alone.
    expect(host.session.stats).toEqual({ sent: 3, received: 3, batchesSent: 2, batchesReceived: 2 });
    expect(guest.session.stats).toEqual({ sent: 3, received: 3, batchesSent: 2, batchesReceived: 2 });
  });

  it('dispatches nothing while it is held, and everything in order when it is released', async () => {
    const seen: number[] = [];
    const { host, guest } = open(seen);
    await host.client.echo(0);
    guest.session.hold();
    const answers = [1, 2, 3].map((entry) => host.client.write(entry));
    await turns();
    const more = host.client.write(4);
    await turns();
    expect(seen).toEqual([]);
    guest.session.release();
    await Promise.all([...answers, more]);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('lets a peer that is held queue no more than 65,536 messages', async () => {
    const peer = openHostileGuest(log, { write: () => 0, echo: () => 0 });
    await turns();
    peer.session.hold();
    for (let batch = 0; batch < 17; batch++) peer.post(Array.from({ length: 4096 }, () => [RESULT, 1, 0]));
    expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
  });

  it('goes on from slice to slice until a long batch is done, and lets timers run between', async () => {
    const seen: number[] = [];
    const order: string[] = [];
    const slow = (entry: number): number => {
      const end = performance.now() + 0.2;
      while (performance.now() < end);
      order.push(`write ${entry}`);
      return seen.push(entry);
    };
    const { host, guest } = openPair(log, {
      guest: { write: slow, echo: (value) => value, list: () => [] },
      host: { write: (entry) => entry, echo: (value) => value },
    });
    await guest.client.echo(0);
    setTimeout(() => order.push('timer'), 15);
    await Promise.all(Array.from({ length: 500 }, (_, index) => host.client.write(index)));
    expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(order.indexOf('timer')).toBeLessThan(500);
  });

  it('sends what was collected, then goodbye, before it closes', async () => {
    const peer = openHostileGuest(log, { write: () => 0, echo: () => 0 });
    await turns();
    const last = rejection(peer.client.write(7));
    const { closeEnd } = await import('../fixtures/open-pair.ts');
    closeEnd(peer);
    expect(await peer.goodbye()).toBe('closed');
    expect(peer.heard.at(-2)?.slice(0, 4)).toEqual([CALL, 1, 1, 7]);
    expect(await last).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
  });

  it('reads nothing after it was closed', async () => {
    const ran: number[] = [];
    const peer = openHostileHost(log, {
      handlers: { write: (entry) => ran.push(entry), echo: () => 0, list: () => [] },
    });
    peer.post([[CALL, 1, 1, 1, 0], 'not a message', [CALL, 3, 1, 2, 0]]);
    peer.post([[CALL, 5, 1, 3, 0]]);
    await peer.goodbye();
    await turns();
    expect(ran).toEqual([1]);
  });

  it('closes ports that nobody asked for, and ends the peer that sent them', async () => {
    const peer = openHostileHost(log);
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise((resolve) => {
      port1.addEventListener('close', resolve);
      port1.start();
    });
    peer.post([], [port2]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    await closed;
  });

  it.each([
    ['a batch', holes(2 ** 32 - 1)],
    ['a message', [holes(2 ** 32 - 1)]],
    ['attachments', [[CALL, 1, 1, 1, 0, holes(2 ** 32 - 1)]]],
  ])('counts the ports of %s without end at once', async (_, batch) => {
    const peer = openHostileHost(log);
    const { port1, port2 } = new MessageChannel();
    const start = performance.now();
    peer.post(batch, [port2]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(performance.now() - start).toBeLessThan(2000);
    port1.close();
  });

  it('breaks when a message cannot be deserialised', async () => {
    const peer = openHostileHost(log);
    peer.session.receive(undefined);
    expect(peer.ended?.code).toBe('PROTOCOL_VIOLATION');
  });

  it('ends a peer that sends more batches per second than it may', async () => {
    const peer = openHostileHost(log, { limits: { batchesPerSecond: 5 } });
    for (let batch = 0; batch < 5; batch++) peer.post([[RESULT, 0, 0]].slice(1));
    await turns();
    expect(peer.ended).toBeUndefined();
    for (let batch = 0; batch < 5; batch++) peer.post([]);
    expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
    expect(peer.ended?.message).toContain('batchesPerSecond');
  });

  it('lets a peer send again when a second has passed', async () => {
    const peer = openHostileHost(log, { limits: { batchesPerSecond: 20 } });
    for (let batch = 0; batch < 20; batch++) peer.post([]);
    await turns(100);
    for (let batch = 0; batch < 3; batch++) peer.post([]);
    await turns();
    expect(peer.ended).toBeUndefined();
  });

  it('takes a batch at the limit and refuses a larger one', async () => {
    const peer = openHostileHost(log, { limits: { messagesPerBatch: 2048, calls: 9999 } });
    const calls = (count: number, from: number) =>
      Array.from({ length: count }, (_, at) => [CALL, from + 2 * at, 0, undefined, 0]);
    peer.post(calls(2048, 1));
    expect(await peer.answer(4095)).toBeDefined();
    peer.post(calls(2049, 4097));
    expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
  });

  it('reads nothing of a guest before its ready', async () => {
    const ran: number[] = [];
    const { port1, port2 } = new MessageChannel();
    const { openEnd } = await import('../fixtures/open-pair.ts');
    const { pairHandlers } = await import('../../src/internal.ts');
    const served = pairHandlers(log.host, { write: (entry: number) => ran.push(entry), echo: () => 0 });
    const end = openEnd({ side: 'host', port: port1, calls: log.guest, served });
    port2.postMessage([
      [CALL, 2, 1, 1, 0],
      [READY, undefined],
    ]);
    await until(() => end.ended !== undefined);
    expect(end.ended?.code).toBe('PROTOCOL_VIOLATION');
    expect(ran).toEqual([]);
    port2.close();
  });
});
