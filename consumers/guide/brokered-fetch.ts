import { contract } from '@muntin/core';

const bare = contract({ name: 'acme/ticker', version: '1.0.0' });

import type { Mount } from '@muntin/host';

declare global {
  const ticker: typeof bare;
  const url: string;
  const into: HTMLElement;
  const network: ReturnType<typeof import('@muntin/host/fetch').fetchBroker>;
  const widget: Mount<typeof bare>;
}
