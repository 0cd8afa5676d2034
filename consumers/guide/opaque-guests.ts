import { contract } from '@muntin/core';

const bare = contract({ name: 'acme/ticker', version: '1.0.0' });

declare global {
  const ticker: typeof bare;
  const url: string;
  const into: HTMLElement;
}
