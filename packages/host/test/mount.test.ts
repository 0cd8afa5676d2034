import { extension, type MuntinError, transfer } from '@muntin/core';
import { createClient, READY } from '@muntin/core/internal';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CALL, GOODBYE, REFUSE, WELCOME } from '../../core/src/link/messages.ts';
import { type Frame, settle, until } from '../../core/test/fixtures/fake-page.ts';
import { attach, mount } from '../src/index.ts';
import { board, openScene, pass, type Scene, url, withFakeTime } from './fixtures/mounted.ts';

// What becomes of a mount while its page lives on, over real ports, with a host's window and frames that are made up. What browsers do
// themselves is what the stories in e2e show.

withFakeTime();

describe('a mount', () => {
  it('connects, is called before and after it is ready, and is gone when it is unmounted', async () => {
    const scene = openScene();
    const widget = scene.mount();
    const states: string[] = [];
    widget.state$.subscribe(({ name }) => states.push(name));
    const early = [widget.guest.echo('query'), widget.guest.save('mutation')];
    await until(() => widget.state.name === 'ready');
    await expect(Promise.all(early)).resolves.toEqual(['query', 'mutation']);
    await expect(widget.guest.echo('later')).resolves.toBe('later');
    expect(await widget.ping()).toBeGreaterThanOrEqual(0);
    expect([widget.codec, widget.origin, widget.stats.sent > 0]).toEqual([
      'structured-clone',
      'https://guest.example',
      true,
    ]);

    const pending = widget.guest.echo(new Promise(() => undefined));
    await Promise.all([
      expect(pending).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'UNMOUNTED' } }),
      widget.unmount(),
    ]);
    widget.reload(); // does nothing any more
    expect(states).toEqual(['loading', 'handshaking', 'ready', 'unmounted']);
    expect([scene.world.body.children, scene.world.host.listeners, scene.world.host.document.listeners]).toEqual([
      [],
      0,
      0,
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('works behind a Proxy', async () => {
    const scene = openScene();
    const widget = new Proxy(scene.mount(), {});
    await widget.ready;
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    await widget.unmount();
    expect(widget.state.name).toBe('unmounted');
  });

  it('works behind Proxies all the way down, as Vue and MobX put them around what is inside, too', async () => {
    const deep = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (_, key) => {
          const value: unknown = Reflect.get(target, key);
          const isKept =
            typeof value !== 'object' || value === null || value instanceof Promise || value instanceof Error;
          return isKept || !Object.isExtensible(value) ? value : deep(value);
        },
      });
    const scene = openScene();
    const widget = deep(scene.mount());
    const states: string[] = [];
    widget.state$.subscribe(({ name }) => states.push(name));
    await widget.ready;
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    expect([widget.stats.sent > 0, widget.state$.value.name, await widget.ping()]).toEqual([
      true,
      'ready',
      expect.any(Number),
    ]);
    widget.reload();
    await until(() => widget.state.name === 'ready');
    await widget.unmount();
    expect(states.at(-1)).toBe('unmounted');
  });

  it('gives its guest a context, and what is changed of it; what cannot cross is refused at once', async () => {
    const scene = openScene();
    const widget = scene.mount({ context: { theme: 'dark', size: 1 } } as never);
    await widget.ready;
    widget.setContext({ size: 2 } as never);
    await until(() => scene.guests[0]?.contexts.length === 2);
    expect(scene.guests[0]?.contexts).toEqual([
      { theme: 'dark', size: 1 },
      { theme: 'dark', size: 2 },
    ]);
    for (const [code, change] of [
      ['VALUE_UNSAFE', { size: JSON.parse('{"__proto__":1}') as unknown }],
      ['VALUE_TOO_LARGE', { size: Array.from({ length: 600_000 }, () => 0) }],
    ] as const)
      expect(() => widget.setContext(change as never)).toThrow(expect.objectContaining({ code }));
    expect(() => widget.setContext({ size: () => 1 } as never)).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_CLONEABLE' }),
    );
    await widget.unmount();
  });

  it('waits for a guest that is busy for 20 s, with everything that was called: it is one session', async () => {
    const scene = openScene();
    scene.serve((page) => {
      page.isBusy = true;
      return {};
    });
    const widget = scene.mount({ handshakeTimeoutMs: 8000, giveUpMs: 60_000 });
    const buffer = new ArrayBuffer(8);
    const calls = [
      widget.guest.save(1, { timeoutMs: 60_000 }),
      widget.guest.echo(transfer(buffer, [buffer]), { timeoutMs: 60_000 }),
    ];
    await pass(20_000, 1000);
    expect(widget.state.name).toBe('handshaking');
    scene.pages[0]?.wake();
    await until(() => widget.state.name === 'ready');
    await expect(Promise.all(calls)).resolves.toEqual([1, expect.any(ArrayBuffer)]);
    expect(scene.guests).toHaveLength(1);
    await widget.unmount();
  });

  it('whose page could not run for longer than a call may take hears the answer that has come meanwhile', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    const call = widget.guest.echo('there', { timeoutMs: 1000 });
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 20_000);
    vi.advanceTimersByTime(1000); // its timers come before its messages
    await expect(call).resolves.toBe('there');
    await widget.unmount();
  });

  it('in a hidden tab, whose timers run once a second, fails in time and is loaded again', async () => {
    const scene = openScene();
    scene.serve('nothing');
    Object.assign(scene.world.host.document, { hidden: true });
    const set = setTimeout;
    vi.stubGlobal('setTimeout', (run: () => void, ms = 0) =>
      set(run, Math.ceil((performance.now() + ms) / 1000) * 1000 - performance.now()),
    );
    const widget = scene.mount({ handshakeTimeoutMs: 1000, reconnect: { retries: 5, delayMs: 500 } });
    void pass(20_000);
    await until(() => widget.state.name === 'reconnecting');
    scene.serve({});
    await until(() => widget.state.name === 'ready');
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    await widget.unmount();
  });

  it('is ready when its frame, taken out before that, is put back', async () => {
    const scene = openScene();
    const widget = scene.mount();
    const call = widget.guest.save(1, { timeoutMs: 60_000 });
    const frame = scene.frame();
    frame.remove();
    await pass(500);
    scene.world.body.append(frame);
    await until(() => widget.state.name === 'ready');
    await expect(call).resolves.toBe(1);
    await widget.unmount();
  });

  it('says that it was reloaded by the host: a query is asked again, a mutation says that it may have run', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => new Promise(() => undefined) } });
    const widget = scene.mount();
    await widget.ready;
    const first = widget.guest.echo('again');
    const second = widget.guest.save(1);
    await settle();
    scene.serve({});
    const frame = scene.frame();
    const before = frame.contentWindow;
    widget.reload();
    await expect(second).rejects.toMatchObject({
      code: 'LINK_CLOSED',
      mayHaveRun: true,
      cause: { code: 'PEER_RELOADED' },
    });
    await expect(first).resolves.toBe('again');
    // In the same window, by `location.replace`: the guest can save what it has, and the history of the tab has no entry of it.
    expect(frame.contentWindow === before).toBe(true);
    await widget.unmount();
  });

  it('loads one that has not said ready in a window of its own: its document is nobody from then on', async () => {
    const scene = openScene();
    const widget = scene.mount();
    const before = scene.frame().contentWindow;
    widget.reload();
    await until(() => widget.state.name === 'ready');
    expect(scene.frame().contentWindow === before).toBe(false);
    await widget.unmount();
  });

  it('loads an address with a fragment anew, which by navigation would load nothing', async () => {
    const scene = openScene();
    const widget = scene.mount({ url: `${url}#tab` });
    await widget.ready;
    const before = scene.frame().contentWindow;
    widget.reload();
    await until(() => widget.state.name === 'ready');
    expect(scene.frame().contentWindow === before).toBe(false);
    await widget.unmount();
  });

  it('comes back after a reload of its guest, and after the guest was moved in the page', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    scene.frame().contentWindow?.go(url);
    await until(() => scene.guests.length === 2 && widget.state.name === 'ready');
    await expect(widget.guest.echo(2)).resolves.toBe(2);
    const section = scene.world.host.document.createElement('section');
    scene.world.body.append(section);
    section.append(scene.frame());
    await until(() => scene.guests.length === 3 && widget.state.name === 'ready');
    await expect(widget.guest.echo(3)).resolves.toBe(3);
    await widget.unmount();
  });

  it('follows its frame into another window', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    const other = scene.world.openWindow();
    const { host } = scene.world;
    const frame = scene.frame();
    // What the frame says is heard where it is.
    Object.assign(scene.world, { host: other });
    other.document.body.append(frame);
    await until(() => scene.guests.length === 2 && widget.state.name === 'ready');
    await expect(widget.guest.echo('there')).resolves.toBe('there');
    expect(host.listeners).toBeLessThan(other.listeners + host.listeners);
    await widget.unmount();
    expect([other.listeners, other.document.listeners]).toEqual([0, 0]);
  });

  it('says that its frame was removed, at the next sign that it needs, and is there again when it is put back', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount();
    await widget.ready;
    const frame = scene.frame();
    const call = widget.guest.echo(1);
    await settle();
    scene.pages[0]?.forgetListeners(); // it says no goodbye
    frame.remove();
    void pass(2000);
    await expect(call).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'FRAME_REMOVED' } });
    expect(widget.state).toMatchObject({ name: 'failed', cause: { code: 'FRAME_REMOVED' } });
    scene.serve({});
    scene.world.body.append(frame);
    await until(() => widget.state.name === 'ready');
    await expect(widget.guest.echo(2)).resolves.toBe(2);
    await widget.unmount();
  });

  it('ends its session when the frame shows a page that can be read', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    scene.frame().contentDocument = {};
    const call = scene.guests[0]?.connection.caller;
    expect(call?.isPending).toBe(false);
    await expect(widget.guest.save(1)).rejects.toMatchObject({ cause: { code: 'PEER_NAVIGATED' }, mayHaveRun: true });
    await widget.unmount();
  });

  it('waits for as long as its place is not in a page', async () => {
    const scene = openScene();
    const section = scene.world.host.document.createElement('section');
    const widget = scene.mount({ into: section as never, handshakeTimeoutMs: 1000 });
    await pass(60_000, 500);
    expect(widget.state.name).toBe('loading');
    scene.world.body.append(section);
    await until(() => widget.state.name === 'ready');
    await widget.unmount();
  });

  it('fails when a script of the guest calls nothing, says why, and connects all the same when the guest comes late', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount({ handshakeTimeoutMs: 1000 });
    const { ready } = widget;
    const early = widget.guest.echo(1);
    void pass(3000);
    await expect(ready).rejects.toMatchObject({ code: 'GUEST_SILENT' });
    await expect(early).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'GUEST_SILENT' } });
    await expect(widget.guest.echo(1)).rejects.toMatchObject({ cause: { code: 'GUEST_SILENT' } });
    // A person logs in, and is sent back: it is another document in the same frame.
    scene.serve({});
    scene.frame().contentWindow?.go(url);
    await until(() => widget.state.name === 'ready');
    await expect(widget.ready).resolves.toBeUndefined();
    await expect(widget.guest.echo(2)).resolves.toBe(2);
    await widget.unmount();
  });

  it('lets a login page of another origin come and go', async () => {
    const scene = openScene();
    const login = 'https://login.example/';
    scene.world.sites.set(url, ({ place }) => place.go(login)); // the guest sends who is not known to the login
    scene.world.sites.set(login, () => undefined);
    const widget = scene.mount({ handshakeTimeoutMs: 1000 });
    void pass(3000);
    await expect(widget.ready).rejects.toMatchObject({ name: 'MuntinError' });
    scene.serve({});
    scene.frame().contentWindow?.go(url);
    await until(() => widget.state.name === 'ready');
    await expect(widget.guest.echo('known')).resolves.toBe('known');
    await widget.unmount();
  });

  it('a listener that reloads when it hears of a failure is not undone by the step that it is in', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount({ handshakeTimeoutMs: 1000 });
    widget.state$.subscribe(({ name }) => {
      if (name !== 'failed') return;
      scene.serve({});
      widget.reload();
    });
    void pass(3000);
    await until(() => widget.state.name === 'ready');
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    await widget.unmount();
  });

  it('is loaded again after a failure where `reconnect` says so; calls wait meanwhile', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount({ handshakeTimeoutMs: 1000, reconnect: { retries: 2, delayMs: 500 } });
    const { ready } = widget;
    const states: string[] = [];
    widget.state$.subscribe(({ name }) => states.push(name));
    const call = widget.guest.echo('patient', { timeoutMs: 60_000 });
    void pass(1500);
    await until(() => states.includes('reconnecting'));
    scene.serve({});
    void pass(1000);
    await until(() => widget.state.name === 'ready');
    await expect(ready).resolves.toBeUndefined();
    await expect(call).resolves.toBe('patient');
    expect(states).toContain('reconnecting');
    await widget.unmount();
  });

  it.each([500, 15_000])(
    'is loaded no oftener than `reconnect` says after it had been there for %i ms',
    async (stayMs) => {
      const scene = openScene();
      const widget = scene.mount({ handshakeTimeoutMs: 6000, reconnect: { retries: 2, delayMs: 100 } });
      await widget.ready;
      await pass(stayMs);
      scene.serve('nothing');
      scene.frame().contentWindow?.go(url);
      await pass(60_000);
      expect(widget.state.name).toBe('failed');
      expect(scene.pages).toHaveLength(4); // it, what it has become, and twice more
      await widget.unmount();
    },
  );

  it.each([
    ['once more, as was asked for', (widget: ReturnType<Scene['mount']>) => widget.reload()],
    ['by itself', () => undefined],
  ])('whose container is taken away fails in time, also while it is loaded again %s', async (_, act) => {
    const scene = openScene();
    scene.serve('nothing');
    const section = scene.world.host.document.createElement('section');
    scene.world.body.append(section);
    const reconnect = { retries: 5, delayMs: 500 };
    const widget = scene.mount({ into: section as never, handshakeTimeoutMs: 1000, reconnect });
    void pass(1500);
    await until(() => widget.state.name === 'reconnecting');
    const { ready } = widget;
    section.remove();
    act(widget);
    void pass(2500);
    await expect(ready).rejects.toMatchObject({ code: 'FRAME_REMOVED' });
    expect(scene.pages).toHaveLength(1);
    section.remove();
    await widget.unmount();
  });

  it('whose window is closed says that its frame was removed', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount({ unresponsiveMs: 1000 });
    await widget.ready;
    const call = widget.guest.echo(1, { timeoutMs: 60_000 });
    await settle();
    scene.pages[0]?.forgetListeners();
    Object.assign(scene.world.host.document, { defaultView: null });
    void pass(2500);
    await expect(call).rejects.toMatchObject({ cause: { code: 'FRAME_REMOVED' } });
    expect(widget.state.name).toBe('failed');
    await widget.unmount();
  });

  it('that is reloaded by who hears of a failure is to be waited for at once', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount({ handshakeTimeoutMs: 1000 });
    let ready: Promise<void> | undefined;
    widget.state$.subscribe(({ name }) => {
      if (name !== 'failed') return;
      scene.serve({});
      widget.reload();
      ({ ready } = widget);
    });
    void pass(3000);
    await until(() => ready !== undefined);
    await ready;
    expect(widget.state.name).toBe('ready');
    await widget.unmount();
  });

  it.each([
    [{ retries: 1.5 }, 'reconnect.retries is 1.5'],
    [{ retries: -1 }, 'reconnect.retries is -1'],
    [{ retries: 1, delayMs: 0 }, 'reconnect.delayMs is 0'],
    [{ retries: 1, maxDelayMs: Infinity }, 'reconnect.maxDelayMs is Infinity'],
    [{ retires: 1 }, 'did you mean "retries"'],
  ])('refuses reconnect %j', (reconnect, text) => {
    const scene = openScene();
    expect(() => scene.mount({ reconnect } as never)).toThrow(text);
    expect(scene.world.body.children).toEqual([]);
  });
});

