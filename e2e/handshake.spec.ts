import { deadOrigin, guestOf, pageAt, redirect, strangerAt } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Site } from './fixtures/site.ts';

const second = 'iframe:nth-of-type(2)';

/** Impostors that are tried in every engine. */
const inEveryEngine = new Set([
  'a port that begins with the digits of the pinned one',
  'a name that ends with the pinned one',
  'a port that begins with the digits of the listed one',
  'another site',
]);

test.describe('the order of loading does not matter', () => {
  for (const lateMs of [0, 50, 5000]) {
    test(`a guest that calls expose ${lateMs} ms late connects`, {
      tag: lateMs === 50 ? '@core' : '@chromium',
    }, async ({ driver, site }) => {
      await driver.goto(`${site.host}/host`);
      const seen = await driver.evaluate(
        async (url) => {
          const { ready, guest } = host.mount(url);
          const early = await guest.echo('called before anybody was there');
          await ready;
          return { early, states: host.states[0] };
        },
        guestOf(site, { lateMs }),
      );
      expect(seen).toEqual({
        early: 'called before anybody was there',
        states: ['loading', ...(seen.states?.includes('handshaking') ? ['handshaking'] : []), 'ready'],
      });
      expectQuiet(driver, site);
    });
  }

  for (const [name, busy] of Object.entries({
    'from its first hello on': { busyMs: 4000 },
    'as soon as it has loaded': { busyAfterLoadMs: 7000 },
  })) {
    test(`a guest that is busy ${name} connects when it is done`, async ({ driver, site }) => {
      await driver.goto(`${site.host}/host`);
      const seen = await driver.evaluate(
        async (url) => {
          const { guest, ready } = host.mount(url);
          const echo = await host.settle(guest.echo(1, { timeoutMs: 20_000 }));
          await host.settle(ready);
          return { echo, states: host.states[0] };
        },
        guestOf(site, busy),
      );
      expect(seen).toEqual({ echo: { value: 1 }, states: ['loading', 'handshaking', 'ready'] });
      expectQuiet(driver, site);
    });
  }

  test('a guest whose server answers late connects', async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate((url) => host.mount(url).guest.echo(1), guestOf(site, { delayMs: 1000 }));
    expect(seen).toBe(1);
    expectQuiet(driver, site);
  });

  test('a host that attaches to a frame in its markup connects while the guest still says hello', {
    tag: '@core',
  }, async ({ driver, site }) => {
    await driver.goto(pageAt(site.host, 'host', { frame: guestOf(site) }));
    const seen = await driver.evaluate((origin) => host.attach('iframe', origin).guest.echo(1), site.guest.crossSite);
    expect(seen).toBe(1);
    expectQuiet(driver, site);
  });

  test('a host that attaches before the guest has loaded connects', async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(
      (url, origin) => {
        host.embed(url, 'frame');
        return host.attach('iframe', origin).guest.echo(1);
      },
      guestOf(site, { delayMs: 300 }),
      site.guest.crossSite,
    );
    expect(seen).toBe(1);
    expectQuiet(driver, site);
  });

  test('a host that arrives after the guest gave up knocks, and they connect', async ({ driver, site }) => {
    await driver.goto(pageAt(site.host, 'host', { frame: guestOf(site, { timeoutMs: 300 }) }));
    await expect.poll(() => driver.frameEvaluate('iframe', () => guest.shell.state.name)).toBe('failed');
    const seen = await driver.evaluate(async (origin) => {
      const { guest, ready } = host.attach('iframe', origin);
      await ready;
      return guest.echo(1);
    }, site.guest.crossSite);
    expect(seen).toBe(1);
    const states = await driver.frameEvaluate('iframe', () => guest.states.map(({ name, code }) => code ?? name));
    expect(states).toEqual(['handshaking', 'HANDSHAKE_TIMED_OUT', 'handshaking', 'ready']);
    expect(await driver.frameEvaluate('iframe', () => traffic[0]?.data)).toEqual({ muntin: 'knock' });
    expectQuiet(driver, site);
  });

  test('a host that attaches again after it has unmounted connects again', async ({ driver, site }) => {
    await driver.goto(pageAt(site.host, 'host', { frame: guestOf(site) }));
    const seen = await driver.evaluate(async (origin) => {
      const first = host.attach('iframe', origin);
      await first.ready;
      await first.unmount();
      return host.attach('iframe', origin).guest.echo(1);
    }, site.guest.crossSite);
    expect(seen).toBe(1);
    expectQuiet(driver, site);
  });
});

