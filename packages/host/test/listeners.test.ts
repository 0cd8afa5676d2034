import { MuntinError } from '@muntin/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { settle, until } from '../../core/test/fixtures/fake-page.ts';
import type { Mount, MountState } from '../src/index.ts';
import { type board, openScene, pass, type Scene, url, withFakeTime } from './fixtures/mounted.ts';

// Whatever listeners do, in whichever state they hear of, is a step of its own.

withFakeTime();

const never = { echo: () => new Promise(() => undefined), save: () => new Promise(() => undefined) };
type Name = MountState['name'];

/** A scene whose mount comes to a state by itself, and how. */
function sceneFor(state: Name): { scene: Scene; act: () => void } {
  const scene = openScene();
  if (state === 'failed') scene.serve('nothing');
  if (state === 'unresponsive') scene.serve({ handlers: never });
  const act = (): void => {
    if (state === 'reconnecting') scene.frame().contentWindow?.go(url);
    if (state === 'unresponsive') for (const page of scene.pages) page.isBusy = true;
  };
  return { scene, act };
}

const times = { handshakeTimeoutMs: 1000, unresponsiveMs: 500 };

describe('a listener of the state', () => {
  it.each<Name>(['loading', 'handshaking', 'ready', 'unresponsive', 'reconnecting', 'failed', 'unmounted'])(
    'that unmounts when it hears of %s is told so once, and nothing is left',
    async (state) => {
      const { scene, act } = sceneFor(state);
      const widget = scene.mount(times);
      const told: string[] = [];
      widget.state$.subscribe({
        next: ({ name }) => {
          told.push(name);
          if (name === state) void widget.unmount();
        },
        complete: () => told.push('complete'),
      });
      const call = widget.guest.echo(1, { timeoutMs: 50_000 }).then(
        () => 'answered',
        (error: unknown) => error instanceof MuntinError && error.code,
      );
      if (state === 'reconnecting' || state === 'unresponsive' || state === 'unmounted')
        await until(() => widget.state.name === 'ready');
      await settle();
      act();
      if (state === 'unmounted') void widget.unmount();
      await pass(4000);
      await until(() => told.at(-1) === 'complete');
      expect(told.filter((name) => name === 'unmounted')).toHaveLength(1);
      expect(['answered', 'LINK_CLOSED']).toContain(await call);
      const { body, host } = scene.world;
      expect([body.children, host.listeners, host.document.listeners, vi.getTimerCount()]).toEqual([[], 0, 0, 0]);
    },
  );

  it.each<Name>(['loading', 'handshaking', 'ready', 'unresponsive', 'reconnecting', 'failed'])(
    'that reloads when it first hears of %s finds a guest that answers, and a query that is asked again',
    async (state) => {
      const { scene, act } = sceneFor(state);
      const widget = scene.mount(times);
      const failed = expect.objectContaining({ code: 'LINK_CLOSED' }) as unknown;
      let reloads = 0;
      widget.state$.subscribe(({ name }) => {
        if (name !== state || reloads++ > 0) return;
        scene.serve({});
        widget.reload();
      });
      const isOnceReady = state === 'reconnecting' || state === 'unresponsive';
      if (isOnceReady) await until(() => widget.state.name === 'ready');
      const query = widget.guest.echo('asked', { timeoutMs: 50_000 }).catch((error: unknown) => error);
      await settle();
      act();
      await pass(4000);
      await until(() => reloads > 0 && widget.state.name === 'ready');
      await expect(widget.guest.echo('after')).resolves.toBe('after');
      expect(await query).toEqual(state === 'failed' ? failed : 'asked');
      await widget.unmount();
    },
  );

  it('that sets the context each time is heard by the guest in the end', async () => {
    const scene = openScene();
    const widget = scene.mount({ context: { step: 0 } } as never);
    let step = 0;
    widget.state$.subscribe(({ name }) => {
      if (name !== 'unmounted') widget.setContext({ step: ++step, name } as never);
    });
    await until(() => widget.state.name === 'ready');
    await settle();
    expect(scene.guests[0]?.contexts.at(-1)).toEqual({ step, name: 'ready' });
    await widget.unmount();
    widget.setContext({ step } as never); // changes nothing any more
  });

  it('that throws stops nobody else, and is reported', async () => {
    const scene = openScene();
    const widget = scene.mount();
    const reported: unknown[] = [];
    const report = (error: unknown): void => void reported.push(error);
    process.on('uncaughtException', report);
    onTestFinished(() => void process.off('uncaughtException', report));
    const told: string[] = [];
    widget.state$.subscribe(({ name }) => {
      if (name === 'ready') throw new Error('the first listener');
    });
    widget.state$.subscribe(({ name }) => told.push(name));
    await widget.ready;
    await settle();
    expect([told.at(-1), String(reported[0])]).toEqual(['ready', 'Error: the first listener']);
    await widget.unmount();
  });
});

describe('a listener of the signal of a call', () => {
  it.each<[string, string, (widget: Mount<typeof board>) => void]>([
    ['unmounts', 'LINK_CLOSED', (widget) => void widget.unmount()],
    ['reloads', 'CALL_CANCELLED', (widget) => widget.reload()],
    ['calls again', 'CALL_CANCELLED', (widget) => void widget.guest.save(2).catch(() => undefined)],
  ])('%s, and the call is over all the same: %s', async (_, code, act) => {
    const scene = openScene();
    scene.serve({ handlers: never });
    const widget = scene.mount();
    await widget.ready;
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => act(widget));
    const call = widget.guest.echo(1, { signal: controller.signal });
    await settle();
    scene.serve({});
    controller.abort();
    await expect(call).rejects.toMatchObject({ code });
    widget.reload();
    await settle();
    const answer = widget.guest.echo(3).catch((error: MuntinError) => error.code);
    expect(await answer).toBe(code === 'LINK_CLOSED' ? 'LINK_CLOSED' : 3);
    await widget.unmount();
  });
});
