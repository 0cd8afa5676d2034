import { contract, mutation, observable, query } from '@muntin/core';
import type { Mount } from '@muntin/host';
import type { Observable, Subject } from 'rxjs';

const own = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  guest: {
    prices: observable<string[], Tick>(),
    upload: mutation<{ rows: AsyncIterable<string> }, void>(),
    translate: observable<Observable<string>, string>(),
    open: query<string, { rows: Observable<string>; totals: Observable<number> }>(),
    windows: observable<void, Observable<string>>(),
  },
});

declare global {
  interface Tick {
    readonly symbol: string;
    readonly price: number;
  }
  interface Order {
    readonly id: number;
  }
  const widget: Mount<typeof own>;
  const file: WritableStream<Tick>;
  const questions$: Subject<string>;
  function prices$(symbols: string[]): Observable<Tick>;
  function draw(tick: Tick): Promise<void>;
  function readRows(): AsyncIterable<string>;
  function show(text: string): void;
}