/** Mounts a guest that cannot connect beside one that has, and asks the neighbour afterwards. */
async function failBeside(driver: Driver, site: Site, url: string) {
  await driver.goto(`${site.host}/host`);
  return driver.evaluate(
    async (good, bad) => {
      const neighbour = host.mount(good);
      await neighbour.ready;
      const seen = await host.fail(bad);
      return { ...seen, neighbour: await neighbour.guest.echo('still here', { timeoutMs: 2000 }) };
    },
    guestOf(site, {}, site.guest.b),
    url,
  );
}

type Failure = Awaited<ReturnType<typeof failBeside>>;

/** One code in every place where an application looks for it. */
function expectFailure(
  { state, cause, ready, call, neighbour }: Failure,
  code: string,
  ...named: readonly string[]
): void {
  expect({ state, cause: cause.code, ready: ready.code, call: call.code, callCause: call.cause }).toEqual({
    state: 'failed',
    cause: code,
    ready: code,
    call: 'LINK_CLOSED',
    callCause: code,
  });
  for (const name of named) expect(cause.message).toContain(name);
  expect(neighbour).toBe('still here');
}

test.describe('a guest on another origin than the pinned one never connects, and both are named', () => {
  const wrong: Readonly<Record<string, (site: Site) => { readonly good: string; readonly evil: string }>> = {
    'a port that begins with the digits of the pinned one': ({ twins }) => twins.prefix,
    'a name that ends with the pinned one': ({ twins }) => twins.suffix,
    'another scheme': ({ twins }) => twins.scheme,
    'the scheme with more rights': ({ twins }) => ({ good: twins.scheme.evil, evil: twins.scheme.good }),
    'another port of the same name': ({ host, guest }) => ({ good: guest.sameSite, evil: host }),
    'another site': ({ guest }) => ({ good: guest.crossSite, evil: guest.a }),
  };
  for (const [name, find] of Object.entries(wrong)) {
    test(name, { tag: inEveryEngine.has(name) ? '@core' : '@chromium' }, async ({ driver, site }) => {
      const { good, evil } = find(site);
      const seen = await failBeside(driver, site, redirect(good, guestOf(site, {}, evil)));
      expectFailure(seen, 'GUEST_ORIGIN_MISMATCH', `"${good}"`, `"${evil}"`);
      // The impostor runs the real SDK and lists this host: it has said hello and got nothing.
      const stranger = await driver.frameEvaluate(second, () => ({
        traffic,
        origin,
        context: guest.shell.context ?? 'none',
      }));
      expect(stranger).toEqual({ traffic: [], origin: evil, context: 'none' });
    });
  }
});

test.describe('a guest does not connect with a page that it does not list, and says not a word to it', () => {
  const wrong: Readonly<Record<string, (site: Site) => { readonly good: string; readonly evil: string }>> = {
    'a port that begins with the digits of the listed one': ({ twins }) => twins.prefix,
    'a name that ends with the listed one': ({ twins }) => twins.suffix,
    'another scheme': ({ twins }) => ({ good: twins.scheme.good, evil: twins.scheme.evil }),
    'another site': ({ host, guest }) => ({ good: host, evil: guest.a }),
  };
  for (const [name, find] of Object.entries(wrong)) {
    test(name, { tag: inEveryEngine.has(name) ? '@core' : '@chromium' }, async ({ driver, site }) => {
      const { good, evil } = find(site);
      await driver.goto(`${evil}/host`);
      const seen = await driver.evaluate((url) => host.fail(url), pageAt(site.guest.b, 'guest', { host: good }));
      expect(seen.cause.code).toBe('GUEST_SILENT');
      const inside = await driver.frameEvaluate('iframe', async () => ({
        states: guest.states,
        ready: await guest.shell.ready.catch(({ code }: { code: string }) => code),
        call: await guest.shell.host.note('secret').catch(({ code }: { code: string }) => code),
      }));
      expect(inside).toMatchObject({ ready: 'HOST_NOT_ALLOWED', call: 'LINK_CLOSED' });
      expect(inside.states).toHaveLength(1);
      expect(inside.states[0]).toMatchObject({ name: 'failed', code: 'HOST_NOT_ALLOWED' });
      for (const origin of [good, evil, site.guest.b]) expect(inside.states[0]?.message).toContain(`"${origin}"`);
      expect(await driver.evaluate(() => ({ traffic, notes: host.notes }))).toEqual({ traffic: [], notes: [] });
      // The browser, too, has refused no message: none was sent.
      expect(driver.complaints).toEqual([]);
    });
  }
});

