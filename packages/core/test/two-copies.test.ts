import { beforeAll, describe, expect, it, vi } from 'vitest';
import type * as Superjson from '../src/codec/superjson.ts';
import type * as Core from '../src/index.ts';
import type * as Trace from '../src/trace/trace.ts';
import type * as Pair from './fixtures/open-pair.ts';

/** One copy of core as a bundler may leave it in a page: its own classes, its own module state. */
interface Copy {
  readonly core: typeof Core;
  readonly pair: typeof Pair;
  readonly superjson: typeof Superjson;
  readonly trace: typeof Trace.trace;
}

async function loadCopy(): Promise<Copy> {
  vi.resetModules();
  return {
    core: await import('../src/index.ts'),
    pair: await import('./fixtures/open-pair.ts'),
    superjson: await import('../src/codec/superjson.ts'),
    trace: (await import('../src/trace/trace.ts')).trace,
  };
}

const copies: Record<string, Copy> = {};
const get = (name: string): Copy => copies[name] ?? expect.fail(`there is no copy ${name}`);

beforeAll(async () => {
  for (const name of ['first', 'second']) copies[name] = await loadCopy();
});

/** Whose value it is, and who is given it. */
const crossings = ['first', 'second'].flatMap((from) => ['first', 'second'].map((to) => [from, to] as const));

it('loads copies that have nothing in common', () => {
  expect(get('first').core.MuntinError).not.toBe(get('second').core.MuntinError);
  expect(get('first').core.byReference).not.toBe(get('second').core.byReference);
});

