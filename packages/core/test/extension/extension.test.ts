import { describe, expect, it } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import {
  around,
  byReference,
  contract,
  event,
  extension,
  MuntinError,
  mutation,
  observable,
  optional,
  query,
} from '../../src/index.ts';
import { Caller, Endpoint, readLimits } from '../../src/internal.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

const desk = contract({
  name: 'test/desk',
  version: '1.0.0',
  guest: { echo: query<unknown, unknown>(), zoom: optional(mutation<number, number>()), spin: optional(query()) },
  host: {},
});
const toast = extension('acme/toast', {
  host: {
    show: mutation<string, number>(),
    said: event<string>(),
    many: observable<void, number>(),
    in: { deep: query<void, string>() },
  },
  guest: { clicked: query<number, string>() },
});
const bare = extension('bare', {});

describe('an extension', () => {
  function open() {
    const said: string[] = [];
    const hosts = toast.onHost(({ client }) => ({
      show: async (text, { peer }) => text.length + (await client.clicked(1)).length + peer.session.length,
      said: (text) => void said.push(text),
      many: () => [1, 2, 3],
      in: { deep: () => 'deep' },
    }));
    const guests = toast.onGuest({ clicked: (id) => `clicked ${id}` });
    const pair = openPair(desk, {
      host: {},
      guest: { echo: (x) => x, zoom: (x) => x },
      use: { host: [hosts, bare.onHost()], guest: [guests] },
    });
    return { pair, said, toasts: { host: hosts.of(pair.host), guest: guests.of(pair.guest) } };
  }

  it('calls both ways beside the contract: calls, streams, events and groups', async () => {
    const { pair, toasts, said } = open();
    expect(await toasts.guest.show('saved')).toBe('saved'.length + 'clicked 1'.length + 'test'.length);
    expect(await toasts.host.clicked(7)).toBe('clicked 7');
    expect(await toasts.guest.in.deep()).toBe('deep');
    const got: number[] = [];
    for await (const value of toasts.guest.many()) got.push(value);
    expect(got).toEqual([1, 2, 3]);
    for (let index = 0; index < 2000; index++) expect(toasts.guest.said(String(index))).toBeUndefined();
    await until(() => said.length === 2000);
    expect(said).toEqual(Array.from({ length: 2000 }, (_, index) => String(index)));
    expect(await pair.host.client.echo(1)).toBe(1);
  });

  it('and optional procedures can be asked for, from either side, before and after the session is open', async () => {
    const { pair } = open();
    expect(await pair.host.supports(toast)).toBe(true);
    expect(await pair.guest.supports(toast)).toBe(true);
    expect(await pair.guest.supports(bare)).toBe(true);
    expect(await pair.host.supports(bare)).toBe(false);
    expect(await pair.host.supports(desk.guest.zoom)).toBe(true);
    expect(await pair.host.supports(desk.guest.spin)).toBe(false);
    expect(await pair.host.supports(toast.guest.clicked)).toBe(true);
    expect(await rejection(pair.host.client.spin())).toMatchObject({ code: 'PROCEDURE_NOT_FOUND', mayHaveRun: false });
    expect(await rejection(pair.host.supports(query()))).toMatchObject({ code: 'INVALID_OPTION' });
    const caller = new Caller('host', readLimits());
    const endpoint = new Endpoint('host', caller, desk.guest, []);
    const asked = rejection(endpoint.supports(toast));
    caller.end(new MuntinError('UNMOUNTED', 'over'));
    expect(await asked).toMatchObject({ code: 'LINK_CLOSED' });
    expect(await rejection(endpoint.supports(toast))).toMatchObject({ code: 'LINK_CLOSED' });
  });

  it.each([
    ['a function of the client', (pair: ReturnType<typeof open>['pair']) => pair.host.client.echo],
    ['nothing', () => undefined],
    ['null', () => null],
    ['a name', () => 'echo'],
    ['an empty object', () => ({})],
    ['a path that is no text', () => ({ path: 5 })],
    ['a group', () => toast.host.in],
    ['a procedure of another contract', () => query()],
  ])('is not asked for with %s', async (_, make) => {
    const { pair } = open();
    expect(await rejection(pair.host.supports(make(pair) as never))).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('supports was given') as string,
    });
  });

  it('a procedure with two names is not asked for, for either may be missing', async () => {
    const twice = optional(query());
    const pair = openPair(contract({ name: 'a', version: '1.0.0', guest: { one: twice, two: twice } }), {
      host: {},
      guest: { two: () => undefined },
    });
    expect(await rejection(pair.host.supports(twice))).toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('is a PROCEDURE_NOT_FOUND where the other side has it not', async () => {
    const guests = toast.onGuest({ clicked: () => '' });
    const { guest } = openPair(desk, { host: {}, guest: { echo: (x) => x }, use: { guest: [guests] } });
    expect(await rejection(guests.of(guest).show('x'))).toMatchObject({ code: 'PROCEDURE_NOT_FOUND' });
    expect(guests.of(guest).said('x')).toBeUndefined();
  });

  it('is found through a proxy, and only where it is used', () => {
    const { pair } = open();
    const guests = toast.onGuest({ clicked: () => '' });
    expect(() => guests.of(pair.guest)).toThrow('"acme/toast" is not in "use"');
    expect(() => guests.of(undefined as never)).toThrow('is not in "use"');
    const hosts = toast.onHost({ show: () => 1, said: () => undefined, many: () => [], in: { deep: () => '' } });
    const { host } = openPair(desk, { host: {}, guest: { echo: (x) => x }, use: { host: [hosts] } });
    expect(hosts.of(new Proxy(host, {}))).toBe(hosts.of(host));
  });

  it.each([
    ['a name', () => extension('', {}), 'name'],
    ['a name', () => extension('a b', {}), 'name'],
    ['a path', () => extension('a', { host: { ['x'.repeat(255)]: query() } }), 'path'],
    ['a procedure', () => extension('a', { host: { toJSON: query() } }), 'toJSON'],
    ['a handler', () => use('host', toast.onHost({} as never)), 'handlers.show is missing'],
    ['the other side', () => use('host', toast.onGuest({ clicked: () => '' })), "the guest's side"],
    ['a procedure', () => extension('acme', { host: { 'toast/show': query() } }), 'has no "/" in its name'],
    [
      'a procedure by the name of another extension',
      () =>
        use(
          'host',
          toast.onHost({ show: () => 1, said: () => undefined, many: () => [], in: { deep: () => '' } }),
          extension('acme', { host: { toast: query() } }).onHost({ toast: () => undefined }),
        ),
      'rename one of the extensions',
    ],
    ['two of one', () => use('guest', bare.onGuest(), bare.onGuest()), 'twice'],
    ['anything else', () => use('guest', toast as never), 'use has object'],
    ['no list', () => new Endpoint('host', new Caller('host', readLimits()), {}, [], {} as never), 'give a list'],
    [
      'a reserved name in a contract',
      () => contract({ name: 'a', version: '1.0.0', guest: { '+a': query() } }),
      '"+a"',
    ],
  ])('refuses %s that is wrong', (_, make, message) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });
});

