import { describe, expect, it, onTestFinished } from 'vitest';
import { contract, mutation, observable, query, type Schema } from '../../src/index.ts';
import { CALL, FAILURE, LANE, NEXT, NOTE, PORT, RESULT } from '../../src/link/messages.ts';
import { type Hostile, openHostileGuest } from '../fixtures/hostile-peer.ts';
import { closeEnd, openEnd } from '../fixtures/open-pair.ts';
import { until } from '../fixtures/turns.ts';

function schema(validate: Schema<unknown>['~standard']['validate']): Schema<unknown> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

const anything = schema((value) => ({ value }));
const nothing = schema(() => ({ issues: [{ message: 'no' }] }));
const later = schema(async () => ({ issues: [{ message: 'no' }] }));

const door = contract({
  name: 'test/door',
  version: '1.0.0',
  host: {
    strict: mutation({ input: nothing, output: nothing }),
    later: mutation({ input: later, output: nothing }),
    keep: mutation<MessagePort, void>(),
    stay: mutation<MessagePort, void>(),
  },
  guest: {
    strict: query({ input: anything, output: nothing }),
    later: query({ input: anything, output: later }),
    list: observable({ input: anything, output: nothing }),
    soon: observable({ input: anything, output: later }),
  },
});

type Post = (make: (port: MessagePort, named: unknown[]) => unknown) => void;

/** Posts batches, each with a port of its own, and knows how many of those are closed. */
function openDoor(peer: Pick<Hostile<never>, 'post'>): { post: Post; closed: () => number } {
  let closed = 0;
  const ends: MessagePort[] = [];
  onTestFinished(() => {
    for (const end of ends) end.close();
  });
  return {
    post: (make) => {
      const { port1, port2 } = new MessageChannel();
      ends.push(port1);
      port1.addEventListener('close', () => closed++);
      port1.start();
      peer.post(make(port2, [[[], PORT, 0, []]]), [port2]);
    },
    closed: () => closed,
  };
}

function openHost(kept: MessagePort[] = []): Hostile<(typeof door)['guest']> {
  const handlers = {
    strict: () => 0,
    later: () => 0,
    keep: (port: MessagePort) => void kept.push(port),
    stay: () => new Promise<void>(() => undefined),
  };
  return openHostileGuest(door, handlers, { valueNodes: 10, calls: 4, batchesPerSecond: 50 });
}

const large = Array.from({ length: 50 }, () => 0);