describe('a guest that does not react', () => {
  const times = { unresponsiveMs: 1000, giveUpMs: 2000 };

  it('is waited for, and is ready again when it reacts', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount(times);
    await widget.ready;
    const call = widget.guest.echo(1, { timeoutMs: 100_000 });
    await settle();
    const [page] = scene.pages;
    if (page !== undefined) page.isBusy = true;
    await pass(20_000);
    expect(widget.state.name).toBe('unresponsive');
    page?.wake();
    await until(() => widget.state.name === 'ready');
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'LINK_CLOSED' }), widget.unmount()]);
  });

  it('is nudged to listen again, when document.open has taken its listeners', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount(times);
    await widget.ready;
    void widget.guest.echo(1, { timeoutMs: 100_000 }).catch(() => undefined);
    await settle();
    scene.pages[0]?.forgetListeners();
    const states: string[] = [];
    widget.state$.subscribe(({ name }) => states.push(name));
    await pass(4000);
    await until(() => widget.state.name === 'ready');
    expect(states).toEqual(['ready', 'unresponsive', 'ready']);
    await widget.unmount();
  });

  it('fails the mount where it is told to', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount({ ...times, onUnresponsive: 'fail' });
    await widget.ready;
    const call = widget.guest.echo(1, { timeoutMs: 100_000 });
    await settle();
    for (const page of scene.pages) page.isBusy = true;
    void pass(5000);
    await expect(call).rejects.toMatchObject({ cause: { code: 'PEER_UNRESPONSIVE' }, mayHaveRun: true });
    expect(widget.state.name).toBe('failed');
    await widget.unmount();
  });

  it('is loaded again as often as was said, waiting twice as long each time, and then fails', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount({ ...times, onUnresponsive: { reload: 1 } });
    await widget.ready;
    const call = widget.guest.echo(1, { timeoutMs: 100_000 });
    await settle();
    for (const page of scene.pages) page.isBusy = true;
    await pass(3500);
    await until(() => scene.guests.length === 2 && widget.state.name === 'ready');
    await settle();
    for (const page of scene.pages) page.isBusy = true;
    void pass(6000);
    await expect(call).rejects.toMatchObject({ cause: { code: 'PEER_UNRESPONSIVE' } });
    expect([scene.guests.length, widget.state.name]).toEqual([2, 'failed']);
    await widget.unmount();
  });
});

