// @vitest-environment jsdom
import { contract } from '@muntin/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { collectUncaught } from '../../core/test/fixtures/uncaught.ts';

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

it('with loading="lazy" waits to come near again, where it is put in another time', async () => {
  const observers: ((entries: { isIntersecting: boolean }[]) => void)[] = [];
  class Observer {
    constructor(tell: (typeof observers)[number]) {
      observers.push(tell);
    }
    observe(): void {}
    disconnect(): void {}
  }
  vi.stubGlobal('IntersectionObserver', Observer);
  const element = document.createElement('muntin-frame');
  onTestFinished(() => {
    element.remove();
    vi.unstubAllGlobals();
  });
  Object.assign(element, { contract: board, title: 'Board', src: 'https://guest.example/', loading: 'lazy' });
  document.body.append(element);
  await turn();
  observers[0]?.([{ isIntersecting: true }]);
  await turn();
  expect(element.mount).toBeDefined();
  element.remove();
  await turn();
  document.body.append(element);
  await turn();
  expect([element.mount, observers.length]).toEqual([undefined, 2]);
});

it('sends a context whole that comes after one that was refused', async () => {
  const element = document.createElement('muntin-frame');
  onTestFinished(() => element.remove());
  Object.assign(element, { contract: board, title: 'Board', src: 'https://guest.example/', context: { a: 1, b: 1 } });
  document.body.append(element);
  await turn();
  const { mount } = element;
  if (mount === undefined) throw new Error('there is one');
  const setContext = vi.spyOn(mount, 'setContext');
  const caught = collectUncaught();
  element.context = { a: () => 1, b: 2 };
  await turn();
  expect(caught).toEqual([expect.objectContaining({ code: 'VALUE_NOT_CLONEABLE' })]);
  element.context = { a: 1, b: 2 };
  await turn();
  expect(setContext).toHaveBeenLastCalledWith({ b: 2 });
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

it.each([
  ['no contract', { contract: {}, handlers: { say: () => undefined } }, 'contract'],
  ['a text in place of one', { contract: 'test/board@1.0.0', handlers: {} }, 'contract'],
])('says as a failure that it was given %s', async (_, properties, named) => {
  const element = document.createElement('muntin-frame');
  const failures: unknown[] = [];
  element.addEventListener('failed', ({ detail }) => failures.push(detail));
  const report = vi.fn<(error: unknown) => void>();
  vi.stubGlobal('reportError', report); // jsdom has none
  onTestFinished(() => {
    element.remove();
    vi.unstubAllGlobals();
  });
  Object.assign(element, { ...properties, title: 'Board', src: 'https://guest.example/' });
  document.body.append(element);
  await turn();
  expect(element.dataset['state']).toBe('failed');
  expect(failures).toEqual([expect.objectContaining({ code: 'INVALID_OPTION' })]);
  expect(String(failures[0])).toContain(named);
  expect(report).toHaveBeenCalledExactlyOnceWith(failures[0]);
});

it.each(['', ' '])('takes bounds that are %j as absent', async (bound) => {
  const element = document.createElement('muntin-frame');
  onTestFinished(() => element.remove());
  const failures: unknown[] = [];
  element.addEventListener('failed', ({ detail }) => failures.push(detail));
  Object.assign(element, { contract: board, title: 'Board', src: 'https://guest.example/', size: 'content' });
  element.setAttribute('min-px', '100');
  element.setAttribute('max-px', bound);
  document.body.append(element);
  await expect.poll(() => element.mount ?? failures[0]).toBeDefined();
  expect(failures).toEqual([]);
});
