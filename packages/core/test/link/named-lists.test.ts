import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { exposeLane } from '../../src/comlink/entry.ts';
import { isHello } from '../../src/handshake/messages.ts';
import { contract, observable, query, type Remote } from '../../src/index.ts';
import { CALL, FAILURE, LANE, NEXT, RELEASE, RESULT } from '../../src/link/messages.ts';
import { openHostileGuest } from '../fixtures/hostile-peer.ts';
import { rejection, turns } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

// Structured clone keeps what an array has under names, so that every method of a peer's list can be hidden by a value that is none.
const methods = Object.getOwnPropertyNames(Array.prototype).filter((name) => !['length', 'constructor'].includes(name));
const hiding = Object.fromEntries(methods.map((name) => [name, 'mine']));
const list = (...items: readonly unknown[]): unknown[] => Object.assign([...items], hiding);

const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: { echo: query<unknown, unknown>() },
  host: { use: query<{ readonly tell: Remote<() => number> }, string>(), echo: query<unknown, unknown>() },
});

describe('a list of the peer that hides the methods of every list', () => {
  it.each<[string, () => unknown]>([
    ['is a batch', () => list([RELEASE, 65_540, 1])],
    ['is a message', () => [list(RELEASE, 65_540, 1)]],
    ['is a message with ports', () => [list(CALL, 2, 2, null, 0, [[[], 6, 0, []]])]],
    ['is a list of attachments', () => [[CALL, 2, 1, { tell: null }, 0, list([['tell'], 0, 65_536, []])]]],
    ['is an attachment', () => [[CALL, 2, 1, { tell: null }, 0, [list(['tell'], 0, 65_536, [])]]]],
    ['is a path', () => [[CALL, 2, 1, { tell: null }, 0, [[list('tell'), 0, 65_536, []]]]]],
    ['is a list of methods', () => [[CALL, 2, 1, { tell: null }, 0, [[['tell'], 1, 65_536, list('call')]]]]],
    ['is a list of stream values', () => [[NEXT, 1, list(1, 2)]]],
    ['is an input', () => [[CALL, 2, 2, list(1, [2]), 0]]],
    ['is an answer', () => [[RESULT, 1, list(1, list(2))]]],
    ['are the ports of a lane', () => [[LANE, 'db', { id: '1', type: 'GET' }, list([0, 'db/guest1'])]]],
    [
      'are the arguments of a lane',
      () => [[LANE, 'db', { id: '1', type: 'APPLY', argumentList: list({ type: 'RAW' }) }, []]],
    ],
    [
      'is the path of a lane',
      () => [[LANE, 'db', { id: '1', type: 'APPLY', path: list('add'), argumentList: [] }, []]],
    ],
  ])('%s: nothing is thrown that nobody caught', async (_what, batch) => {
    const uncaught = collectUncaught();
    const peer = openHostileGuest(shop, {
      use: async ({ tell }) => String(await Promise.race([tell?.(), turns(1)])),
      echo: (value) => value,
    });
    exposeLane({ 'muntin.lanes': () => peer.lanes }, 'db', { add: () => undefined });
    void peer.client.echo(0).catch(() => undefined);
    await turns();
    const { port1 } = new MessageChannel();
    for (const transfer of [[], [port1]]) {
      peer.post(batch(), transfer);
      await turns();
    }
    expect(uncaught).toEqual([]);
  });

  const plain = observable<number, number>();
  const more = v.pipe(
    v.number(),
    v.transform((n) => n + 1),
  );
  const checked = observable({ input: v.number(), output: more });
  it.each<[string, typeof plain, unknown[], number[], string | undefined]>([
    ['as they are', plain, [1, 2], [1, 2], undefined],
    ['where one is refused', plain, [1, JSON.parse('{"__proto__":1}')], [], 'VALUE_UNSAFE'],
    ['through a schema', checked, [1, 2], [2, 3], undefined],
    ['through a schema that refuses one', checked, [1, 'x'], [2], 'OUTPUT_INVALID'],
    [
      'to go on behind the last',
      observable<number, number>({ resumable: (_from, last) => last }),
      [1, 2],
      [1, 2],
      undefined,
    ],
  ])('brings the values of a stream, %s', async (_how, feed, sent, expected, code) => {
    const uncaught = collectUncaught();
    const peer = openHostileGuest(contract({ name: 'test/feed', version: '1.0.0', guest: { feed }, host: {} }), {});
    const seen: unknown[] = [];
    let failed: unknown;
    peer.client.feed(0).subscribe({ next: (value) => seen.push(value), error: (error) => (failed = error) });
    await turns();
    peer.post([[NEXT, 1, list(...sent)]]);
    await turns();
    expect([seen, (failed as { code?: string } | undefined)?.code]).toEqual([expected, code]);
    expect(uncaught).toEqual([]);
  });

  it('says what a schema of the peer refuses', async () => {
    const peer = openHostileGuest(shop, { use: () => '', echo: (value) => value });
    const answer = rejection(peer.client.echo(0));
    await turns();
    peer.post([[FAILURE, 1, 'INPUT_INVALID', 'no', list({ message: 'too short', path: list('name', 0) })]]);
    expect(await answer).toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('name.0: too short'),
    });
  });

  it('is refused in a hello, where its items are read', () => {
    const hello = {
      muntin: 'hello',
      nonce: 'a'.repeat(21),
      versions: [1],
      contract: { name: 'test/shop', version: '1.0.0' },
      serves: ['', 'echo'],
      calls: 1024,
      codecs: ['structured-clone'],
    };
    expect(isHello(hello)).toBe(true);
    for (const name of ['versions', 'serves', 'codecs'] as const)
      expect(isHello({ ...hello, [name]: list(...hello[name]) })).toBe(false);
  });
});