describe('a guest that hangs now and then', () => {
  it.each([
    [100, 'failed'],
    [10_000, 'ready'],
  ])('after it was there for %i ms is %s: reloads are given for one failure', async (stayMs, state) => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount({ unresponsiveMs: 1000, giveUpMs: 2000, onUnresponsive: { reload: 1 } });
    await widget.ready;
    for (let hang = 0; hang < 3; hang++) {
      await pass(stayMs);
      void widget.guest.echo(1, { timeoutMs: 100_000 }).catch(() => undefined);
      await settle();
      for (const page of scene.pages) page.isBusy = true;
      const isOver = (): boolean => scene.guests.length > hang + 1 || widget.state.name === 'failed';
      for (let passed = 0; !isOver() && passed < 10_000; passed += 250) await pass(250);
      await settle();
    }
    expect(widget.state.name).toBe(state);
    await widget.unmount();
  });
});

describe('unmount', () => {
  it('asks first, waits for as long as it may, and ends once', async () => {
    const scene = openScene();
    let saved = 0;
    scene.serve({ beforeClose: () => saved++ });
    const widget = scene.mount();
    await widget.ready;
    await Promise.all([widget.unmount({ askMs: 1000 }), widget.unmount({ askMs: 1000 })]);
    expect([saved, widget.state.name]).toEqual([1, 'unmounted']);
    await widget.unmount({ askMs: 1000 });
    await expect(widget.unmount({ askMs: -1 })).rejects.toThrow('askMs is -1');
  });

  it('asks a guest that does not react at the moment, too', async () => {
    const scene = openScene();
    let saved = 0;
    scene.serve({ beforeClose: () => saved++, handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount({ unresponsiveMs: 1000 });
    await widget.ready;
    void widget.guest.echo(1, { timeoutMs: 100_000 }).catch(() => undefined);
    await settle();
    const [page] = scene.pages;
    if (page !== undefined) page.isBusy = true;
    await pass(5000);
    expect(widget.state.name).toBe('unresponsive');
    const over = widget.unmount({ askMs: 60_000 });
    page?.wake();
    await over;
    expect(saved).toBe(1);
  });

  it('is over also where taking the guest away throws', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    const thrown = new Error('of a patched remove');
    const reported: unknown[] = [];
    vi.stubGlobal('queueMicrotask', (run: () => void) => {
      try {
        run();
      } catch (error) {
        reported.push(error);
      }
    });
    scene.frame().remove = () => {
      throw thrown;
    };
    await widget.unmount();
    expect([widget.state.name, reported]).toEqual(['unmounted', [thrown]]);
  });

  it('ends when the guest is leaving while it is asked: nothing throws', async () => {
    const scene = openScene();
    let asked = false;
    scene.serve({
      beforeClose: () => {
        asked = true;
        return new Promise(() => undefined);
      },
    });
    const widget = scene.mount();
    await widget.ready;
    const over = widget.unmount({ askMs: 5000 });
    await until(() => asked);
    scene.frame().contentWindow?.leave();
    await over;
    expect(widget.state.name).toBe('unmounted');
  });

  it('waits no longer than each says, where a guest is asked already', async () => {
    const scene = openScene();
    let asked = 0;
    scene.serve({
      beforeClose: () => {
        asked++;
        return new Promise(() => undefined);
      },
    });
    const widget = scene.mount();
    await widget.ready;
    const patient = widget.unmount({ askMs: 60_000 });
    await until(() => asked === 1);
    const hasty = widget.unmount({ askMs: 500 });
    void pass(1000);
    await hasty;
    expect({ state: widget.state.name, asked }).toEqual({ state: 'unmounted', asked: 1 });
    await patient;
  });

  it('does not wait for who asks where somebody else does not want to ask', async () => {
    const scene = openScene();
    scene.serve({ beforeClose: () => new Promise(() => undefined) });
    const widget = scene.mount();
    await widget.ready;
    const asking = widget.unmount({ askMs: 60_000 });
    await settle();
    await widget.unmount();
    expect(widget.state.name).toBe('unmounted');
    await asking;
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('the disk is full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the disk is full'))],
    [
      'throws what cannot be looked at',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        throw proxy as Error;
      },
    ],
    [
      'answers with what throws when it is waited for',
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new Error('no');
            },
          },
        ),
    ],
  ])('does not wait for a guest whose beforeClose %s', async (_, beforeClose) => {
    const scene = openScene();
    scene.serve({ beforeClose });
    const widget = scene.mount();
    await widget.ready;
    await widget.unmount({ askMs: 60_000 });
    expect([widget.state.name, vi.getTimerCount()]).toEqual(['unmounted', 0]);
  });

  it.each<[string, (scene: Scene, widget: ReturnType<Scene['mount']>) => void]>([
    ['the guest reloads', (scene) => scene.frame().contentWindow?.go(url)],
    ['the guest goes to another page', (scene) => scene.frame().contentWindow?.go('https://elsewhere.example/')],
    ['somebody removes the frame', (scene) => scene.frame().remove()],
    ['the host reloads it', (_, widget) => widget.reload()],
  ])('ends in its time when %s while it is asked', async (_, act) => {
    const scene = openScene();
    scene.serve({ beforeClose: () => new Promise(() => undefined) });
    const widget = scene.mount();
    await widget.ready;
    const over = widget.unmount({ askMs: 3000 });
    await settle();
    act(scene, widget);
    void pass(4000);
    await over;
    expect([widget.state.name, scene.world.body.children]).toEqual(['unmounted', []]);
  });

  it('does not wait for a guest that has no answer, beyond its time', async () => {
    const scene = openScene();
    scene.serve({ beforeClose: () => new Promise(() => undefined) });
    const widget = scene.mount();
    await widget.ready;
    const over = widget.unmount({ askMs: 500 });
    void pass(1000);
    await over;
    expect(scene.world.body.children).toEqual([]);
  });

  it('in a component that is mounted twice, as in StrictMode, leaves one guest', async () => {
    const scene = openScene();
    const first = scene.mount();
    void first.unmount();
    const second = scene.mount();
    await second.ready;
    await expect(second.guest.echo(1)).resolves.toBe(1);
    expect(scene.world.body.children).toHaveLength(1);
    await expect(first.ready).rejects.toMatchObject({ code: 'UNMOUNTED' });
    await second.unmount();
  });
});

