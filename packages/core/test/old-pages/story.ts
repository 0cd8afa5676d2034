import * as Comlink from 'comlink';
import { Observable } from 'rxjs';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import { exposeLane, wrap } from '../../src/comlink/entry.ts';
import { byReference, contract, observable, query, transfer } from '../../src/index.ts';
import { closeEnd, openPair } from '../fixtures/open-pair.ts';

const any = query<unknown, unknown>();
/** Synchronous, and by hand: what is tested here is no library's. */
const even = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) =>
      typeof value === 'number' && value % 2 === 0 ? { value } : { issues: [{ message: 'not even', path: ['n'] }] },
  },
} as const;

const shop = contract({
  name: 'test/old',
  version: '1.0.0',
  host: { echo: any },
  guest: {
    echo: any,
    fail: any,
    even: query({ input: even as never, output: even as never }),
    later: query<number, number>(),
    isPort: any,
    count: observable<number, number>(),
    lend: query<unknown, unknown>(),
    nested: { deep: { echo: any } },
  },
});

const values: readonly unknown[] = [
  1,
  'text',
  null,
  undefined,
  [1, [2, [3]]],
  { a: { b: [1, 2] }, c: 'd' },
  new Map<unknown, unknown>([
    ['a', 1],
    [{ k: 1 }, new Set([1, 2])],
  ]),
  new Uint8Array([1, 2, 3]),
  new Date(0),
  { value: undefined, code: 1 },
];

/** A client without its types: what crosses here is of every kind. */
type Loose = Readonly<
  Record<
    'echo' | 'fail' | 'even' | 'later' | 'isPort' | 'lend',
    (given?: unknown, options?: unknown) => Promise<unknown>
  >
> & {
  readonly count: (most: number) => Observable<number> & AsyncIterable<number>;
  readonly nested: { readonly deep: Pick<Loose, 'echo'> };
};

/** A whole session, and what came of it. Values are compared by the caller, once the page is as it was. */
export async function playSession(withCodec: boolean): Promise<readonly (readonly [what: string, seen: unknown])[]> {
  const seen: (readonly [string, unknown])[] = [];
  const { host, guest } = openPair(shop, {
    codec: withCodec ? superjsonCodec() : undefined,
    host: { echo: (value: unknown) => value },
    guest: {
      echo: (value: unknown) => value,
      fail: () => {
        throw new TypeError('broken');
      },
      even: (n: unknown) => n,
      isPort: (port: unknown) => {
        if (!(port instanceof MessagePort)) return false;
        port.close();
        return true;
      },
      later: async (ms: number) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return ms;
      },
      count: (most: number) =>
        new Observable<number>((subscriber) => {
          for (let n = 0; n < most; n++) subscriber.next(n);
          subscriber.complete();
        }),
      lend: (given: unknown) => {
        const { callback } = given as { readonly callback: (n: number) => Promise<number> };
        return { call: byReference((n: number) => callback(n)), promise: Promise.resolve('kept'), more: [1, { x: 2 }] };
      },
      nested: { deep: { echo: (value: unknown) => value } },
    },
  } as never);
  const client = host.client as never as Loose;
  const settle = async (what: string, promise: PromiseLike<unknown>): Promise<void> => {
    try {
      seen.push([what, await promise]);
    } catch (error) {
      // Its own: a page may have given every object one.
      const { code } = Object.getOwnPropertyDescriptors(error as { readonly code?: string });
      seen.push([what, `${code?.value}: ${(error as Error).message}`]);
    }
  };
  for (let index = 0; index < values.length; index++) await settle(`echo ${index}`, client.echo(values[index]));
  await settle('echo of the guest', (guest.client as never as Loose).echo([1, { a: 1 }]));
  await settle('nested', client.nested.deep.echo('deep'));
  await settle('fail', client.fail());
  await settle('even', client.even(2));
  await settle('odd', client.even(3));
  await settle('later', client.later(5));
  await settle('too late', client.later(5000, { timeoutMs: 20 }));
  await settle('of nobody', client.echo({ method() {} }));
  const numbers: number[] = [];
  await settle(
    'stream',
    new Promise((resolve, reject) =>
      client.count(300).subscribe({
        next: (n) => void numbers.push(n),
        error: reject,
        complete: () => resolve(numbers.length),
      }),
    ),
  );
  const pulled: number[] = [];
  for await (const n of client.count(20)) pulled.push(n);
  seen.push(['pulled', pulled.length]);
  const lent = (await client.lend({ callback: byReference((n: number) => n * 2) })) as {
    readonly call: (n: number) => Promise<number>;
    readonly promise: Promise<string>;
    readonly more: unknown;
  };
  await settle('callback', lent.call(21));
  await settle('promise', lent.promise);
  seen.push(['more', lent.more]);
  const { port1, port2 } = new MessageChannel();
  await settle('port', client.isPort(transfer(port1, [port1])));
  port2.close();
  exposeLane({ 'muntin.lanes': () => guest.lanes }, 'db', {
    add: (a: number, b: number) => a + b,
    each: async (list: number[], callback: (n: number) => Promise<number>) => {
      const made: number[] = [];
      for (let index = 0; index < list.length; index++) made.push(await callback(list[index] ?? 0));
      return made;
    },
  });
  const api = wrap<{
    add(a: number, b: number): number;
    each(list: number[], callback: unknown): number[];
    hidden(): void;
  }>({ 'muntin.lanes': () => host.lanes }, 'db');
  await settle('lane', api.add(1, 2));
  await settle(
    'lane with a callback',
    api.each(
      [1, 2],
      Comlink.proxy((n: number) => n * 10),
    ),
  );
  await settle('lane refused', api.hidden());
  host.setContext({ theme: 'dark', list: [1] });
  await settle('after the context', client.echo(1));
  seen.push(['contexts', guest.contexts.length]);
  const pending = client.later(60_000);
  closeEnd(host);
  await settle('pending', pending);
  seen.push(['ended', [host.ended?.code, host.thrown.length]]);
  closeEnd(guest);
  return seen;
}
