import { contract, event, isErrorOf, MuntinError, mutation, observable, optional, query, type } from '@muntin/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeGuest, fakeHost, type TestMount, testMount } from '../src/index.ts';

const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: {
    total: query<void, number>(),
    items: { list: observable<void, string>(), add: mutation<string, number>() },
  },
  host: {
    pay: mutation({ input: type<number>(), output: type<string>(), errors: { declined: type<string>() } }),
    log: event<string>(),
    print: optional(mutation<void, void>()),
  },
  context: type<{ locale: string }>(),
});
const context = { locale: 'en' };

function start(options: Parameters<typeof testMount<typeof shop>>[1]): TestMount<typeof shop> {
  const test = testMount(shop, options);
  onTestFinished(() => test.unmount());
  return test;
}

describe('fakeHost', () => {
  it('writes down what the guest calls, and answers as it is told', async () => {
    const host = fakeHost(shop, { handlers: { pay: (amount) => `paid ${amount}` }, context });
    const test = start({ guest: { handlers: fakeGuest(shop).handlers }, host });
    await test.widget.ready;
    expect(await test.shell.host.pay(5)).toBe('paid 5');
    test.shell.host.log('hello');
    await test.flush();
    expect(host.calls.map(({ path, input }) => ({ path, input }))).toEqual([
      { path: 'pay', input: 5 },
      { path: 'log', input: 'hello' },
    ]);
    expect(host.calls[0]?.context.peer.origin).toBe('https://guest.test');
    expect(test.shell.context).toEqual(context);
  });

  it('says which handler is missing, and leaves optional ones out', async () => {
    const thrown: unknown[] = [];
    const host = { ...fakeHost(shop, { context }), onHandlerError: (error: unknown) => void thrown.push(error) };
    const test = start({ guest: fakeGuest(shop), host });
    await test.widget.ready;
    await expect(test.shell.host.pay(1)).rejects.toThrow('the fake host has no handler for "pay"');
    expect(thrown).toHaveLength(1);
    expect(await test.shell.supports(shop.host.print)).toBe(false);
  });

  it('fails as a test wants it to', async () => {
    const host = fakeHost(shop, {
      context,
      handlers: {
        pay: () => {
          throw new MuntinError('declined', 'No money', { data: 'try later' });
        },
      },
    });
    const test = start({ guest: fakeGuest(shop), host });
    await test.widget.ready;
    const error: unknown = await test.shell.host.pay(1).catch((cause: unknown) => cause);
    expect(isErrorOf(shop.host.pay, error) && error.data).toBe('try later');
  });
});

describe('fakeGuest', () => {
  it('answers the host, also in groups and with streams', async () => {
    const guest = fakeGuest(shop, { handlers: { total: () => 3, items: { list: () => ['a', 'b'] } } });
    const test = start({ guest, host: fakeHost(shop, { context }) });
    expect(await test.widget.guest.total()).toBe(3);
    const items: string[] = [];
    for await (const item of test.widget.guest.items.list()) items.push(item);
    expect(items).toEqual(['a', 'b']);
    await expect(test.widget.guest.items.add('c')).rejects.toThrow('the fake guest has no handler for "items.add"');
    expect(guest.calls.map(({ path }) => path)).toEqual(['total', 'items.list', 'items.add']);
  });
});

it('refuses handlers that serve nothing', () => {
  expect(() => fakeHost(shop, { context, handlers: { pya: () => 'x' } } as never)).toThrow('handlers.pya serves no');
  expect(() => fakeGuest(shop, { handlers: { items: { add: 'x' } } } as never)).toThrow('handlers.items.add is "x"');
  expect(() => fakeGuest(shop, { handler: {} } as never)).toThrow('fakeGuest has no option "handler"');
});

it('finds handlers as a mount does', async () => {
  const odd = contract({
    name: 'test/odd',
    version: '1.0.0',
    guest: { 'a.b': query<void, string>(), toString: query<void, string>(), group: { who: query<void, string>() } },
  });
  class Group {
    readonly #name = 'the group';
    who(): string {
      return this.#name;
    }
  }
  const guest = fakeGuest(odd, { handlers: { 'a.b': () => 'dotted', group: new Group() } });
  const test = testMount(odd, { guest, host: {} });
  onTestFinished(() => test.unmount());
  expect(await test.widget.guest['a.b']()).toBe('dotted');
  expect(await test.widget.guest.group.who()).toBe('the group');
  await expect(test.widget.guest.toString()).rejects.toThrow('the fake guest has no handler for "toString"');
});
