import { contract, mutation, type } from '@muntin/core';
import type { Mount } from '@muntin/host';

const own = contract({
  name: 'acme/shop',
  version: '1.0.0',
  guest: { order: mutation({ input: type<{ sku: string }>(), errors: { outOfStock: type<{ left: number }>() } }) },
});

declare global {
  const shop: typeof own;
  const widget: Mount<typeof own>;
  function show(left: number): void;
  function retry(): void;
}
