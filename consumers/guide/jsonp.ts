import { contract, mutation } from '@muntin/core';

const own = contract({
  name: 'shop/tags',
  version: '1.0.0',
  guest: { push: mutation<{ event: string; value: number }, void>() },
});

interface Response {
  set(headers: Readonly<Record<string, string>>): Response;
  send(body: string): void;
}

declare global {
  const tags: typeof own;
  const into: HTMLElement;
  const app: { get(path: string, handler: (request: unknown, response: Response) => void): void };
}
