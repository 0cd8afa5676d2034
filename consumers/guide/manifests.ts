import { contract } from '@muntin/core';

const bare = contract({ name: 'acme/ticker', version: '1.0.0' });

declare global {
  const ticker: typeof bare;
  const slot: HTMLElement;
  const handlers: {};
}
