// @vitest-environment jsdom
import { contract, mutation, type } from '@muntin/core';
import { Latest } from '@muntin/core/internal';
import type { Mount } from '@muntin/host';
import { act, Component, createElement, lazy, type ReactNode, StrictMode, Suspense, version } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { Observable, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MuntinFrame, type Streamed, useContextValue, useLive, useMount, useStream } from '../src/index.ts';

const ticker = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  host: { open: mutation<{ path: string }, void>() },
  context: type<{ theme: string; locale: string }>(),
});
const url = 'https://widgets.acme.example/ticker/';
const options = { contract: ticker, url, title: 'Prices', handlers: { open: () => undefined } };
const context = { theme: 'dark', locale: 'en' };

let container: HTMLElement;
let root: Root;
const errors: unknown[] = [];
const frames = (): HTMLIFrameElement[] => [...document.querySelectorAll('iframe')];
const render = (node: ReactNode): Promise<void> => act(async () => root.render(node));

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  errors.length = 0;
  vi.spyOn(console, 'error').mockImplementation((...said) => void errors.push(said));
  container = document.createElement('div');
  document.body.append(container);
  root = createRoot(container);
});

afterEach(async () => {
  await act(async () => root.unmount());
  container.remove();
  vi.restoreAllMocks();
});

it('runs in the React that it says', () => {
  expect(version.split('.')[0]).toBe(process.env['REACT'] ?? '19');
});

