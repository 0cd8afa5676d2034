import { pageAt, redirect, type Wishes } from './fixtures/addresses.ts';
import { type Driver, expect, test } from './fixtures/engine.ts';
import type { Container } from './fixtures/pages/situations-host.ts';
import type { Site } from './fixtures/site.ts';

// What pages go through, as a product: situation × container × kind of work, in every engine. The kinds of work are those of situations-host.ts, all
// asked in the turn of the mount, so that whatever is sent once only would be lost if it left too early.

declare const made: ReturnType<typeof situations.make>;

const containers: readonly Container[] = ['frame', 'popup', 'worker'];
const guestUrl = (site: Site, wishes: Wishes = {}, origin = site.guest.crossSite): string =>
  pageAt(origin, 'soak-guest', { host: site.host, ...wishes });

async function openPage(driver: Driver, site: Site): Promise<Record<string, unknown>> {
  await driver.goto(`${site.host}/situations-host`);
  return driver.evaluate(() => situations.expected);
}

test.describe('a guest that is busy from its first hello on has one session, and everything is answered once', () => {
  // One that is busy for 20 s is a unit test, in which time passes by hand.
  for (const busyMs of [300, 3500])
    for (const container of containers)
      test(`${container}, ${busyMs} ms`, { tag: container === 'popup' ? '@chromium' : '@core' }, async ({
        driver,
        site,
      }) => {
        test.setTimeout(90_000);
        const expected = await openPage(driver, site);
        const seen = await driver.evaluate(
          (...args) => situations.play(...args),
          container,
          guestUrl(site, { busyMs }),
          busyMs,
          {},
        );
        expect(seen.ends).toEqual(expected);
        expect(seen.ran).toEqual(['once']);
        expect(seen.faults).toEqual([]);
        expect(seen.states.join()).not.toMatch(/failed|reconnecting/);
      });
});

/** Guests that come when the mount has failed already, or that are brought in later. */
const late: Readonly<
  Record<
    string,
    (url: {
      late: string;
      slow: string;
      ready: string;
      blank: string;
      login: string;
    }) => Promise<{ ends: object; states: string[] }>
  >
