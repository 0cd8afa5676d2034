import { contract, type MuntinError, mutation, query, type } from '@muntin/core';
import type { Mount } from '@muntin/host';
import { expectTypeOf, test } from 'vitest';
import type { MuntinFrameElement } from '../src/index.ts';

const ticker = contract({
  name: 'test/ticker',
  version: '1.0.0',
  guest: { quote: query<{ symbol: string }, number>() },
  host: { open: mutation<{ path: string }, void>() },
  context: type<{ theme: 'light' | 'dark' }>(),
});

test('an element has the types of its contract, where it is said', () => {
  const element = document.createElement('muntin-frame') as MuntinFrameElement<typeof ticker>;
  element.contract = ticker;
  element.handlers = { open: ({ path }) => void expectTypeOf(path).toEqualTypeOf<string>() };
  element.context = { theme: 'dark' };
  // @ts-expect-error -- no such theme
  element.context = { theme: 'blue' };
  expectTypeOf(element.mount).toEqualTypeOf<Mount<typeof ticker> | undefined>();
  element.addEventListener('ready', ({ detail }) =>
    expectTypeOf(detail.guest.quote).parameter(0).toEqualTypeOf<{ symbol: string }>(),
  );
  element.addEventListener('failed', ({ detail }) => expectTypeOf(detail).toEqualTypeOf<MuntinError>());
  element.addEventListener('click', ({ button }) => expectTypeOf(button).toEqualTypeOf<number>());
});

test('any element takes any contract', () => {
  const element = document.createElement('muntin-frame');
  expectTypeOf(element).toEqualTypeOf<MuntinFrameElement>();
  element.contract = ticker;
  expectTypeOf(element.mount?.state.name).not.toBeAny();
});
