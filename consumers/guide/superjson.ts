import { contract } from '@muntin/core';

const bare = contract({ name: 'acme/ticker', version: '1.0.0' });

declare global {
  const ticker: typeof bare;
  const url: string;
  const into: HTMLElement;
  const pending: unique symbol;
  class Money {
    readonly cents: number;
  }
  const mount: typeof import('@muntin/host').mount;
  const expose: typeof import('@muntin/guest').expose;
}