describe('a frame', () => {
  it('is there for as long as its component, once, also in StrictMode', async () => {
    const mounts: (Mount<typeof ticker> | undefined)[] = [];
    const onMount = (widget: Mount<typeof ticker> | undefined): void => void mounts.push(widget);
    await render(createElement(StrictMode, null, createElement(MuntinFrame, { ...options, context, onMount })));
    expect(frames()).toHaveLength(1);
    expect(frames()[0]).toMatchObject({ title: 'Prices', src: url });
    const made = mounts.filter((widget) => widget !== undefined);
    const live = made.filter(({ state }) => state.name !== 'unmounted');
    expect([new Set(made).size, live.length]).toEqual([1, 1]);
    expect(live[0]?.frame).toBe(frames()[0]);
    const later = vi.fn<(widget: Mount<typeof ticker> | undefined) => void>();
    await render(createElement(StrictMode, null, createElement(MuntinFrame, { ...options, context, onMount: later })));
    await render(null);
    expect(later.mock.calls).toEqual([[undefined]]);
    expect(frames()).toHaveLength(0);
    expect(made.every(({ state }) => state.name === 'unmounted')).toBe(true);
    expect(errors).toEqual([]);
  });

  it('stays while handlers, title and context change, and is another for another address', async () => {
    let widget: Mount<typeof ticker> | undefined;
    const onMount = (made: Mount<typeof ticker> | undefined): void => void (widget = made);
    const show = (more: object): Promise<void> =>
      render(createElement(MuntinFrame, { ...options, context, onMount, ...more }));
    await show({});
    const [frame] = frames();
    const setContext = vi.spyOn(Object(widget), 'setContext');
    await show({ handlers: { open: () => undefined }, title: 'More prices', context: { ...context } });
    expect(setContext).not.toHaveBeenCalled();
    await show({ title: 'More prices', context: { ...context, theme: 'light' } });
    await show({ title: 'More prices', context: { theme: 'light' } });
    expect(setContext.mock.calls).toEqual([[{ theme: 'light' }], [{ locale: undefined }]]);
    expect(frames()).toHaveLength(1);
    expect(frames()[0]).toBe(frame);
    expect(frame?.title).toBe('More prices');
    await show({ title: ' ', context: { theme: 'light' } });
    expect(frame?.title).toBe('More prices');
    await show({ url: 'https://other.example/' });
    expect(frames()).toHaveLength(1);
    expect(frames()[0]).not.toBe(frame);
    expect(frames()[0]?.src).toBe('https://other.example/');
  });

  it('says what it does: loading, failed, and what a person can do', async () => {
    let widget: Mount<typeof ticker> | undefined;
    const states: string[] = [];
    const show = (fallback?: ReactNode): Promise<void> =>
      render(
        createElement(MuntinFrame, {
          ...options,
          context,
          handshakeTimeoutMs: 20,
          loading: 'One moment',
          onMount: (made) => (widget = made),
          onState: ({ name }) => states.push(name),
          ...(fallback === undefined ? {} : { fallback }),
        }),
      );
    await show();
    expect(container.textContent).toBe('One moment');
    expect(container.firstElementChild?.getAttribute('aria-busy')).toBe('true');
    await act(async () => widget?.ready.catch(() => undefined));
    const alert = container.querySelector('[role=alert]');
    expect(alert?.textContent).toMatch(/^Prices could not be loaded\..* [A-Z_]+\.Try again$/);
    expect(container.firstElementChild?.getAttribute('aria-busy')).toBe('false');
    expect(frames()[0]?.parentElement?.hidden).toBe(true);
    const button = alert?.querySelector('button');
    button?.focus();
    expect(document.activeElement).toBe(button);
    // In the same turn: soon it fails again.
    act(() => button?.click());
    expect(widget?.state.name).toBe('loading');
    expect(container.textContent).toBe('One moment');
    expect(document.activeElement).toBe(container.firstElementChild);
    expect(states).toContain('failed');
    await show('Nothing today');
    await act(async () => widget?.ready.catch(() => undefined));
    expect(container.textContent).toBe('Nothing today');
  });

  it('is a placeholder on the server, which the browser takes over without complaint', async () => {
    const node = createElement(MuntinFrame, { ...options, context, loading: createElement('p', null, 'One moment') });
    const html = renderToString(node);
    expect(html).toContain('One moment');
    expect(html).not.toContain('iframe');
    const place = document.createElement('div');
    place.innerHTML = html;
    document.body.append(place);
    let hydrated: Root | undefined;
    await act(async () => {
      hydrated = hydrateRoot(place, node);
    });
    expect(place.querySelectorAll('iframe')).toHaveLength(1);
    expect(errors).toEqual([]);
    await act(async () => hydrated?.unmount());
    place.remove();
  });

  it('keeps its session while Suspense hides it', async () => {
    let resume: () => void = () => undefined;
    const loaded = new Promise<void>((resolve) => (resume = resolve));
    const Late = lazy(() => loaded.then(() => ({ default: () => 'here' })));
    const page = (isWaiting: boolean): ReactNode =>
      createElement(
        Suspense,
        { fallback: 'waiting' },
        createElement(MuntinFrame, { ...options, context }),
        isWaiting ? createElement(Late) : null,
      );
    await render(page(false));
    const [frame] = frames();
    await render(page(true));
    expect(container.textContent).toContain('waiting');
    expect(frames()).toHaveLength(1);
    expect(frames()[0]).toBe(frame);
    await act(async () => resume());
    expect(container.textContent).toBe('here');
    expect(frames()).toHaveLength(1);
    expect(frames()[0]).toBe(frame);
  });

  it('throws a wrong option where an error boundary catches it', async () => {
    const caught: unknown[] = [];
    class Boundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
      override state = { error: undefined };
      static getDerivedStateFromError(error: unknown): object {
        caught.push(error);
        return { error };
      }
      override render(): ReactNode {
        return this.state.error === undefined ? this.props.children : 'wrong';
      }
    }
    const wrong = createElement(MuntinFrame, { ...options, context, title: '' });
    await render(createElement(Boundary, null, wrong));
    expect(container.textContent).toBe('wrong');
    expect(frames()).toHaveLength(0);
    expect(caught[0]).toMatchObject({ code: 'INVALID_OPTION' });
  });
});

it('a guest goes with the element that it is in', async () => {
  function Widget({ isShown }: { isShown: boolean }): ReactNode {
    const { ref } = useMount(ticker, { url, title: 'Prices', handlers: options.handlers, context });
    return isShown ? createElement('div', { ref }) : null;
  }
  await render(createElement(Widget, { isShown: true }));
  expect(frames()).toHaveLength(1);
  await render(createElement(Widget, { isShown: false }));
  expect(frames()).toHaveLength(0);
  await render(createElement(Widget, { isShown: true }));
  expect(frames()).toHaveLength(1);
});

