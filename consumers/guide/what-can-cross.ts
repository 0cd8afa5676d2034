import { contract, mutation } from '@muntin/core';
import type { Mount } from '@muntin/host';

const own = contract({
  name: 'acme/canvas',
  version: '1.0.0',
  guest: { draw: mutation<{ pixels: Uint8ClampedArray<ArrayBuffer>; width: number }, void>() },
});

declare global {
  const widget: Mount<typeof own>;
}
