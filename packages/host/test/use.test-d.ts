import { around, contract, type HandlerContext, mutation, query, type Use } from '@muntin/core';
import { expectTypeOf, test } from 'vitest';
import { attach, mount, mountWorker, open } from '../src/index.ts';

interface User {
  readonly name: string;
}
const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: { total: query<void, number>() },
  host: { pay: mutation<number, string>(), cart: { size: query<void, number>() } },
});
declare const into: Element;
declare const frame: HTMLIFrameElement;
declare const several: readonly Use<{ user: User }>[];
const signIn = around<{ user: User }>({ incoming: (_, next) => next({ context: { user: { name: 'Ada' } } }) });
const logging = around<{ log: (line: string) => void }>({
  incoming: (_, next) => next({ context: { log: () => undefined } }),
});
const timing = around({ incoming: (_, next) => next() });
const common = { url: 'https://guest.example', into, title: 'Guest' };

test('what a hook adds to the context is in the types of the handlers, whatever the shape of the guest', () => {
  const handlers = {
    pay: (amount: number, { user }: HandlerContext & { readonly user: User }) => `${user.name} ${amount}`,
    cart: { size: () => 1 },
  };
  void [
    () =>
      mount(shop, {
        ...common,
        use: [timing, signIn, logging],
        handlers: {
          pay: (amount, { user, log, signal, peer }) => {
            expectTypeOf(amount).toEqualTypeOf<number>();
            expectTypeOf(user).toEqualTypeOf<User>();
            expectTypeOf(log).toEqualTypeOf<(line: string) => void>();
            expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
            expectTypeOf(peer.origin).toEqualTypeOf<string>();
            return user.name;
          },
          cart: { size: (_, { user }) => user.name.length },
        },
      }),
    () => open(shop, { url: 'https://guest.example', use: [signIn], handlers }),
    () => attach(shop, { frame, origin: 'https://guest.example', use: [signIn], handlers }),
    () => mountWorker(shop, { worker: () => new Worker('w.js'), use: [signIn], handlers }),
  ];
});

test('what no hook adds is not there', () => {
  void [
    () =>
      mount(shop, {
        ...common,
        use: [timing],
        handlers: {
          // @ts-expect-error -- nothing adds a user
          pay: (amount, { user }) => `${String(user)}${amount}`,
          cart: { size: () => 1 },
        },
      }),
    () =>
      mount(shop, {
        ...common,
        handlers: {
          pay: (_, context) => {
            expectTypeOf(context).toEqualTypeOf<HandlerContext>();
            return '';
          },
          cart: { size: () => 1 },
        },
      }),
    () =>
      mount(shop, {
        ...common,
        use: several,
        handlers: {
          // @ts-expect-error -- a list of any length may be empty
          pay: (amount, { user }) => `${String(user)}${amount}`,
          cart: { size: () => 1 },
        },
      }),
  ];
});

test('a hook that has to add something cannot forget it', () => {
  void [
    // @ts-expect-error -- no user
    () => around<{ user: User }>({ incoming: (_, next) => next() }),
    // @ts-expect-error -- a user without a name
    () => around<{ user: User }>({ incoming: (_, next) => next({ context: { user: {} } }) }),
    () => around<{ user: User }>({ outgoing: (_, next) => next() }),
  ];
  expectTypeOf(timing).toExtend<Use>();
  expectTypeOf(signIn).toEqualTypeOf<Use<{ user: User }>>();
});
