import { describe, expect, it } from 'vitest';
import { contract, type MuntinError, query } from '../../src/index.ts';
import { ABORT, CALL, CANCEL } from '../../src/link/messages.ts';
import { collectGarbage } from '../fixtures/collect-garbage.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { closeEnd, openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const c = contract({ name: 'test/unread', version: '1.0.0', guest: { give: query<unknown, unknown>() } });

interface Given {
  readonly parts: unknown[];
}

function open(give: (input: Given) => unknown, imports?: number): Pair<typeof c> {
  return openPair(c, {
    host: {},
    guest: { give: (input) => give(input as Given) },
    ...(imports === undefined ? {} : { limits: { guest: { imports } } }),
  });
}

const many = 200;
const signals = (count = many): AbortController[] => Array.from({ length: count }, () => new AbortController());
const input = (controllers: readonly AbortController[]): Given => ({ parts: controllers.map(({ signal }) => signal) });

/** How many places hold something that is not made yet; none of them is read. */
const unmade = (parts: readonly unknown[]): number =>
  Object.values(Object.getOwnPropertyDescriptors(parts)).filter((one) => one.get !== undefined).length;

describe('of many live parts that come in one turn', () => {
  it('a few are made at once, and each other one when it is read', async () => {
    const { host } = open(({ parts }) => {
      const before = unmade(parts);
      const [first, again] = [parts[150], parts[150]];
      return [before, unmade(parts), first instanceof AbortSignal, first === again, parts[151] === first];
    });
    expect(await host.client.give(input(signals()))).toEqual([many - 64, many - 65, true, true, false]);
    // Each turn begins anew.
    expect(await host.client.give(input(signals(64)))).toEqual([0, 0, false, true, true]);
  });

  it('one that has fired before it is read has fired, with its reason', async () => {
    const controllers = signals();
    const { host } = open(async ({ parts }) => {
      await until(() => parts[0] instanceof AbortSignal && parts[0].aborted);
      const last = parts[many - 1];
      return last instanceof AbortSignal && last.aborted && last.reason;
    });
    const answer = host.client.give(input(controllers));
    await turns();
    for (const controller of [...controllers].reverse()) controller.abort('enough');
    expect(await answer).toBe('enough');
  });

  it('one that fires when it has been read fires', async () => {
    const controllers = signals();
    const { host } = open(
      ({ parts }) =>
        new Promise((resolve) => {
          const last = parts[many - 1];
          if (last instanceof AbortSignal) last.addEventListener('abort', () => resolve(last.reason));
        }),
    );
    const answer = host.client.give(input(controllers));
    await turns();
    controllers.at(-1)?.abort('late');
    expect(await answer).toBe('late');
  });

  it('the same one in two places is one', async () => {
    const [controller] = signals(1);
    const { host } = open(({ parts }) => parts[10] instanceof AbortSignal && parts[100] === parts[many - 1]);
    expect(await host.client.give({ parts: Array.from({ length: many }, () => controller?.signal) })).toBe(true);
  });

  it('those that nobody reads are given back with their value', async () => {
    const { host } = open(({ parts }) => parts.length);
    const kept = signals();
    expect(await host.client.give(input(kept))).toBe(many);
    expect(host.session.references).toBe(many);
    await collectGarbage(() => host.session.references === 0);
    expect(host.session.references).toBe(0);
  });

  it('those that are read of a value that is kept are held', async () => {
    const all: unknown[] = [];
    const { host } = open(({ parts }) => all.push(parts, parts[many - 1]));
    await host.client.give(input(signals()));
    await collectGarbage(() => false, 5);
    expect(host.session.references).toBe(many);
    all.length = 0;
    await collectGarbage(() => host.session.references === 0);
    expect(host.session.references).toBe(0);
  });

  it('places can be written, and frozen', async () => {
    const { host } = open(({ parts }) => {
      parts[100] = 'mine';
      const frozen = Object.freeze(parts);
      return [parts[100], frozen[150] instanceof AbortSignal, frozen[150] === frozen[150]];
    });
    expect(await host.client.give(input(signals()))).toEqual(['mine', true, true]);
  });

  it('those that are read behind the end of the session have fired', async () => {
    let kept: readonly unknown[] = [];
    const { host, guest } = open(({ parts }) => {
      kept = parts;
    });
    await host.client.give(input(signals()));
    closeEnd(guest);
    const last = kept[many - 1];
    expect(last instanceof AbortSignal && last.aborted && (last.reason as MuntinError).code).toBe('UNMOUNTED');
  });

  it('one that fired while its call waited for a place has fired when the call runs', async () => {
    const kept: unknown[] = [];
    let release = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const peer = openHostileHost(c, {
      handlers: { give: (given) => (given === 'first' ? first : void kept.push(given)) },
      limits: { calls: 1 },
    });
    peer.post([[CALL, 1, 1, 'first', 0]]);
    peer.post([[CANCEL, 1]]); // it keeps its place until its handler has settled
    peer.post([[CALL, 3, 1, [null], 0, [[['0'], 5, 65_536, []]]]]);
    peer.post([[ABORT, 65_536, 'enough']]);
    await turns(5);
    expect(kept).toEqual([]);
    release();
    await until(() => kept.length > 0);
    const [[signal]] = kept as [[AbortSignal]];
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  });

  it.each([
    ['is too large', 'x'.repeat(2000)],
    ['has an own __proto__', JSON.parse('{"__proto__":1}') as unknown],
  ])('fire without their reason where that %s, read or not', async (_what, reason) => {
    const kept: unknown[] = [];
    const peer = openHostileHost(c, {
      handlers: { give: (given) => void kept.push(given) },
      limits: { valueChars: 1000 },
    });
    const indexes = Array.from({ length: 70 }, (_, at) => 65_536 + at);
    peer.post([[CALL, 1, 1, indexes.map(() => null), 0, indexes.map((index, at) => [[String(at)], 5, index, []])]]);
    peer.post([65_536, 65_605].map((index) => [ABORT, index, reason]));
    await until(() => kept.length > 0);
    await turns();
    const [parts] = kept as [AbortSignal[]];
    for (const part of [parts[0], parts[69]]) expect(part?.reason).toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(parts[1]?.aborted).toBe(false);
  });

  it('count as imports before they are made', async () => {
    const { host } = open(({ parts }) => parts.length, 150);
    expect(await rejection(host.client.give(input(signals())))).toMatchObject({ code: 'OVERLOADED' });
  });
});
