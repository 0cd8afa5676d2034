import { describe, expect, it, vi } from 'vitest';
import { settle, until } from '../../../core/test/fixtures/fake-page.ts';
import { open, type Popup } from '../../src/index.ts';
import { board, openScene, pass, type Scene, url, withFakeTime } from '../fixtures/mounted.ts';

withFakeTime();

function openBoard(_: Scene, options: object = {}): Popup<typeof board> {
  return open(board, { url, handlers: { ask: (value: number) => value }, ...options });
}

describe('a guest in a window of its own', () => {
  it('connects, is loaded anew in the same window, and is closed by unmount', async () => {
    const scene = openScene();
    const popup = openBoard(scene);
    await popup.ready;
    await expect(popup.guest.echo(1)).resolves.toBe(1);
    const window = popup.window;
    popup.reload();
    await until(() => scene.guests.length === 2 && popup.state.name === 'ready');
    expect(popup.window).toBe(window);
    await popup.unmount();
    expect(window?.closed).toBe(true);
    expect(scene.world.host.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says that it was closed, and is opened again by reload', async () => {
    const scene = openScene();
    const popup = openBoard(scene);
    await popup.ready;
    scene.pages[0]?.forgetListeners(); // no goodbye
    scene.world.host.popups[0]?.close();
    await pass(1000);
    await until(() => popup.state.name === 'failed');
    expect(popup.state.cause).toMatchObject({ code: 'POPUP_CLOSED', message: 'The window has been closed' });
    popup.reload();
    await until(() => popup.state.name === 'ready');
    expect(scene.world.host.popups).toHaveLength(2);
    await popup.unmount();
  });

  it('that is closed while it is to be loaded again stays closed', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const popup = openBoard(scene, { handshakeTimeoutMs: 1000, reconnect: { retries: 3, delayMs: 4000 } });
    void pass(1500);
    await until(() => popup.state.name === 'reconnecting');
    scene.world.host.popups[0]?.close();
    await pass(1000);
    expect(popup.state).toMatchObject({ name: 'failed', cause: { code: 'POPUP_CLOSED' } });
    await pass(5000);
    expect(scene.world.host.popups).toHaveLength(1);
    await popup.unmount();
  });

  it.each([
    [false, /before it connected, or a Cross-Origin-Opener-Policy has cut it off/],
    [true, /This page's Cross-Origin-Opener-Policy has cut the window off/],
  ])('that looks closed before it connected may have been cut off (isolated: %s)', async (isIsolated, message) => {
    const scene = openScene();
    vi.stubGlobal('crossOriginIsolated', isIsolated);
    scene.serve('nothing');
    const popup = openBoard(scene);
    scene.world.host.popups[0]?.close();
    await pass(1000);
    expect(popup.state.cause).toMatchObject({ code: 'POPUP_CLOSED', message: expect.stringMatching(message) });
    await popup.unmount();
  });

  it.each(['silently', 'throws'] as const)(
    'that the browser blocks (%s) fails, and can be opened later',
    async (blocks) => {
      const scene = openScene();
      scene.world.host.blocks = blocks;
      const popup = openBoard(scene);
      await expect(popup.ready).rejects.toMatchObject({ code: 'POPUP_BLOCKED' });
      expect(popup.window).toBe(null);
      scene.world.host.blocks = 'nothing';
      popup.reload();
      await until(() => popup.state.name === 'ready');
      await popup.unmount();
    },
  );

  it('that never says hello is said to be silent', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const popup = openBoard(scene, { handshakeTimeoutMs: 1000 });
    void pass(3000);
    await expect(popup.ready).rejects.toMatchObject({ code: 'GUEST_SILENT' });
    await popup.unmount();
  });

  it('is told when the page that opened it goes, and not when that is kept', async () => {
    const scene = openScene();
    const popup = openBoard(scene);
    await popup.ready;
    const ended: string[] = [];
    scene.world.host.tell('pagehide', { persisted: true });
    await settle();
    expect(scene.guests[0]?.connection.session).toBeDefined();
    popup.state$.subscribe(({ name }) => ended.push(name));
    scene.world.host.tell('pagehide', { persisted: false });
    await until(() => scene.guests[0]?.connector.state !== 'open');
    expect(ended).toContain('reconnecting');
    await popup.unmount();
  });

  it('at an address with a fragment is asked for a hello, for it may load nothing', async () => {
    const scene = openScene();
    const popup = openBoard(scene, { url: `${url}#tab` });
    await popup.ready;
    popup.reload();
    await until(() => popup.state.name === 'ready');
    expect(scene.guests.length).toBeGreaterThan(1);
    await popup.unmount();
  });

  it.each([{ features: 'popup,noopener' }, { features: 'NoReferrer' }, { features: 1 }])('refuses %j', (options) => {
    expect(() => openBoard(openScene(), options)).toThrow('give those of window.open');
  });
});