> = {
  'it says hello after the mount has failed': async (url) => {
    const { one, states } = situations.make('frame', url.late, 0, { handshakeTimeoutMs: 500 });
    await one.ready.catch(() => undefined);
    while (one.state.name !== 'ready') await new Promise((resolve) => setTimeout(resolve, 50));
    return { ends: await situations.askAll(one), states };
  },
  'the host loads it anew before it has said hello, and its server takes longer than it would have': async (url) => {
    const { one, states } = situations.make('frame', url.slow, 0, {});
    const ends = situations.askAll(one);
    await new Promise((resolve) => setTimeout(resolve, 900));
    one.reload();
    return { ends: await ends, states };
  },
  'its server sends it to a login page of another origin, from which a person comes back': async (url) => {
    const { one, states } = situations.make('frame', url.login, 0, { handshakeTimeoutMs: 500 });
    const failed = await one.ready.then(
      () => 'ready',
      ({ name }: Error) => name,
    );
    if (failed !== 'MuntinError') throw new Error(failed);
    const { frame } = one as unknown as { frame: HTMLIFrameElement };
    frame.contentWindow?.location.replace(url.ready);
    while (one.state.name !== 'ready') await new Promise((resolve) => setTimeout(resolve, 50));
    return { ends: await situations.askAll(one), states };
  },
  'its frame is lazy, and far below what is seen for longer than handshakeTimeoutMs': async (url) => {
    const into = document.createElement('div');
    into.style.marginTop = '30000px';
    const { one, states } = situations.make('frame', url.ready, 0, { handshakeTimeoutMs: 500, into });
    const { frame } = one as unknown as { frame: HTMLIFrameElement };
    frame.loading = 'lazy';
    document.body.append(into);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    frame.scrollIntoView();
    while (one.state.name !== 'ready') await new Promise((resolve) => setTimeout(resolve, 50));
    return { ends: await situations.askAll(one), states };
  },
  'its container is put into the page later than handshakeTimeoutMs': async (url) => {
    const into = document.createElement('div');
    const { one, states } = situations.make('frame', url.ready, 0, { handshakeTimeoutMs: 2000, into });
    const ends = situations.askAll(one);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    document.body.append(into);
    return { ends: await ends, states };
  },
  'its container is a shadow root': async (url) => {
    const owner = document.createElement('div');
    document.body.append(owner);
    const { one, states } = situations.make('frame', url.ready, 0, { into: owner.attachShadow({ mode: 'open' }) });
    return { ends: await situations.askAll(one), states };
  },
  'its container is in a window that the page has opened': async (url) => {
    const other = window.open('', '', 'popup,width=300,height=300');
    if (other === null) throw new Error('no window');
    const { one, states } = situations.make('frame', url.ready, 0, { into: other.document.body });
    const ends = await situations.askAll(one);
    await one.unmount();
    other.close();
    return { ends, states };
  },
  'it closes and exposes again in the same document': async (url) => {
    const { one, states } = situations.make('frame', url.ready, 0, {});
    await one.ready;
    await one.guest.go('close');
    while (!states.includes('failed PEER_CLOSED')) await new Promise((resolve) => setTimeout(resolve, 20));
    while (one.state.name !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20));
    return { ends: await situations.askAll(one), states };
  },
  'the same of a worker': async () => {
    const { one, states } = situations.make('worker', '', 0, {});
    await one.ready;
    await one.guest.go('close');
    while (!states.includes('failed PEER_CLOSED')) await new Promise((resolve) => setTimeout(resolve, 20));
    while (one.state.name !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20));
    return { ends: await situations.askAll(one), states };
  },
  'reconnect loads it again, after pauses': async (url) => {
    const { one, states } = situations.make('frame', url.blank, 0, {
      handshakeTimeoutMs: 400,
      reconnect: { retries: 3, delayMs: 200 },
    });
    const { frame } = one as unknown as { frame: HTMLIFrameElement };
    const failed = await one.ready.then(
      () => 'ready',
      ({ code }: { code: string }) => code,
    );
    const loads = states.filter((name) => name === 'loading').length;
    if (failed === 'ready' || loads !== 4) throw new Error(`${failed} after ${loads} loads: ${states.join()}`);
    frame.src = url.ready;
    while (one.state.name !== 'ready') await new Promise((resolve) => setTimeout(resolve, 50));
    return { ends: await situations.askAll(one), states };
  },
  'the thread of the host is busy for longer than handshakeTimeoutMs': async (url) => {
    const { one, states } = situations.make('frame', url.ready, 0, { handshakeTimeoutMs: 1000 });
    const ends = situations.askAll(one);
    for (const end = performance.now() + 3000; performance.now() < end; );
    const ended = await ends;
    if (states.join().includes('failed')) throw new Error(states.join());
    return { ends: ended, states };
  },
};

test.describe('a guest that comes late, or to another place, connects', () => {
  for (const [name, body] of Object.entries(late))
    test(name, { tag: name.includes('window') ? '@chromium' : '@core' }, async ({ driver, site }) => {
      const expected = await openPage(driver, site);
      const url = {
        late: guestUrl(site, { lateMs: 1500 }),
        slow: guestUrl(site, { delayMs: 700, lateMs: 400 }),
        ready: guestUrl(site),
        blank: pageAt(site.guest.crossSite, 'blank'),
        login: redirect(site.guest.crossSite, pageAt(site.guest.b, 'blank')),
      };
      const seen = await driver.evaluate(body, url);
      expect(seen.ends, seen.states.join()).toEqual(expected);
    });
});