describe('a port that a peer sends', () => {
  it('belongs to the handler that gets it', async () => {
    const kept: MessagePort[] = [];
    const peer = openHost(kept);
    const { post, closed } = openDoor(peer);
    // The goodbye ends the session in the same batch.
    post((port, named) => [
      [CALL, 2, 3, port, 0, named],
      [4, 'pagehide'],
    ]);
    await until(() => peer.ended !== undefined);
    const { port1, port2 } = new MessageChannel();
    kept[0]?.postMessage('still open', [port1]);
    port2.close();
    expect(kept).toHaveLength(1);
    expect(closed()).toBe(0);
    kept[0]?.close();
    await until(() => closed() === 1);
  });

  it.each<[string, (port: MessagePort, named: unknown[]) => unknown]>([
    ['an input that its schema refuses', (port, named) => [[CALL, 2, 1, port, 0, named]]],
    ['an input that its schema refuses later', (port, named) => [[CALL, 2, 2, port, 0, named]]],
    ['an input that is too large', (port, named) => [[CALL, 2, 3, [port, large], 0, named]]],
    ['a call of what is not served', (port, named) => [[CALL, 2, 77, port, 0, named]]],
    ['a call of a reference that nobody gave', (port, named) => [[CALL, 2, 70_000, port, 0, named]]],
    ['a subscription to what is no stream', (port, named) => [[CALL, 2, 3, port, 1, named]]],
    ['a call with the id of the other side', (port, named) => [[CALL, 3, 3, port, 0, named]]],
    ['a value whose attachments are wrong', (port, named) => [[CALL, 2, 3, { port }, 0, [...named, 'wrong']]]],
    ['an answer to what was never asked', (port, named) => [[RESULT, 99, port, named]]],
    ['a message of a wrong shape', (port, named) => [[CALL, -1, 3, port, 0, named]]],
    ['a message behind one of a wrong shape', (port, named) => [['wrong'], [CALL, 2, 3, port, 0, named]]],
    [
      'a message behind a goodbye',
      (port, named) => [
        [4, 'pagehide'],
        [CALL, 2, 3, port, 0, named],
      ],
    ],
    [
      'a list that two messages share',
      (port, named) => [
        [CALL, 2, 1, port, 0, named],
        [CALL, 4, 1, 1, 0, named],
      ],
    ],
    ['a failure', (port, named) => [[FAILURE, 1, 'NO', 'no', [port, named]]]],
    ['a lane', (port, named) => [[LANE, 'db', port, named]]],
    ['a note', (port, named) => [[NOTE, 0, port, 0, named]]],
    ['no batch', (port, named) => ({ port, named })],
  ])('is closed when it comes with %s', async (_, make) => {
    const { post, closed } = openDoor(openHost());
    post(make);
    await until(() => closed() > 0);
    expect(closed()).toBe(1);
  });

  it('is closed when it comes with a call that is one too many', async () => {
    const peer = openHost();
    const { post, closed } = openDoor(peer);
    for (let id = 2; id <= 10; id += 2) post((port, named) => [[CALL, id, 4, port, 0, named]]);
    await until(() => closed() === 1);
    expect(peer.ended?.code).toBe('LIMIT_EXCEEDED');
  });

  it('is closed when it comes too often', async () => {
    const peer = openHost();
    for (let batch = 0; batch < 49; batch++) peer.post([]); // and the ready
    const { post, closed } = openDoor(peer);
    post((port, named) => [[CALL, 2, 4, port, 0, named]]);
    await until(() => closed() === 1);
    expect(peer.ended?.message).toContain('batchesPerSecond');
  });

  it('is closed when it comes before the ready', async () => {
    const { port1, port2 } = new MessageChannel();
    const end = openEnd({ side: 'host', port: port1, calls: door.guest, served: [] });
    onTestFinished(() => {
      closeEnd(end);
      port2.close();
    });
    const { post, closed } = openDoor({ post: (batch, transfer = []) => port2.postMessage(batch, transfer) });
    post((port, named) => [[CALL, 2, 4, port, 0, named]]);
    await until(() => closed() === 1);
    expect(end.ended?.message).toContain('its ready');
  });

  it.each<[string, number, (port: MessagePort, named: unknown[], id: unknown) => unknown]>([
    ['an answer that its schema refuses', 1, (port, named, id) => [[RESULT, id, port, named]]],
    ['an answer that its schema refuses later', 2, (port, named, id) => [[RESULT, id, port, named]]],
    ['the end of a stream', 3, (port, named, id) => [[RESULT, id, port, named]]],
    ['a stream value that its schema refuses', 3, (port, named, id) => [[NEXT, id, [port], named]]],
    ['a stream value that its schema refuses later', 4, (port, named, id) => [[NEXT, id, [port], named]]],
    ['stream values beyond their credit', 3, (port, named, id) => [[NEXT, id, [port, 1, 1, 1, 1], named]]],
    ['an answer to a call', 1, (port, named, id) => [[NEXT, id, [port], named]]],
  ])('is closed when it comes with %s', async (_, which, make) => {
    const peer = openHost();
    const { client } = peer;
    const quiet = (): undefined => undefined;
    if (which === 1) client.strict(null).catch(quiet);
    else if (which === 2) client.later(null).catch(quiet);
    else (which === 3 ? client.list : client.soon)(null, { window: 4 }).subscribe({ error: quiet });
    const [, id] = await peer.call();
    const { post, closed } = openDoor(peer);
    post((port, named) => make(port, named, id));
    await until(() => closed() > 0);
    expect(closed()).toBe(1);
  });

  it('is not looked for in lists without end', async () => {
    const kept: MessagePort[] = [];
    const peer = openHost(kept);
    // Messages can share one list; it is read once for each.
    const list = Array.from({ length: 65_536 }, () => 0);
    const { post, closed } = openDoor(peer);
    post((port, named) => [...Array.from({ length: 17 }, () => [RESULT, 2, 0, list]), [CALL, 2, 3, port, 0, named]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    await until(() => closed() === 1);
    expect(peer.ended?.message).toContain('does not name');
  });
});
