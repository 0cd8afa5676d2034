import { around, type Client, contract, type HandlerContext, mutation, query, type } from '@muntin/core';
import type { Shell } from '@muntin/guest';
import type { Mounted } from '@muntin/host';
import { expectTypeOf, test } from 'vitest';
import { fakeGuest, fakeHost, type TestMount, testMount } from '../src/index.ts';

const ticker = contract({
  name: 'test/ticker',
  version: '1.0.0',
  guest: { quote: query<string, number>() },
  host: { open: mutation<string, void>() },
  context: type<{ theme: string }>(),
});
const quiet = contract({ name: 'test/quiet', version: '1.0.0' });
const guest = { handlers: { quote: () => 1 } };
const host = { handlers: { open: () => undefined }, context: { theme: 'dark' } };
const signIn = around<{ user: string }>({ incoming: (_, next) => next({ context: { user: 'Ada' } }) });

test('both sides have the types that mount and expose have', () => {
  expectTypeOf(testMount<typeof ticker>).returns.toEqualTypeOf<TestMount<typeof ticker>>();
  expectTypeOf<TestMount<typeof ticker>['widget']>().toEqualTypeOf<Mounted<typeof ticker>>();
  expectTypeOf<TestMount<typeof ticker>['shell']>().toEqualTypeOf<Shell<typeof ticker>>();
  expectTypeOf<TestMount<typeof ticker>['shell']['host']>().toEqualTypeOf<Client<(typeof ticker)['host']>>();
  void [
    () => testMount(ticker, { guest, host }),
    () => testMount(quiet, { guest: {}, host: {} }),
    () => testMount(ticker, { guest: fakeGuest(ticker), host: fakeHost(ticker, { context: { theme: 'x' } }) }),
    () =>
      testMount(ticker, {
        host,
        guest: {
          use: [signIn],
          handlers: {
            quote: (symbol, context) => {
              expectTypeOf(symbol).toEqualTypeOf<string>();
              expectTypeOf(context).toExtend<HandlerContext>();
              expectTypeOf(context.user).toEqualTypeOf<string>();
              return 1;
            },
          },
        },
      }),
    () => testMount(ticker, { host, guest: (expose) => void expose(guest).host.open('/') }),
    // @ts-expect-error -- no context
    () => testMount(ticker, { guest, host: { handlers: host.handlers } }),
    // @ts-expect-error -- no handlers
    () => testMount(ticker, { guest: {}, host }),
    // @ts-expect-error -- the contract has a context
    () => fakeHost(ticker, {}),
    // @ts-expect-error -- a handler that answers something else
    () => fakeGuest(ticker, { handlers: { quote: () => 'x' } }),
  ];
});