test('a guest in a picture-in-picture window is asked, and goes on in the page when that window is closed', async ({
  driver,
  site,
}) => {
  const expected = await openPage(driver, site);
  await driver.evaluate((url) => {
    const pip: unknown = Reflect.get(window, 'documentPictureInPicture');
    const { requestWindow } = pip as { requestWindow: () => Promise<Window> };
    const play = async (): Promise<object> => {
      const other = await Reflect.apply(requestWindow, pip, []);
      const { one, states } = situations.make('frame', url, 0, { into: other.document.body });
      const inside = await situations.askAll(one);
      const { frame } = one as unknown as { frame: HTMLIFrameElement };
      const before = states.length;
      document.body.append(frame); // as pages do in its `pagehide`; it loads the guest anew
      other.close();
      while (states.length === before || one.state.name !== 'ready')
        await new Promise((resolve) => setTimeout(resolve, 20));
      const back = await situations.askAll(one);
      await one.unmount();
      return { inside, back, last: states.at(-1) };
    };
    addEventListener('click', () => Object.assign(globalThis, { played: play().catch(String) }), { once: true });
  }, guestUrl(site));
  await driver.click('html'); // browsers open such a window for a person only
  const seen = await driver.evaluate(() => Reflect.get(globalThis, 'played') as Promise<unknown>);
  expect(seen).toEqual({ inside: expected, back: expected, last: 'unmounted' });
});

test('unmount asks the guest first where it is told to, and a page that mounts twice, as StrictMode does, loses nothing', {
  tag: '@core',
}, async ({ driver, site }) => {
  const expected = await openPage(driver, site);
  const seen = await driver.evaluate(async (url) => {
    const first = situations.make('frame', url);
    const gone = first.one.unmount({ askMs: 1000 }); // it has not connected: there is nobody to ask
    const second = situations.make('frame', url);
    const ends = await situations.askAll(second.one);
    await gone;
    const from = performance.now();
    await second.one.unmount({ askMs: 5000 });
    const ms = performance.now() - from;
    await second.one.unmount({ askMs: 5000 });
    return { ends, ms, frames: frames.length, first: first.states.at(-1), second: second.states.at(-1) };
  }, guestUrl(site));
  expect(seen).toMatchObject({ ends: expected, frames: 0, first: 'unmounted', second: 'unmounted' });
  expect(seen.ms).toBeGreaterThan(25); // its beforeClose takes 30 ms
  expect(seen.ms).toBeLessThan(5000);
});

test('reconnect loads a guest as soon as the page is online again', { tag: '@chromium' }, async ({ driver, site }) => {
  const expected = await openPage(driver, site);
  await driver.setOffline?.(true);
  await driver.evaluate((url) => {
    const reconnect = { retries: 1, delayMs: 600_000, maxDelayMs: 600_000 };
    Object.assign(globalThis, { made: situations.make('frame', url, 0, { handshakeTimeoutMs: 400, reconnect }) });
  }, guestUrl(site));
  const state = (): Promise<string> => driver.evaluate(() => made.one.state.name);
  await expect.poll(state).toBe('reconnecting');
  await driver.setOffline?.(false);
  await expect.poll(state).toBe('ready');
  expect(await driver.evaluate(() => situations.askAll(made.one))).toEqual(expected);
});

test('reload() adds nothing to the history of the tab', { tag: '@core' }, async ({ driver, site }) => {
  const expected = await openPage(driver, site);
  const seen = await driver.evaluate(async (url) => {
    const { one } = situations.make('frame', url);
    await one.ready;
    const before = history.length;
    for (let n = 0; n < 3; n++) {
      one.reload();
      await one.ready;
    }
    return { added: history.length - before, ends: await situations.askAll(one) };
  }, guestUrl(site));
  expect(seen).toEqual({ added: 0, ends: expected });
});

test('a page that has replaced Promise, as zone.js does, is answered like others', { tag: '@core' }, async ({
  driver,
  site,
}) => {
  const expected = await openPage(driver, site);
  const seen = await driver.evaluate(async (url) => {
    const Native = Promise;
    class ZonePromise<T> extends Native<T> {}
    globalThis.Promise = ZonePromise;
    const { one, handlers } = situations.make('frame', url);
    const ends = await situations.askAll(one);
    globalThis.Promise = Native;
    return { ends, ...handlers.seen };
  }, guestUrl(site));
  expect(seen).toEqual({ ends: expected, ran: ['once'], faults: [] });
});