describe('a page in the back/forward cache', () => {
  it('asks nothing from pagehide on, and gives its waits their time again', async () => {
    const scene = openScene();
    scene.serve({ handlers: { echo: () => new Promise(() => undefined), save: () => 1 } });
    const widget = scene.mount({ unresponsiveMs: 1000, giveUpMs: 2000, onUnresponsive: 'fail' });
    await widget.ready;
    await pass(500);
    const call = widget.guest.echo(1, { timeoutMs: 5000 });
    await settle();
    const heard: unknown[] = [];
    scene.pages[0]?.addEventListener('message', ({ data }: { data: unknown }) => heard.push(data));
    scene.world.host.tell('pagehide', { persisted: true });
    await pass(600);
    expect(heard).toEqual([]);
    scene.world.host.tell('pageshow', { persisted: true });
    await pass(1000);
    expect(heard.length).toBeGreaterThan(0);
    expect(widget.state.name).toBe('ready');
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'LINK_CLOSED' }), widget.unmount()]);
  });
});

describe('an opaque guest', () => {
  const opaque = { opaque: true } as never;
  const secretOf = (hash: string): string | undefined => /^#muntin=(.*)/.exec(hash)?.[1];

  it('is known by its secret, and gets another one with another document', async () => {
    const scene = openScene();
    scene.serve(({ url: { hash }, place }) => ({
      secret: secretOf(hash),
      document: String(place.world.sites.size + scene.pages.length),
    }));
    const widget = scene.mount(opaque);
    await widget.ready;
    expect(widget.origin).toBe('null');
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    const [first] = scene.pages;
    expect(first?.origin).toBe('null');
    // It loads itself anew, with the address that it had: the secret is spent, and the host makes a place for another.
    scene.frame().contentWindow?.go(first?.url.href ?? '');
    await until(() => widget.state.name === 'ready' && scene.pages.length > 1);
    expect(secretOf(scene.pages.at(-1)?.url.hash ?? '')).not.toBe(secretOf(first?.url.hash ?? ''));
    await expect(widget.guest.echo(2)).resolves.toBe(2);
    await widget.unmount();
  });

  it('that gives its secret to another document is loaded anew, with another secret, at once', async () => {
    const scene = openScene();
    scene.serve(({ url: { hash } }) => ({ secret: secretOf(hash), document: `document ${scene.pages.length}` }));
    const widget = scene.mount(opaque);
    await widget.ready;
    const [first] = scene.pages;
    first?.forgetListeners(); // so that it says no goodbye
    scene.frame().contentWindow?.go(first?.url.href ?? '');
    await until(() => scene.pages.length === 3 && widget.state.name === 'ready');
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    await widget.unmount();
  });

  it('without the secret of this mount is a stranger', async () => {
    const scene = openScene();
    scene.serve({ secret: 'made up' });
    const widget = scene.mount(opaque);
    await expect(widget.ready).rejects.toMatchObject({
      code: 'GUEST_ORIGIN_MISMATCH',
      message: expect.stringContaining('only the page that this mount has loaded'),
    });
    await widget.unmount();
  });

  it('can be a page that is given as text, with its secret in it', async () => {
    const scene = openScene();
    scene.serve(({ text }) => ({ secret: /content="([^"]*)"/.exec(text ?? '')?.[1] }));
    const widget = mount(board, {
      srcdoc: '<!doctype html><p>guest',
      opaque: true,
      into: scene.world.body as never,
      title: 'Board',
      handlers: { ask: (value) => value },
    });
    await widget.ready;
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    await widget.unmount();
  });

  it.each([
    [{ opaque: true, url: `${url}#there` }, 'url has the fragment "#there"'],
    [{ opaque: 1 }, 'opaque is 1: give true or false'],
    [{ url: undefined, srcdoc: '<p>guest' }, 'and opaque: true'],
    [{ url: undefined, srcdoc: 1, opaque: true }, 'srcdoc is 1'],
    [{ srcdoc: '<p>guest', opaque: true }, 'url and srcdoc are both given'],
    [{ title: ' ' }, 'title is " "'],
    [{ into: {} }, 'into is object'],
    [{ url: 'https://host.example/own' }, "is the host's own origin"],
    [{ url: 'http://[' }, 'give an address such as'],
    [{ url: '' }, 'url is "": give an address such as'],
    [{ url: ' ' }, 'url is " ": give an address such as'],
    [{ url: 'nonsense:' }, 'url is "nonsense:": give an address such as'],
    [{ url: 'data:text/html,x', opaque: true }, 'give an address such as'],
  ])('cannot be mounted with %j', (options, text) => {
    expect(() => openScene().mount(options as never)).toThrow(text);
  });
});

describe("the host's policy", () => {
  const violation = (more: object = {}): Record<string, unknown> => ({
    blockedURI: url,
    effectiveDirective: 'frame-src',
    disposition: 'enforce',
    sourceFile: 'https://host.example/app.js',
    ...more,
  });

  it.each([
    ['by a script of this page, in an engine with an error page', violation(), false, 'BLOCKED_BY_CSP'],
    ['where the frame shows a blank page', violation({ sourceFile: '' }), true, 'BLOCKED_BY_CSP'],
    ['by nobody knows whom', violation({ sourceFile: '' }), false, 'GUEST_SILENT'],
    ['only to be reported', violation({ disposition: 'report' }), false, 'GUEST_SILENT'],
    ['of an image', violation({ effectiveDirective: 'img-src' }), false, 'GUEST_SILENT'],
    ['of another guest', violation({ blockedURI: 'https://other.example/' }), false, 'GUEST_SILENT'],
  ])('refuses a frame %s: %#', async (_, event, isBlank, code) => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount({ handshakeTimeoutMs: 1000 });
    if (isBlank) scene.frame().contentDocument = { URL: 'about:blank' };
    scene.world.host.document.tell('securitypolicyviolation', event);
    void pass(3000);
    await expect(widget.ready).rejects.toMatchObject({ code });
    await widget.unmount();
  });

  it('is not held against a guest while another of its origin is about to load', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const both = [scene.mount({ handshakeTimeoutMs: 1000 }), scene.mount({ handshakeTimeoutMs: 1000 })];
    scene.world.host.document.tell('securitypolicyviolation', violation());
    void pass(3000);
    for (const { ready } of both) await expect(ready).rejects.toMatchObject({ code: 'GUEST_SILENT' });
    for (const widget of both) await widget.unmount();
  });
});

