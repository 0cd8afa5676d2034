import { around, contract, type MuntinError, mutation, observable, query, type } from '@muntin/core';
import type { Shell } from '@muntin/guest';
import type { Mount } from '@muntin/host';
import { expectTypeOf, test } from 'vitest';
import {
  type Mounting,
  MuntinFrame,
  type Streamed,
  useContextValue,
  useExpose,
  useMount,
  useStream,
} from '../src/index.ts';

const ticker = contract({
  name: 'test/ticker',
  version: '1.0.0',
  guest: { quote: query<{ symbol: string }, number>(), prices: observable<string[], number>() },
  host: { open: mutation<{ path: string }, void>() },
  context: type<{ theme: 'light' | 'dark' }>(),
});
declare const widget: Mount<typeof ticker> | undefined;
declare const shell: Shell<typeof ticker>;
const common = { url: 'https://g.example/', title: 'G' };
const context = { theme: 'dark' } as const;

test('a component has the types of its contract', () => {
  void (() => (
    <MuntinFrame
      {...common}
      contract={ticker}
      context={context}
      handlers={{ open: ({ path }) => void expectTypeOf(path).toEqualTypeOf<string>() }}
      onMount={(made) => expectTypeOf(made).toEqualTypeOf<Mount<typeof ticker> | undefined>()}
      fallback={(error) => expectTypeOf(error).toEqualTypeOf<MuntinError>() && null}
    />
  ));
  // @ts-expect-error -- handlers are missing
  void (() => <MuntinFrame {...common} contract={ticker} context={context} />);
  const blue = { theme: 'blue' } as const;
  const handlers = { open: () => undefined };
  // @ts-expect-error -- no such theme
  void (() => <MuntinFrame {...common} contract={ticker} context={blue} handlers={handlers} />);
});

test('hooks have the types of what they are given', () => {
  const handlers = { open: () => undefined };
  expectTypeOf(() => useMount(ticker, { ...common, context, handlers })).returns.toEqualTypeOf<
    Mounting<typeof ticker>
  >();
  expectTypeOf(() => useStream(() => widget?.guest.prices(['A']), [])).returns.toEqualTypeOf<Streamed<number>>();
  expectTypeOf(() => useContextValue(shell, ({ theme }) => theme)).returns.toEqualTypeOf<
    'light' | 'dark' | undefined
  >();
  expectTypeOf(() =>
    useExpose(ticker, { hosts: [], handlers: { quote: () => 1, prices: () => [1] } }),
  ).returns.toEqualTypeOf<Shell<typeof ticker> | undefined>();
});

test('what a hook adds is in the context of handlers', () => {
  const signIn = around<{ user: string }>({
    incoming: (_call, next) => next({ context: { user: 'ada' } }),
  });
  expectTypeOf(() =>
    useExpose(ticker, {
      hosts: [],
      use: [signIn],
      handlers: { quote: (_input, { user }) => user.length, prices: () => [1] },
    }),
  ).returns.toEqualTypeOf<Shell<typeof ticker> | undefined>();
  void (() => (
    <MuntinFrame
      {...common}
      contract={ticker}
      context={context}
      use={[signIn]}
      handlers={{ open: (_input, { user }) => void expectTypeOf(user).toEqualTypeOf<string>() }}
    />
  ));
});
