import { contract, type Handlers, mutation, observable, query, type } from '@muntin/core';

const contractOfTicker = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  guest: {
    quote: query<{ symbol: string }, number>(),
    prices: observable<string[], { symbol: string; price: number }>(),
  },
  host: { open: mutation<{ path: string }, void>() },
  context: type<{ theme: 'light' | 'dark' }>(),
});

const range = type<{ from: number; to: number }>();
const one = contract({
  name: 'acme/chart',
  version: '1.0.0',
  guest: { zoom: mutation({ input: range, output: type<void>() }), points: observable<void, number>() },
});

type Ticker = typeof contractOfTicker;

declare global {
  const ticker: Ticker;
  const payment: Ticker;
  const index: typeof one;
  const chart: typeof one;
  const board: typeof one;
  const url: string;
  const into: HTMLElement;
  const title: string;
  const button: HTMLButtonElement;
  const hosts: readonly string[];
  const handlers: Handlers<Ticker['host']> & Handlers<{}>;
  const context: { theme: 'light' | 'dark' };
  const mount: typeof import('@muntin/host').mount;
  const mountWorker: typeof import('@muntin/host').mountWorker;
  const expose: typeof import('@muntin/guest').expose;
}