describe('attach', () => {
  const options = { origin: 'https://guest.example', handlers: { ask: (value: number) => value } };

  it.each(['', undefined])('does not load this page into a frame whose src is %j', async (src) => {
    const scene = openScene();
    const frame = scene.world.host.document.createElement('iframe') as Frame;
    if (src !== undefined) frame.setAttribute('src', src);
    scene.world.body.append(frame);
    const widget = attach(board, { ...options, frame: frame as never });
    const window = frame.contentWindow;
    window?.go(url); // as by its name
    await until(() => widget.state.name === 'ready');
    const states: (string | undefined)[] = [];
    widget.state$.subscribe(({ name, cause }) => states.push(cause?.code ?? name));
    widget.reload();
    await until(() => states.includes('GUEST_NOT_LOADED'));
    await settle();
    expect([scene.pages.length, frame.contentWindow === window]).toEqual([1, true]);
    frame.setAttribute('src', url);
    widget.reload();
    await until(() => scene.pages.length === 2 && widget.state.name === 'ready');
    await widget.unmount();
  });

  it('leaves the former mount as it was, where it is refused', async () => {
    const scene = openScene();
    const frame = scene.world.host.document.createElement('iframe');
    frame.setAttribute('src', url);
    scene.world.body.append(frame);
    const widget = attach(board, { ...options, frame: frame as never });
    await until(() => widget.state.name === 'ready');
    const use = [extension('acme/guests', {}).onGuest()];
    expect(() => attach(board, { ...options, frame: frame as never, use })).toThrow("guest's side");
    await settle();
    expect(widget.state.name).toBe('ready');
    await widget.unmount();
  });

  it('asks the guest in a frame that is there for a hello, until it says one; and leaves the frame', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const frame = scene.world.host.document.createElement('iframe');
    frame.setAttribute('src', url);
    scene.world.body.append(frame);
    await settle();
    const widget = attach(board, { ...options, frame: frame as never });
    await pass(1500);
    scene.serve({});
    widget.reload();
    await until(() => widget.state.name === 'ready');
    await expect(widget.guest.echo(1)).resolves.toBe(1);
    const again = attach(board, { ...options, frame: frame as never });
    expect(widget.state.name).toBe('unmounted');
    void pass(3000);
    await until(() => again.state.name === 'ready');
    await again.unmount();
    expect(frame.isConnected).toBe(true);
  });

  it('loads a frame with a fragment again by putting it back where it was', async () => {
    const scene = openScene();
    const [frame, behind] = [
      scene.world.host.document.createElement('iframe'),
      scene.world.host.document.createElement('p'),
    ];
    frame.setAttribute('src', `${url}#tab`);
    scene.world.body.append(frame);
    scene.world.body.append(behind);
    const widget = attach(board, { ...options, frame: frame as never });
    await until(() => widget.state.name === 'ready');
    widget.reload();
    await until(() => scene.guests.length === 2 && widget.state.name === 'ready');
    expect(scene.world.body.children).toEqual([frame, behind]);
    await widget.unmount();
  });

  it('refuses what is no frame, one that mount() has made, and a sandbox in which no script runs', async () => {
    const scene = openScene();
    const element = scene.world.host.document.createElement('div');
    expect(() => attach(board, { ...options, frame: element as never })).toThrow('give an iframe element');
    const mounted = scene.mount();
    expect(() => attach(board, { ...options, frame: scene.frame() as never })).toThrow('frame was made by mount()');
    await mounted.unmount();
    const frame = scene.world.host.document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-forms');
    frame.setAttribute('src', url);
    scene.world.body.append(frame);
    const widget = attach(board, { ...options, frame: frame as never });
    await expect(widget.ready).rejects.toMatchObject({ code: 'SANDBOX_BLOCKS_SCRIPTS' });
    await widget.unmount();
  });
});

