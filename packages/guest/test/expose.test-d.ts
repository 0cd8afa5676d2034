import { contract, type HandlerContext, mutation, observable, query, type } from '@muntin/core';
import { from, type Observable } from 'rxjs';
import { expectTypeOf, test } from 'vitest';
import { expose, type Shell } from '../src/index.ts';
import { expose as exposePopup } from '../src/popup.ts';
import { standIn } from '../src/standalone.ts';
import { expose as exposeWorker } from '../src/worker.ts';

const ticker = contract({
  name: 'test/ticker',
  version: '1.0.0',
  guest: {
    quote: query<{ symbol: string }, number>(),
    prices: observable<string[], number>(),
    chart: { zoom: mutation<number, void>() },
  },
  host: { open: mutation<{ path: string }, void>(), selection: observable<void, string[]>() },
  context: type<{ theme: 'light' | 'dark' }>(),
});
const quiet = contract({ name: 'test/quiet', version: '1.0.0', host: { open: mutation() } });
const hosts = ['https://shell.example'];

test('a guest gives a handler for each procedure, and gets the host as a client', () => {
  const shell = () =>
    expose(ticker, {
      hosts,
      handlers: {
        quote: ({ symbol }, context) => {
          expectTypeOf(symbol).toEqualTypeOf<string>();
          expectTypeOf(context).toEqualTypeOf<HandlerContext>();
          return symbol.length;
        },
        prices: (symbols) => symbols.map((symbol) => symbol.length),
        chart: { zoom: () => undefined },
      },
    });
  expectTypeOf(shell().host.open).parameter(0).toEqualTypeOf<{ path: string }>();
  expectTypeOf(shell().host.open).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(shell().context).toEqualTypeOf<{ theme: 'light' | 'dark' } | undefined>();
  expectTypeOf(from(shell().context$)).toEqualTypeOf<Observable<{ theme: 'light' | 'dark' }>>();
  expectTypeOf(shell().context$.value).toEqualTypeOf<{ theme: 'light' | 'dark' } | undefined>();
  // @ts-expect-error -- a guest does not call its own procedures
  void (() => shell().host.quote);
});

test('a missing, superfluous or wrong handler is an error', () => {
  expectTypeOf(expose<typeof ticker>)
    .parameter(1)
    .toHaveProperty('handlers');
  const quote = (): number => 1;
  const prices = (): number[] => [];
  const chart = { zoom: (): undefined => undefined };
  void [
    // @ts-expect-error -- no handlers at all
    () => expose(ticker, { hosts }),
    // @ts-expect-error -- prices is missing
    () => expose(ticker, { hosts, handlers: { quote, chart } }),
    // @ts-expect-error -- chart.zoom is missing
    () => expose(ticker, { hosts, handlers: { quote, prices, chart: {} } }),
    // @ts-expect-error -- quote answers a number
    () => expose(ticker, { hosts, handlers: { quote: () => 'one', prices, chart } }),
    // @ts-expect-error -- quote takes an object
    () => expose(ticker, { hosts, handlers: { quote: (symbol: string) => symbol.length, prices, chart } }),
    // @ts-expect-error -- the values of prices are numbers
    () => expose(ticker, { hosts, handlers: { quote, prices: () => ['1'], chart } }),
    // @ts-expect-error -- nothing is called that
    () => expose(ticker, { hosts, handlers: { quote, prices, chart, other: quote } }),
    // @ts-expect-error -- hosts are required
    () => expose(ticker, { handlers: { quote, prices, chart } }),
    // @ts-expect-error -- the context is the host's
    () => expose(ticker, { hosts, handlers: { quote, prices, chart }, context: { theme: 'dark' } }),
    () => expose(ticker, { hosts, handlers: { quote: async () => 1, prices, chart } }),
    () => expose(quiet, { hosts }),
    () => expose(quiet, { hosts, handlers: {} }),
  ];
});

test('a stand-in has the handlers and the context of the host', () => {
  expectTypeOf(standIn<typeof ticker>)
    .parameter(1)
    .toHaveProperty('context');
  const open = (): undefined => undefined;
  const selection = (): string[][] => [];
  void [
    () => standIn(ticker, { handlers: { open, selection }, context: { theme: 'dark' } }),
    // @ts-expect-error -- the contract has a context
    () => standIn(ticker, { handlers: { open, selection } }),
    // @ts-expect-error -- selection is missing
    () => standIn(ticker, { handlers: { open }, context: { theme: 'dark' } }),
    () => standIn(quiet, { handlers: { open } }),
  ];
});

test('a guest in a popup or in a worker has the same handlers and the same host', () => {
  const handlers = {
    quote: (input: { symbol: string }): number => input.symbol.length,
    prices: (): number[] => [],
    chart: { zoom: (): undefined => undefined },
  };
  expectTypeOf(exposePopup<typeof ticker>).toEqualTypeOf(expose<typeof ticker>);
  expectTypeOf(exposeWorker<typeof ticker>).returns.toEqualTypeOf<Shell<typeof ticker>>();
  void [
    () => exposeWorker(ticker, { handlers }),
    // @ts-expect-error -- a worker has one host, the page that made it
    () => exposeWorker(ticker, { hosts, handlers }),
    // @ts-expect-error -- no handlers
    () => exposeWorker(ticker, {}),
    // @ts-expect-error -- a popup has hosts
    () => exposePopup(ticker, { handlers }),
  ];
});