it('useMount gives the mount and its state', async () => {
  const seen: string[] = [];
  function Widget(): ReactNode {
    const { ref, widget, state } = useMount(ticker, { url, title: 'Prices', handlers: options.handlers, context });
    seen.push(`${widget === undefined ? 'none' : 'one'} ${state.name}`);
    return createElement('div', { ref });
  }
  await render(createElement(Widget));
  expect(seen[0]).toBe('none idle');
  expect(seen.at(-1)).toMatch(/^one (loading|handshaking)$/);
});

it('useStream shows the latest value, and stops what nobody needs', async () => {
  const seen: Streamed<number>[] = [];
  const running = new Set<string>();
  const subjects = new Map<string, Subject<number>>();
  const open = (name: string) =>
    new Observable<number>((subscriber) => {
      const subject = new Subject<number>();
      subjects.set(name, subject);
      running.add(name);
      const inner = subject.subscribe(subscriber);
      return () => {
        running.delete(name);
        inner.unsubscribe();
      };
    });
  function Values({ name }: { name: string | undefined }): ReactNode {
    seen.push(useStream(() => (name === undefined ? undefined : open(name)), [name]));
    return null;
  }
  await render(createElement(StrictMode, null, createElement(Values, { name: undefined })));
  expect(seen.at(-1)).toMatchObject({ status: 'idle', value: undefined });
  await render(createElement(StrictMode, null, createElement(Values, { name: 'a' })));
  expect(seen.at(-1)?.status).toBe('waiting');
  await act(async () => subjects.get('a')?.next(1));
  expect(seen.at(-1)).toMatchObject({ status: 'live', value: 1 });
  const before = seen.length;
  await render(createElement(StrictMode, null, createElement(Values, { name: 'b' })));
  expect([...running]).toEqual(['b']);
  // In no render of the new name a value of the former one.
  expect(new Set(seen.slice(before).map(({ status, value }) => `${status} ${value}`))).toEqual(
    new Set(['waiting undefined']),
  );
  await act(async () => subjects.get('b')?.next(2));
  await act(async () => subjects.get('b')?.error(new Error('over')));
  expect(seen.at(-1)).toMatchObject({ status: 'failed', value: 2, error: new Error('over') });
  await render(null);
  expect(running.size).toBe(0);
});

it('useLive and useContextValue show what is live, and what is picked of it', async () => {
  const latest = new Latest<{ theme: string; locale: string }, undefined>(undefined);
  const shell = { context$: latest.changes$ };
  let seen: unknown;
  function Themed(): ReactNode {
    seen = [useLive(latest.changes$)?.locale, useContextValue(shell, ({ theme }) => theme), useContextValue(undefined)];
    return null;
  }
  await render(createElement(StrictMode, null, createElement(Themed)));
  expect(seen).toEqual([undefined, undefined, undefined]);
  await act(async () => latest.set({ theme: 'dark', locale: 'en' }));
  expect(seen).toEqual(['en', 'dark', undefined]);
  await act(async () => latest.set({ theme: 'light', locale: 'de' }));
  expect(seen).toEqual(['de', 'light', undefined]);
});

it('useContextValue renders anew only when what is picked is another, and takes one that makes an object', async () => {
  const latest = new Latest<{ theme: string; locale: string }, undefined>(undefined);
  const shell = { context$: latest.changes$ };
  const seen: unknown[] = [];
  function Themed(): ReactNode {
    seen.push(useContextValue(shell, ({ theme }) => theme));
    return null;
  }
  let made: unknown;
  function Made(): ReactNode {
    made = useContextValue(shell, ({ locale }) => ({ locale }));
    return null;
  }
  await render([createElement(Themed, { key: 1 }), createElement(Made, { key: 2 })]);
  await act(async () => latest.set({ theme: 'dark', locale: 'en' }));
  await act(async () => latest.set({ theme: 'dark', locale: 'de' }));
  expect(seen).toEqual([undefined, 'dark']);
  expect(made).toEqual({ locale: 'de' });
  expect(errors).toEqual([]);
});