function use(side: 'host' | 'guest', ...list: readonly ReturnType<typeof bare.onHost>[]): Endpoint {
  return new Endpoint(side, new Caller(side, readLimits()), {}, [], list);
}

describe('what a contract says of its procedures', () => {
  it('has a time-out, which a call can replace, and a description', async () => {
    const slow = contract({
      name: 'test/slow',
      version: '1.0.0',
      guest: { wait: query<void, void>({ timeoutMs: 20, describe: 'Waits for ever.' }) },
    });
    const { host } = openPair(slow, { host: {}, guest: { wait: () => new Promise<never>(() => undefined) } });
    expect(slow.guest.wait).toMatchObject({ timeoutMs: 20, describe: 'Waits for ever.' });
    expect(await rejection(host.client.wait())).toMatchObject({ code: 'CALL_TIMED_OUT' });
    const longer = host.client.wait(undefined, { timeoutMs: 60_000 });
    const first = await Promise.race([longer, rejection(host.client.wait())]);
    expect(first).toMatchObject({ code: 'CALL_TIMED_OUT' });
    longer.catch(() => undefined);
  });

  it.each([0, -1, 2 ** 31, '5', null])('refuses the time-out %s', (timeoutMs) => {
    expect(() => query({ timeoutMs } as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});

describe('an event', () => {
  const news = contract({
    name: 'test/news',
    version: '1.0.0',
    guest: { told: event<unknown>(), heard: query<void, unknown[]>() },
  });

  it('whose handler fails tells its own side only, and stops no other', async () => {
    const heard: unknown[] = [];
    const pair = openPair(news, {
      host: {},
      guest: {
        told: async (x) => {
          heard.push(x);
          if (x === 1) throw new Error('no');
        },
        heard: () => heard,
      },
    });
    for (const x of [1, 2, 3]) pair.host.client.told(x);
    expect(await pair.host.client.heard()).toEqual([1, 2, 3]);
    await until(() => pair.guest.thrown.length === 1);
    expect([pair.host.ended, pair.guest.ended]).toEqual([undefined, undefined]);
  });

  it('keeps its place while its handler works, and no answer waits for it', async () => {
    let running = 0;
    const pair = openPair(news, {
      host: {},
      guest: {
        told: () => {
          running++;
          return new Promise<never>(() => undefined);
        },
        heard: () => [running],
      },
      limits: { guest: { calls: 3 } },
    });
    for (let index = 0; index < 10; index++) pair.host.client.told(index);
    await until(() => running === 3);
    const { promise } = { promise: pair.host.client.heard(undefined, { timeoutMs: 50 }) };
    expect(await rejection(promise)).toMatchObject({ code: 'CALL_TIMED_OUT' });
    expect(running).toBe(3);
  });

  it.each(['structured clone', 'superjson'] as const)('arrives, and the session stays, with %s', async (name) => {
    const told: unknown[] = [];
    const both = contract({
      name: 'test/news',
      version: '1.0.0',
      host: { up: event<unknown>() },
      guest: { down: event<unknown>(), ask: query() },
    });
    const pair = openPair(both, {
      host: { up: (x) => void told.push(x) },
      guest: { down: (x) => void told.push(x), ask: () => undefined },
      ...(name === 'superjson' ? { codec: superjsonCodec() } : {}),
    });
    const date = new Date(0);
    for (const value of [undefined, 1, { date }, byReference(() => 1)]) {
      pair.host.client.down(value);
      pair.guest.client.up(value);
    }
    await until(() => told.length === 8);
    await pair.host.client.ask();
    await turns();
    expect([pair.host.ended, pair.guest.ended]).toEqual([undefined, undefined]);
    expect(told.filter((value) => typeof value === 'function')).toHaveLength(2);
    expect(told).toEqual(expect.arrayContaining([undefined, 1, { date }]));
  });

  const refused: Readonly<Record<string, readonly [code: string, make: () => unknown]>> = {
    'what cannot be cloned': ['VALUE_NOT_CLONEABLE', () => Symbol('x')],
    'a live "then"': ['VALUE_NOT_CLONEABLE', () => ({ ['then' as string]: byReference(() => 1) })],
    'an own __proto__': ['VALUE_UNSAFE', () => JSON.parse('{"__proto__":1}') as unknown],
    'too much': ['VALUE_TOO_LARGE', () => Array.from({ length: 600_000 }, () => 0)],
    'what the schema refuses': ['INPUT_INVALID', () => 'wrong'],
  };
  it.each(Object.entries(refused))(
    'with %s is reported where it was sent, for nobody waits for it',
    async (_, [code, make]) => {
      const uncaught = collectUncaught();
      const input = {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) => (value === 'wrong' ? { issues: [{ message: 'wrong' }] } : { value }),
        },
      };
      const checked = contract({ name: 'test/news', version: '1.0.0', guest: { told: event({ input }) } });
      const pair = openPair(checked, { host: {}, guest: { told: () => undefined } });
      pair.host.client.told(make());
      await until(() => uncaught.length > 0);
      await turns();
      expect(uncaught).toEqual([expect.objectContaining({ code })]);
      expect([pair.host.ended, pair.guest.ended]).toEqual([undefined, undefined]);
    },
  );

  it('is handled in its turn, however long the check of the one before takes', async () => {
    let letGo = (): void => undefined;
    const promise = new Promise<void>((done) => {
      letGo = done;
    });
    const slow = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          value === 'slow'
            ? promise.then(() => ({ value }))
            : value === 'wrong'
              ? Promise.resolve({ issues: [{ message: 'wrong' }] })
              : { value },
      },
    };
    const checked = contract({
      name: 'test/news',
      version: '1.0.0',
      guest: { told: event({ input: slow }), ask: query() },
    });
    const heard: unknown[] = [];
    const pair = openPair(checked, { host: {}, guest: { told: (x) => void heard.push(x), ask: () => undefined } });
    const uncaught = collectUncaught();
    for (const x of ['a', 'slow', 'b', 'wrong', 'c']) pair.host.client.told(x);
    await pair.host.client.ask(); // calls do not wait for events
    await turns();
    expect(heard).toEqual(['a']);
    letGo();
    await until(() => heard.length === 4);
    expect(heard).toEqual(['a', 'slow', 'b', 'c']);
    pair.host.client.told('d');
    await until(() => heard.length === 5);
    await until(() => uncaught.length > 0);
    expect(uncaught).toEqual([expect.objectContaining({ code: 'INPUT_INVALID' })]);
    expect(pair.guest.ended).toBeUndefined();
  });

  it.each([[[]], [[around({ incoming: (_, next) => next() })]]])(
    'has a signal that fires once with the end of the session, and never before (%#)',
    async (hooks) => {
      const fired: unknown[] = [];
      let running = 0;
      const pair = openPair(news, {
        host: {},
        guest: {
          told: (x, { signal }) =>
            new Promise<void>((done) => {
              running++;
              signal.addEventListener('abort', () => {
                fired.push(x);
                done();
              });
            }),
          heard: () => fired,
        },
        use: { guest: hooks },
      });
      for (const x of [1, 2]) pair.host.client.told(x);
      await until(() => running === 2);
      expect(await pair.host.client.heard()).toEqual([]);
      pair.close();
      await turns();
      expect(fired).toEqual([1, 2]);
    },
  );
});