test.describe('a failure to connect names its cause', () => {
  test('GUEST_SILENT: a page without the SDK', async ({ driver, site }) => {
    expectFailure(
      await failBeside(driver, site, `${site.guest.crossSite}/blank`),
      'GUEST_SILENT',
      site.guest.crossSite,
    );
  });

  test('GUEST_SILENT: an error page', async ({ driver, site }) => {
    expectFailure(await failBeside(driver, site, `${site.guest.crossSite}/absent`), 'GUEST_SILENT', 'Ruled out');
  });

  test('GUEST_SILENT: nobody listens at the address', async ({ driver, site }) => {
    expectFailure(await failBeside(driver, site, `${await deadOrigin()}/guest`), 'GUEST_SILENT');
  });

  test('GUEST_SILENT: the guest forbids framing', async ({ driver, site }) => {
    const seen = await failBeside(driver, site, guestOf(site, { 'h:x-frame-options': 'DENY' }));
    expectFailure(seen, 'GUEST_SILENT', 'X-Frame-Options');
    const other = await failBeside(
      driver,
      site,
      guestOf(site, { 'h:content-security-policy': "frame-ancestors 'none'" }),
    );
    expectFailure(other, 'GUEST_SILENT', 'frame-ancestors');
  });

  test('GUEST_SILENT: hellos that are not hellos, and how many', async ({ driver, site }) => {
    const url = strangerAt(site.guest.crossSite, () => {
      for (const versions of ['1', [1.5], 99]) {
        stranger.breakIn(parent, 'rubbish', stranger.hello({ versions }));
      }
    });
    expectFailure(await failBeside(driver, site, url), 'GUEST_SILENT', '3 malformed hellos');
    expect(site.logs.filter(({ text }) => text.startsWith('loot'))).toEqual([]);
  });

  test('GUEST_NOT_LOADED: the server does not answer in time', async ({ driver, site }) => {
    expectFailure(
      await failBeside(driver, site, guestOf(site, { delayMs: 6000 })),
      'GUEST_NOT_LOADED',
      site.guest.crossSite,
    );
  });

  test("BLOCKED_BY_CSP: the host's own policy forbids the frame", { tag: '@core' }, async ({ driver, site }) => {
    const policy = `frame-src ${site.guest.b}`;
    await driver.goto(pageAt(site.host, 'host', { 'h:content-security-policy': policy }));
    const seen = await driver.evaluate(
      async (good, bad) => {
        const neighbour = host.mount(good);
        await neighbour.ready;
        const startedAt = performance.now();
        const failure = await host.fail(bad, { handshakeTimeoutMs: 10_000 });
        const ms = performance.now() - startedAt;
        return { ...failure, ms, neighbour: await neighbour.guest.echo('still here') };
      },
      guestOf(site, {}, site.guest.b),
      guestOf(site),
    );
    expectFailure(seen, 'BLOCKED_BY_CSP', 'frame-src', site.guest.crossSite);
    expect(seen.ms).toBeLessThan(5000); // the evidence is there at once: nobody waits for the time-out
  });

  test('SANDBOX_BLOCKS_SCRIPTS: the frame that is attached to has a sandbox without scripts', { tag: '@core' }, async ({
    driver,
    site,
  }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(
      async (good, bad, origin) => {
        const neighbour = host.mount(good);
        await neighbour.ready;
        const frame = host.embed('about:blank', 'sandboxed');
        frame.setAttribute('sandbox', 'allow-same-origin');
        frame.src = bad;
        const startedAt = performance.now();
        const failure = await host.failed(host.attach('#sandboxed', origin));
        const ms = performance.now() - startedAt;
        return { ...failure, ms, neighbour: await neighbour.guest.echo('still here') };
      },
      guestOf(site, {}, site.guest.b),
      guestOf(site),
      site.guest.crossSite,
    );
    expectFailure(seen, 'SANDBOX_BLOCKS_SCRIPTS', 'allow-scripts');
    expect(seen.ms).toBeLessThan(5000);
  });

  test('NOT_EMBEDDED: the guest is opened on its own', async ({ driver, site }) => {
    await driver.goto(guestOf(site));
    const seen = await driver.evaluate(async () => ({
      ready: await guest.shell.ready.catch(({ code }: { code: string }) => code),
      state: guest.shell.state.name,
    }));
    expect(seen).toEqual({ ready: 'NOT_EMBEDDED', state: 'failed' });
    expect(await driver.evaluate(() => traffic)).toEqual([]);
  });

  test('CONTRACT_MISMATCH: both sides learn both contracts', async ({ driver, site }) => {
    const named = ['muntin/stories 1.0.0', 'muntin/stories 2.1.0'];
    expectFailure(await failBeside(driver, site, guestOf(site, { contract: '2.1.0' })), 'CONTRACT_MISMATCH', ...named);
    const state = await driver.frameEvaluate(second, () => guest.states.at(-1));
    expect(state).toMatchObject({ name: 'failed', code: 'CONTRACT_MISMATCH' });
    for (const name of named) expect(state?.message).toContain(name);
  });

  test('VERSION_MISMATCH: the host and a newer guest, with both lists', { tag: '@core' }, async ({ driver, site }) => {
    const url = strangerAt(site.guest.crossSite, () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => stranger.loot(JSON.stringify(data));
      parent.postMessage(stranger.hello({ versions: [98, 99] }), '*', [port2]);
    });
    expectFailure(await failBeside(driver, site, url), 'VERSION_MISMATCH', '98, 99', 'host 1');
    await expect
      .poll(() => site.logs.map(({ text }) => text))
      .toContainEqual(expect.stringMatching(/^loot \[\[1,\{"code":"VERSION_MISMATCH"/));
  });

  test('VERSION_MISMATCH: the guest and a newer host', async ({ driver, site }) => {
    const url = strangerAt(
      site.host,
      (guestUrl) => {
        addEventListener('message', ({ ports: [port] }) => {
          port?.postMessage([
            [stranger.kinds.refuse, { code: 'VERSION_MISMATCH', message: 'it speaks 1, the host 2' }],
          ]);
        });
        stranger.embed(guestUrl);
      },
      guestOf(site),
    );
    await driver.goto(url);
    await expect
      .poll(() => driver.frameEvaluate('iframe', () => guest.states.at(-1)))
      .toMatchObject({
        name: 'failed',
        code: 'VERSION_MISMATCH',
        message: expect.stringContaining('it speaks 1, the host 2'),
      });
  });

  test('PROTOCOL_VIOLATION: the guest answers the welcome with rubbish', async ({ driver, site }) => {
    const url = strangerAt(site.guest.crossSite, () => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => port1.postMessage({ rubbish: true });
      parent.postMessage(stranger.hello(), '*', [port2]);
    });
    expectFailure(await failBeside(driver, site, url), 'PROTOCOL_VIOLATION');
  });

  test('PROTOCOL_VIOLATION: the guest talks rubbish after it has connected', async ({ driver, site }) => {
    const url = strangerAt(site.guest.crossSite, async () => {
      const { port } = await stranger.connect();
      await stranger.pause(300);
      port.postMessage([[99, 'rubbish']]);
    });
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(
      async (good, bad) => {
        const neighbour = host.mount(good);
        const mounted = host.mount(bad);
        await Promise.all([neighbour.ready, mounted.ready]);
        const call = await host.settle(mounted.guest.echo(1));
        return {
          call,
          state: mounted.state.name,
          cause: mounted.state.cause?.code,
          neighbour: await neighbour.guest.echo(1),
        };
      },
      guestOf(site, {}, site.guest.b),
      url,
    );
    expect(seen).toMatchObject({
      call: { code: 'LINK_CLOSED', cause: 'PROTOCOL_VIOLATION' },
      state: 'failed',
      cause: 'PROTOCOL_VIOLATION',
      neighbour: 1,
    });
  });

  test('a mount that has failed connects when it is reloaded and the cause is gone', { tag: '@core' }, async ({
    driver,
    site,
  }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(async (url) => {
      const late = `${url}&lateUntil=${Date.now() + 4500}`;
      const mounted = host.mount(late, { handshakeTimeoutMs: 3000 });
      const first = await host.settle(mounted.ready);
      mounted.reload();
      await mounted.ready;
      return { first: first.code, echo: await mounted.guest.echo(1), states: host.states[0] };
    }, guestOf(site));
    expect(seen.first).toBe('GUEST_SILENT');
    expect(seen.echo).toBe(1);
    expect(seen.states?.at(-1)).toBe('ready');
  });
});