describe.each(crossings)('what the %s copy makes, given to the %s', (from, to) => {
  /** A contract and an echo of it, on the sessions of the receiving copy. */
  function open(serve: (input: unknown) => unknown = (input) => input) {
    const { contract, query, observable } = get(from).core;
    const shop = contract({
      name: 'test/shop',
      version: '1.0.0',
      guest: {
        echo: query<unknown, unknown>(),
        order: query({ errors: { outOfStock: get(from).core.type<{ left: number }>() } }),
        count: observable<number, number>(),
      },
    });
    const order = (): never => {
      throw new (get(from).core.MuntinError)('outOfStock', 'None left', { data: { left: 0 } });
    };
    const count = (length: number) => Array.from({ length }, (_, i) => i);
    const { host } = get(to).pair.openPair(shop, { guest: { echo: serve, order, count }, host: {} });
    return { shop, client: host.client };
  }

  it('is secret where it is marked, also for a trace', async () => {
    const { contract, mutation, secret, type } = get(from).core;
    const door = contract({
      name: 'test/door',
      version: '1.0.0',
      guest: { unlock: mutation({ input: secret(type<{ pin: string }>()), output: type<boolean>() }) },
    });
    const lines: string[] = [];
    const tracing = get(to).trace({ values: true, log: (line: string) => void lines.push(line) });
    const { host } = get(to).pair.openPair(door, { host: {}, guest: { unlock: () => true }, use: { host: [tracing] } });
    expect(await host.client.unlock({ pin: '1234' })).toBe(true);
    expect(lines.join()).toContain('unlock');
    expect(lines.join()).not.toContain('1234');
  });

  it('is an instance of MuntinError, also for isErrorOf', () => {
    const error = new (get(from).core.MuntinError)('outOfStock', 'None left', { data: { left: 0 } });
    expect(error).toBeInstanceOf(get(to).core.MuntinError);
    expect(get(to).core.isErrorOf({ errors: { outOfStock: get(to).core.type<{ left: number }>() } }, error)).toBe(true);
    expect(get(to).core.isErrorOf({ errors: {} }, error)).toBe(false);
  });

  it('answers with its declared error', async () => {
    const { shop, client } = open();
    const error: unknown = await client.order().catch((caught: unknown) => caught);
    expect(get(from).core.isErrorOf(shop.guest.order, error)).toBe(true);
    expect(error).toMatchObject({ code: 'outOfStock', data: { left: 0 } });
  });

  it('is passed by reference, and stays the same reference', async () => {
    const double = (n: number): number => n * 2;
    const reference = get(from).core.byReference(double);
    expect(get(to).core.byReference(double)).toBe(reference);
    expect(get(to).core.byReference(reference)).toBe(reference);
    const { client } = open();
    const back = (await client.echo(reference)) as (n: number) => Promise<number>;
    expect(await back(21)).toBe(42);
  });

  it('shows only the methods of an object that is passed by reference', async () => {
    class Counter {
      count = 0;
      up(by: number): number {
        return (this.count += by);
      }
    }
    const { client } = open((input) => (input as { up(by: number): Promise<number> }).up(2));
    expect(await client.echo(get(from).core.byReference(new Counter()))).toBe(2);
  });

  it('is released', async () => {
    const { client } = open(() => get(from).core.byReference(() => 1));
    const received = (await client.echo(1)) as () => Promise<number>;
    expect(await received()).toBe(1);
    get(from).core.release(received); // made by the receiving copy, released by the other
    await expect(received()).rejects.toMatchObject({ code: 'REFERENCE_RELEASED' });
  });

  it('is transferred', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const { client } = open();
    const back = await client.echo(get(from).core.transfer(bytes, [bytes.buffer]));
    expect(back).toEqual(new Uint8Array([1, 2, 3]));
    expect(bytes.byteLength).toBe(0);
  });

  it('is a hook around calls and streams, in and out', async () => {
    const { around, contract, isErrorOf, MuntinError, mutation, observable, query, type } = get(from).core;
    const shop = contract({
      name: 'test/shop',
      version: '1.0.0',
      guest: {
        echo: mutation<unknown, unknown>(),
        order: query({ errors: { outOfStock: type<{ left: number }>() } }),
        broken: query(),
        count: observable<number, number>(),
      },
    });
    const { host, guest } = get(to).pair.openPair(shop, {
      guest: {
        echo: (input) => input,
        order: () => {
          throw new MuntinError('outOfStock', 'None left', { data: { left: 0 } });
        },
        broken: () => {
          throw new TypeError('of the handler');
        },
        count: (length) => Array.from({ length }, (_, i) => i),
      },
      host: {},
      use: {
        host: [around({ outgoing: (_, next) => next() })],
        guest: [around({ incoming: (_, next) => next() })],
      },
    });
    expect(await host.client.echo(1)).toBe(1);
    const seen: number[] = [];
    await host.client.count(3).forEach((value) => void seen.push(value));
    expect(seen).toEqual([0, 1, 2]);
    const declared: unknown = await host.client.order().catch((caught: unknown) => caught);
    expect(isErrorOf(shop.guest.order, declared)).toBe(true);
    expect(await host.client.broken().catch((caught: unknown) => caught)).toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('of the handler') as unknown,
    });
    expect(guest.thrown).toEqual([expect.any(TypeError)]);
  });

  it('is a contract, a stream and a codec', async () => {
    const { client } = open();
    const shared = get(from).core.shareRemote(client.count(3));
    const seen: number[] = [];
    await shared.forEach((value) => void seen.push(value));
    expect(seen).toEqual([0, 1, 2]);

    const { contract, query } = get(from).core;
    const echo = contract({ name: 'test/echo', version: '1.0.0', guest: { echo: query<unknown, unknown>() } });
    const { host } = get(to).pair.openPair(echo, {
      guest: { echo: (input) => input },
      host: {},
      codec: get(from).superjson.superjsonCodec(),
    });
    const url = new URL('https://guest.example/');
    expect(await host.client.echo(url)).toEqual(url);
  });
});

describe('the brand of an error', () => {
  const brand = Symbol.for('muntin.error');

  it('does not cross: what a peer sends is never an error of ours', () => {
    const { MuntinError, isErrorOf, type } = get('first').core;
    const forged = Object.assign(new Error('forged'), { code: 'outOfStock', data: { left: 0 }, [brand]: true });
    const sent: readonly unknown[] = [forged, Object.assign({}, forged), new MuntinError('outOfStock', 'None left')];
    for (const arrived of structuredClone(sent)) {
      expect(arrived).not.toBeInstanceOf(MuntinError);
      expect(isErrorOf({ errors: { outOfStock: type<{ left: number }>() } }, arrived)).toBe(false);
    }
  });

  it.each([
    undefined,
    null,
    0,
    'text',
    {},
    new Error('another'),
    new Proxy({}, { get: () => expect.fail('touched') }),
    Object.create(null),
  ])('is not on anything else', (value) => {
    expect(value instanceof get('first').core.MuntinError).toBe(false);
  });

  it('leaves a subclass its own instances', () => {
    const { MuntinError } = get('first').core;
    class Own extends MuntinError<string> {}
    expect(new Own('a', 'b')).toBeInstanceOf(Own);
    expect(new Own('a', 'b')).toBeInstanceOf(MuntinError);
    expect(new MuntinError('INVALID_OPTION', 'b')).not.toBeInstanceOf(Own);
  });
});
