// @vitest-environment jsdom
import { contract } from '@muntin/core';
import { expect, it, onTestFinished } from 'vitest';

const board = contract({ name: 'test/board', version: '1.0.0' });

// Before its class is there.
const early = document.createElement('muntin-frame');
Object.assign(early, { contract: board, context: 'first' });
await import('../src/index.ts');

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it('what was set before the class was there does not replace what is set after it', async () => {
  onTestFinished(() => early.remove());
  document.body.append(early);
  expect(early.contract).toBe(board);
  early.context = 'second';
  await turn();
  expect(early.context).toBe('second');
});

it('a mount that somebody else has ended is gone, and comes back by reload', async () => {
  const element = document.createElement('muntin-frame');
  onTestFinished(() => element.remove());
  Object.assign(element, { contract: board, title: 'Board', src: 'https://guest.example/' });
  document.body.append(element);
  await turn();
  const first = element.mount;
  expect(first?.state.name).not.toBe('unmounted');
  await first?.unmount();
  expect([element.mount, element.dataset['state']]).toEqual([undefined, 'idle']);
  element.reload();
  await turn();
  expect(element.mount).toBeDefined();
  expect(element.mount).not.toBe(first);
});

it('is unmounted when it is taken out', async () => {
  const element = document.createElement('muntin-frame');
  Object.assign(element, { contract: board, title: 'Board', src: 'https://guest.example/' });
  document.body.append(element);
  await turn();
  const { mount } = element;
  element.remove();
  await turn();
  expect([mount?.state.name, element.mount]).toEqual(['unmounted', undefined]);
});
