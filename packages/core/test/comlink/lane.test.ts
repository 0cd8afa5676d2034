import * as Comlink from 'comlink';
import { describe, expect, it } from 'vitest';
import { exposeLane, type LaneHolder, wrap } from '../../src/comlink/entry.ts';
import { contract, MuntinError } from '../../src/index.ts';
import type { Lanes } from '../../src/internal.ts';
import { watchChannels } from '../fixtures/channels.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

const empty = contract({ name: 'test/lane', version: '1.0.0' });

/** What a mount is for lanes. */
const holder = (lanes: Lanes): LaneHolder => ({ 'muntin.lanes': () => lanes });

function open(): { host: LaneHolder; guest: LaneHolder; close: () => void } {
  const pair = openPair(empty, { host: {}, guest: {} });
  return {
    host: holder(pair.host.lanes),
    guest: holder(pair.guest.lanes),
    close: () => pair.host.lanes.detach(new MuntinError('UNMOUNTED', 'over'), true),
  };
}

class Api {
  count = 0;
  nested = { secret: () => 'secret' };
  add(by: number): number {
    this.count += by;
    return this.count;
  }
  async each(list: number[], callback: (n: number) => Promise<number>): Promise<number[]> {
    return Promise.all(list.map((n) => callback(n)));
  }
  make(): object {
    return Comlink.proxy(new Api());
  }
  size(buffer: ArrayBuffer): number {
    return buffer.byteLength;
  }
}

/** What an attacker takes the peer's proxy for. */
interface Attacked {
  new (): PromiseLike<unknown>;
  count: PromiseLike<unknown>;
  nested: { secret(): PromiseLike<unknown> };
  constructor: ((code: string) => PromiseLike<unknown>) & {
    readonly constructor: (code: string) => PromiseLike<unknown>;
  };
  toString(): PromiseLike<unknown> & string;
  [Comlink.createEndpoint](): PromiseLike<unknown>;
  make(): Promise<Attacked>;
}

describe('a lane', () => {
  it('serves Comlink as its users know it', async () => {
    const { host, guest } = open();
    exposeLane(guest, 'db', new Api());
    const api = wrap<Api>(host, 'db');
    expect(await api.add(2)).toBe(2);
    expect(await api.add(3)).toBe(5);
    expect(
      await api.each(
        [1, 2],
        Comlink.proxy(async (n: number) => n * 10),
      ),
    ).toEqual([10, 20]);
    const buffer = new ArrayBuffer(64);
    expect(await api.size(Comlink.transfer(buffer, [buffer]))).toBe(64);
    expect(buffer.byteLength).toBe(0);
    const made = (await api.make()) as unknown as Comlink.Remote<Api>;
    expect(await made.add(7)).toBe(7);
    made[Comlink.releaseProxy]();
  });

  it('refuses everything but calls of methods, with an answer', async () => {
    const { host, guest } = open();
    exposeLane(guest, 'db', new Api());
    const api = wrap<Attacked>(host, 'db') as unknown as Attacked;
    const refused = (attempt: () => PromiseLike<unknown>): Promise<string> =>
      Promise.resolve()
        .then(attempt)
        .then(
          () => 'was not refused',
          (error: unknown) => String(error),
        );
    expect(await refused(() => api.count)).toContain('properties cannot be read');
    expect(await refused(() => api.nested.secret())).toContain('no property paths');
    expect(await refused(() => api.constructor('return 1'))).toContain('is not a method');
    expect(await refused(() => api.toString())).toContain('is not a method');
    expect(await refused(() => new api())).toContain('CONSTRUCT is not allowed');
    expect(await refused(() => api[Comlink.createEndpoint]())).toContain('ENDPOINT is not allowed');
    const made = await api.make();
    expect(await refused(() => made.constructor.constructor('return 1'))).toContain('no property paths');
    expect(await refused(() => made.nested.secret())).toContain('no property paths');
  });

  it('rejects what is pending, and what comes later, when the session ends', async () => {
    const { host, guest, close } = open();
    exposeLane(guest, 'db', { never: () => new Promise(() => undefined) });
    const api = wrap<{ never(): Promise<void> }>(host, 'db');
    const pending = api.never();
    await new Promise((resolve) => setTimeout(resolve, 20));
    close();
    await expect(pending).rejects.toThrow('over');
    await expect(api.never()).rejects.toThrow('over');
  });

  it('rejects nothing that nobody listens to, when a proxy in the place of a number is counted with', async () => {
    const uncaught = collectUncaught();
    const { host, guest } = open();
    const failed: unknown[] = [];
    class Careless {
      count = 0;
      add(by: number): number {
        try {
          return (this.count += by);
        } catch (error) {
          failed.push(error);
          return Number.NaN;
        }
      }
      join(list: readonly string[]): string {
        try {
          return [...list].join() + String(list);
        } catch (error) {
          failed.push(error);
          return '';
        }
      }
    }
    exposeLane(guest, 'db', new Careless());
    const api = wrap<{ add(by: unknown): number; join(list: unknown): string }>(host, 'db');
    await api.add(Comlink.proxy(() => 1) as unknown);
    await api.join(Comlink.proxy(() => ['a']) as unknown);
    expect(failed).toHaveLength(2);
    await turns(5);
    expect(uncaught).toEqual([]);
  });

  it('closes the port of a callback that is not sent any more', async () => {
    const { host, close } = open();
    const opened = watchChannels();
    const api = wrap<Api>(host, 'db');
    await turns();
    close();
    const callback = Comlink.proxy(async (n: number) => n);
    await expect(api.each([1], callback)).rejects.toThrow('over');
    await until(() => opened.every(({ isClosed }) => isClosed));
    expect(opened).toHaveLength(1);
  });

  it('constructs, reads and narrows where its options say so', async () => {
    const { host, guest } = open();
    exposeLane(guest, 'db', Api, { construct: true, properties: ['count'], methods: ['add'] });
    const RemoteApi = wrap<typeof Api>(host, 'db');
    const api = await new RemoteApi();
    expect(await api.add(1)).toBe(1);
    expect(await api.count).toBe(1);
    await expect(api.make()).rejects.toThrow('not one of the lane');
  });
});
