import { contract, type Handlers, mutation, observable, query, type } from '@muntin/core';
import type { Observable } from 'rxjs';

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

type Tick = { symbol: string; price: number };

declare global {
  const ticker: typeof contractOfTicker;
  const slot: HTMLElement;
  const hosts: readonly string[];
  const handlers: Handlers<(typeof contractOfTicker)['guest']>;
  const router: { push(path: string): void };
  function lookUp(symbol: string): Promise<number>;
  function prices$(symbols: string[]): Observable<Tick>;
  function draw(tick: Tick): void;
}
