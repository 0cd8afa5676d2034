// @vitest-environment jsdom
import { contract } from '@muntin/core';
import type { Mount } from '@muntin/host';
import type { ReactNode } from 'react';
import { expect, it, vi } from 'vitest';

/** What a bundler calls for each module of components: react-refresh/runtime. */
interface Refresh {
  injectIntoGlobalHook(global: unknown): void;
  register(component: unknown, id: string): void;
  setSignature(component: unknown, key: string): void;
  performReactRefresh(): unknown;
}

const news = contract({ name: 'acme/news', version: '1.0.0' });
const options = { url: 'https://widgets.acme.example/news/', title: 'News' };

it('Fast Refresh leaves one live session: the same one, or another where the component is made anew', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const { default: refresh }: { default: Refresh } = await vi.importActual('react-refresh/runtime');
  // React DOM looks for the hook when it is loaded.
  refresh.injectIntoGlobalHook(globalThis);
  const { act, createElement } = await import('react');
  const { createRoot } = await import('react-dom/client');
  const { useMount } = await import('../src/index.ts');
  const mounts = new Set<Mount<typeof news>>();
  const live = (): number => [...mounts].filter(({ state }) => state.name !== 'unmounted').length;

  /** One version of a module after the other. */
  const edit = (text: string, signature: string): (() => ReactNode) => {
    const Page = (): ReactNode => {
      const { ref, widget } = useMount(news, options);
      if (widget !== undefined) mounts.add(widget);
      return createElement('main', null, text, createElement('div', { ref }));
    };
    refresh.register(Page, 'page.tsx Page');
    refresh.setSignature(Page, signature);
    return Page;
  };
  const container = document.createElement('div');
  document.body.append(container);
  const root = createRoot(container);
  const first = edit('one', 'a');
  await act(async () => root.render(createElement(first)));
  const frame = document.querySelector('iframe');
  expect([container.textContent, mounts.size, live()]).toEqual(['one', 1, 1]);

  // The same hooks: state is kept, and every effect runs anew.
  edit('two', 'a');
  await act(async () => void refresh.performReactRefresh());
  expect([container.textContent, mounts.size, live()]).toEqual(['two', 1, 1]);
  expect(document.querySelector('iframe')).toBe(frame);

  // Other hooks: React throws the state away, and with it the guest.
  edit('three', 'b');
  await act(async () => void refresh.performReactRefresh());
  expect([container.textContent, mounts.size, live()]).toEqual(['three', 2, 1]);
  expect(document.querySelectorAll('iframe')).toHaveLength(1);

  await act(async () => root.unmount());
  expect(live()).toBe(0);
});