/** A guest that is played by hand: says hello from the document that is there, and answers with what the host says on its port. */
async function sayHello(
  scene: Scene,
  more: object = {},
): Promise<{ port: MessagePort; batches: (readonly unknown[])[] }> {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const batches: (readonly unknown[])[] = [];
  port1.onmessage = ({ data }) => batches.push(...(data as (readonly unknown[])[]));
  const contract = { name: 'acme/board', version: '1.0.0' };
  const hello = {
    muntin: 'hello',
    versions: [1],
    contract,
    serves: ['+muntin/ping', 'echo', 'save'],
    calls: 9,
    codecs: [],
    nonce: 'n',
    ...more,
  };
  scene.pages.at(-1)?.say(hello, 'https://host.example', [port2]);
  await until(() => batches.length > 0);
  return { port: port1, batches };
}

/** Reads the welcome, and is ready. */
function beReady({ port, batches }: Awaited<ReturnType<typeof sayHello>>, more: object = {}): void {
  const [, welcome] = batches[0] ?? [];
  const session: unknown = Reflect.get(Object(welcome), 'session');
  port.postMessage([[READY, { session, heard: [1], ...more }]]);
}

describe('on the port of a session', () => {
  it('what comes after the document has not shown for a while that it is there waits until it has', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    const [guest] = scene.guests;
    if (guest === undefined) throw new Error('there is one');
    const host = createClient<typeof board.host>(board.host, guest.connection.caller);
    await pass(1500);
    scene.pages[0]?.forgetListeners(); // its window answers nobody
    await expect(host.ask(1)).resolves.toBe(2); // is heard, and the document is asked for
    await pass(500);
    let answer: number | undefined;
    void host.ask(2).then((found) => {
      answer = found;
    });
    await settle();
    expect(answer).toBeUndefined();
    guest.connector.listenAgain();
    await pass(5000);
    await until(() => answer === 3);
    expect(widget.state.name).toBe('ready');
    await widget.unmount();
  });

  it.each<[string, (guest: Awaited<ReturnType<typeof sayHello>>) => void]>([
    ['a kind of message that there is not', ({ port }) => port.postMessage([[999]])],
    ['a second ready', (guest) => beReady(guest)],
  ])('%s ends it, and nobody is welcomed until the host begins again', async (_, misbehave) => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount();
    await until(() => scene.pages.length === 1);
    const guest = await sayHello(scene);
    beReady(guest);
    await widget.ready;
    misbehave(guest);
    await until(() => widget.state.name === 'failed');
    expect(widget.state.cause?.code).toBe('PROTOCOL_VIOLATION');
    const { port1, port2 } = new MessageChannel();
    scene.pages[0]?.say({ muntin: 'hello' }, 'https://host.example', [port2]);
    await settle();
    port1.close();
    expect(widget.state.name).toBe('failed');
    scene.serve({});
    widget.reload();
    await until(() => widget.state.name === 'ready');
    await widget.unmount();
  });

  it.each([
    ['another session', { session: 'another' }],
    ['other versions than the host has said', { heard: [1, 2] }],
  ])('a ready of %s is none', async (_, more) => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount();
    await until(() => scene.pages.length === 1);
    beReady(await sayHello(scene), more);
    await until(() => widget.state.name === 'failed');
    expect(widget.state.cause?.code).toBe('PROTOCOL_VIOLATION');
    await widget.unmount();
  });

  it.each([
    ['the same nonce', () => 'n', false, 1],
    ['a nonce of its own', (at: number) => `n${at}`, false, 0],
    ['the same nonce, behind a goodbye', () => 'n', true, 0],
  ])('a mutation does not go out again with each of 156 hellos, of %s', async (_, nonceOf, saysGoodbye, times) => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount();
    await until(() => scene.pages.length === 1);
    const saved = widget.guest.save(1).then(
      () => 'saved',
      ({ code }: MuntinError) => code,
    );
    const heard: unknown[][] = [];
    const ports: MessagePort[] = [];
    onTestFinished(() => {
      for (const port of ports) port.close();
    });
    for (let at = 0; at < 156; at++) {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      const said: unknown[] = [];
      heard.push(said);
      port1.onmessage = ({ data }) => said.push(...(data as readonly unknown[]));
      const hello = { muntin: 'hello', versions: [1], contract: { name: 'acme/board', version: '1.0.0' } };
      const served = { serves: ['+muntin/ping', 'echo', 'save'], calls: 9, codecs: [], nonce: nonceOf(at) };
      scene.pages.at(-1)?.say({ ...hello, ...served }, 'https://host.example', [port2]);
      await settle();
      if (saysGoodbye) port1.postMessage([[GOODBYE, 'later']]);
    }
    await settle();
    const calls = heard.flat().filter((message) => Array.isArray(message) && message[0] === CALL);
    expect(calls).toEqual([]);
    expect(heard.flat().length).toBeGreaterThan(0); // it was welcomed
    // Who says ready gets it, once; where the hellos were a loop, nobody does.
    const at = heard.map((said) => Array.isArray(said[0]) && said[0][0] === WELCOME).lastIndexOf(true);
    const port = ports[at];
    if (widget.state.name === 'handshaking' && port !== undefined && !saysGoodbye) {
      beReady({ port, batches: heard[at] as (readonly unknown[])[] });
      await until(() => heard.flat().some((message) => Array.isArray(message) && message[0] === CALL));
    }
    await widget.unmount();
    expect(await saved).toMatch(/UNMOUNTED|LINK_CLOSED/);
    const sent = heard.flat().filter((message) => Array.isArray(message) && message[0] === CALL);
    expect(sent.length).toBe(times);
  });

  it('a goodbye for good fails the mount; one before ready asks for a hello again', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount();
    await until(() => scene.pages.length === 1);
    const heard: unknown[] = [];
    scene.pages[0]?.addEventListener('message', ({ data }: { data: unknown }) => heard.push(data));
    const first = await sayHello(scene);
    first.port.postMessage([[GOODBYE, 'later']]);
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ muntin: 'knock' }]);
    const second = await sayHello(scene);
    beReady(second);
    await widget.ready;
    second.port.postMessage([[GOODBYE, 'closed']]);
    await until(() => widget.state.name === 'failed');
    expect(widget.state.cause?.code).toBe('PEER_CLOSED');
    await widget.unmount();
  });
});

