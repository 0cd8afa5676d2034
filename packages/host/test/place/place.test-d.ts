import { contract, mutation, query } from '@muntin/core';
import { expectTypeOf, test } from 'vitest';
import { mount } from '../../src/index.ts';
import { type Moved, move, park, prefetch } from '../../src/place/place.ts';

const shop = contract({
  name: 'acme/shop',
  version: '1.0.0',
  guest: { price: query<{ sku: string }, number>() },
  host: { buy: mutation<string, void>() },
});

test('a mount of any contract can be moved and parked, and stays what it is', () => {
  const open = () =>
    mount(shop, { url: 'https://g.example/', into: document.body, title: 't', handlers: { buy: () => undefined } });
  const widget = open();
  expectTypeOf(move(widget, document.body)).toEqualTypeOf<Promise<Moved>>();
  expectTypeOf(park(widget).guest.price).parameter(0).toEqualTypeOf<{ sku: string }>();
  expectTypeOf(prefetch(open).show().guest.price).parameter(0).toEqualTypeOf<{ sku: string }>();
  // @ts-expect-error -- a shell has no frame
  void move({ ready: Promise.resolve() }, document.body);
});