describe('who says hello', () => {
  it('in versions that this host does not speak is told no', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount();
    await until(() => scene.pages.length === 1);
    const { batches } = await sayHello(scene, { versions: [7] });
    await expect(widget.ready).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      message: expect.stringContaining('7'),
    });
    expect(batches).toEqual([[REFUSE, expect.objectContaining({ code: 'VERSION_MISMATCH' })]]);
    await widget.unmount();
  });

  it('with another contract is told no, and so is the mount', async () => {
    const scene = openScene();
    scene.serve('nothing');
    const widget = scene.mount();
    await until(() => scene.pages.length === 1);
    const { batches } = await sayHello(scene, { contract: { name: 'acme/other', version: '1.0.0' } });
    await expect(widget.ready).rejects.toMatchObject({ code: 'CONTRACT_MISMATCH' });
    expect(batches).toEqual([[REFUSE, expect.objectContaining({ code: 'CONTRACT_MISMATCH' })]]);
    await widget.unmount();
  });

  it.each(['its own', 'another'] as const)(
    'with another contract, from %s document than that of the session',
    async (whose) => {
      const scene = openScene();
      scene.serve('nothing');
      const widget = scene.mount();
      await until(() => scene.pages.length === 1);
      const first = await sayHello(scene, { document: 'first' });
      beReady(first);
      await widget.ready;
      const { batches } = await sayHello(scene, {
        contract: { name: 'acme/other', version: '1.0.0' },
        nonce: 'another',
        document: whose === 'its own' ? 'first' : 'second',
      });
      await until(() => batches.length > 0);
      expect(batches).toEqual([[REFUSE, expect.objectContaining({ code: 'CONTRACT_MISMATCH' })]]);
      expect([widget.state.name, widget.state.cause?.code]).toEqual(
        whose === 'its own' ? ['ready', undefined] : ['failed', 'CONTRACT_MISMATCH'],
      );
      await widget.unmount();
    },
  );

  it('from another origin, after the guest was there, has navigated away', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    const { port1, port2 } = new MessageChannel();
    scene.world.host.hear({ muntin: 'hello' }, scene.frame().contentWindow, 'https://evil.example', [port2]);
    await until(() => widget.state.name === 'failed');
    expect(widget.state.cause?.code).toBe('PEER_NAVIGATED');
    port1.close();
    await widget.unmount();
  });

  it('five times in a row without staying is a loop, until the host reloads', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    for (let document = 2; widget.state.name !== 'failed' && document < 12; document++) {
      scene.frame().contentWindow?.go(url);
      await until(() => scene.guests.length === document);
      await settle(60);
    }
    expect(widget.state.cause?.code).toBe('RELOAD_LOOP');
    expect(scene.guests).toHaveLength(6);
    widget.reload();
    await until(() => widget.state.name === 'ready');
    await widget.unmount();
  });

  it('by a person who clicks in the guest is no loop', async () => {
    const scene = openScene();
    const widget = scene.mount();
    await widget.ready;
    const { document, navigator } = scene.world.host;
    navigator.userActivation.isActive = true;
    document.activeElement = scene.frame();
    for (let page = 2; page < 9; page++) {
      scene.frame().contentWindow?.go(url);
      await until(() => scene.guests.length === page);
      await settle(60);
    }
    await until(() => widget.state.name === 'ready');
    expect(scene.guests).toHaveLength(8);
    await widget.unmount();
  });
});
