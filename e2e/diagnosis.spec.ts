import { deadOrigin, guestOf, pageAt, redirect, type Wishes } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Site } from './fixtures/site.ts';

// A mount says why: each cause by the server and page that bring it about, in every engine. What an engine gives no evidence of is not said.

/** What a server has to allow so that the page that asks can read what it answers. */
const readable = { 'h:access-control-expose-headers': 'content-security-policy, x-frame-options' };
const timed = { 'h:timing-allow-origin': '*' };
const unreadable = { 'h:access-control-allow-origin': 'https://nobody.example' };

interface Cause {
  readonly url: (site: Site) => string | Promise<string>;
  /** What the error has to say, beside its code. */
  readonly says: string;
  readonly code: string;
  readonly change?: object;
  readonly host?: Wishes;
}

const blank = (wishes: Wishes) => (site: Site) => pageAt(site.guest.crossSite, 'blank', wishes);
const probe = { askServer: true };

const causes: Readonly<Record<string, Cause>> = {
  'its headers forbid framing, and the server lets this page read them': {
    url: blank({ ...readable, 'h:x-frame-options': 'DENY' }),
    change: probe,
    code: 'GUEST_FORBIDS_FRAMING',
    says: 'X-Frame-Options: DENY',
  },
  'its policy forbids framing, and the server lets this page read it': {
    url: blank({ ...readable, 'h:content-security-policy': "frame-ancestors 'self'" }),
    change: probe,
    code: 'GUEST_FORBIDS_FRAMING',
    says: "frame-ancestors 'self'",
  },
  'the server answers with an error status': {
    url: blank({ status: 503 }),
    change: probe,
    code: 'GUEST_ERROR_STATUS',
    says: '503',
  },
  'the server has no such page': {
    url: ({ guest }) => `${guest.crossSite}/absent`,
    change: probe,
    code: 'GUEST_ERROR_STATUS',
    says: '404',
  },
  'no SDK on the page': {
    url: blank({ ...readable, ...timed }),
    change: probe,
    code: 'GUEST_SILENT',
    says: 'does not call expose()',
  },
  'the host is not in the list of the guest': {
    url: (site) => guestOf(site, { host: 'https://other.example', debug: 1 }),
    code: 'HOST_NOT_ALLOWED',
    says: 'add it to "hosts"',
  },
  'a script of the guest throws while it boots': {
    url: (site) => guestOf(site, { throws: 1, debug: 1 }),
    code: 'GUEST_SCRIPT_FAILED',
    says: 'before expose() was called',
  },
  'a sandbox of the server takes its origin away': {
    url: (site) => guestOf(site, { 'h:content-security-policy': 'sandbox allow-scripts' }),
    code: 'GUEST_SANDBOXED',
    says: 'allow-same-origin',
  },
  'a sandbox of the server takes its scripts away': {
    url: (site) => guestOf(site, { ...readable, 'h:content-security-policy': 'sandbox allow-same-origin' }),
    change: probe,
    code: 'GUEST_SANDBOXED',
    says: 'allow-scripts',
  },
  'a redirect to a guest elsewhere': {
    url: (site) => redirect(site.guest.crossSite, guestOf(site, {}, site.guest.b)),
    code: 'GUEST_ORIGIN_MISMATCH',
    says: 'redirected',
  },
  'a redirect to a page elsewhere that says nothing': {
    url: (site) => redirect(site.guest.crossSite, pageAt(site.guest.b, 'blank')),
    change: probe,
    code: 'GUEST_ORIGIN_MISMATCH',
    says: 'b.localhost',
  },
  'nobody listens at the address': {
    url: async () => `${await deadOrigin()}/guest`,
    change: probe,
    code: 'GUEST_UNREACHABLE',
    says: 'Start its server',
  },
  'the policy of the host': {
    url: (site) => guestOf(site),
    host: { 'h:content-security-policy': "frame-src 'none'" },
    code: 'BLOCKED_BY_CSP',
    says: 'frame-src',
  },
  'another contract': {
    url: (site) => pageAt(site.guest.crossSite, 'hangs-guest', { host: site.host }),
    code: 'CONTRACT_MISMATCH',
    says: 'muntin/stories',
  },
};

/** What a failed mount has said. */
interface Told {
  readonly code?: string;
  readonly message?: string;
}

/** Mounts them all in one page, at the same time: what is found out about one guest is nothing that is known of another. */
async function failAll(
  driver: Driver,
  site: Site,
  wanted: readonly Pick<Cause, 'url' | 'change'>[],
  host: Wishes = {},
): Promise<readonly Told[]> {
  await driver.goto(pageAt(site.host, 'host', host));
  const all = await Promise.all(wanted.map(async ({ url, change = {} }) => ({ url: await url(site), change })));
  return driver.evaluate(
    async (them) =>
      (
        await Promise.all(
          // With many guests at once, the time for each is longer.
          them.map(({ url, change }) => globalThis.host.fail(url, { handshakeTimeoutMs: 8000, ...change })),
        )
      ).map(({ cause }) => cause),
    all,
  );
}

const fail = async (driver: Driver, site: Site, cause: Pick<Cause, 'url' | 'change'>): Promise<Told> =>
  (await failAll(driver, site, [cause]))[0] ?? {};

/** Each has its cause, and one line in the console that says it. */
async function expectTold(site: Site, wanted: readonly (readonly [string, Cause])[], told: readonly Told[]) {
  const lines = (): readonly string[] =>
    site.logs.map(({ text }) => text).filter((text) => text.startsWith('Muntin: the mount'));
  await expect.poll(lines, { message: 'one line in the console for each' }).toHaveLength(wanted.length);
  for (const [index, [name, { code, says }]] of wanted.entries()) {
    const { message, ...seen } = told[index] ?? {};
    expect.soft(seen.code, `${name}: ${message}`).toBe(code);
    expect.soft(message, name).toContain(says);
    const isLine = (line: string): boolean => [code, says, `/errors/${code}.html`].every((part) => line.includes(part));
    expect.soft(lines().filter(isLine), `${name}: ${lines().join('\n')}`).not.toEqual([]);
  }
}

test.describe('a mount that fails says why', () => {
  const withHost = Object.entries(causes).filter(([, { host }]) => host !== undefined);
  const others = Object.entries(causes).filter(([, { host }]) => host === undefined);

  test('whatever the cause, with guests that fail for other causes beside it', { tag: '@core' }, async ({
    driver,
    site,
  }) => {
    const told = await failAll(
      driver,
      site,
      others.map(([, cause]) => cause),
    );
    await expectTold(site, others, told);
  });

  for (const [name, cause] of withHost)
    test(name, { tag: '@core' }, async ({ driver, site }) => {
      await expectTold(site, [[name, cause]], await failAll(driver, site, [cause], cause.host));
    });
});

test.describe('a mount that fails does not say what it does not know', () => {
  const vague: Readonly<
    Record<string, { readonly url: (site: Site) => string | Promise<string>; readonly codes: readonly string[] }>
  > = {
    'framing forbidden by a server that lets nobody read': {
      url: blank({ ...unreadable, 'h:x-frame-options': 'DENY' }),
      codes: ['GUEST_SILENT'],
    },
    'an error status of such a server': { url: blank({ ...unreadable, status: 500 }), codes: ['GUEST_SILENT'] },
    'a page without the SDK on such a server': { url: blank(unreadable), codes: ['GUEST_SILENT'] },
    'a status that depends on who asks': { url: blank({ status: 403 }), codes: ['GUEST_SILENT'] },
    'a server that is slow': { url: blank({ delayMs: 15_000 }), codes: ['GUEST_NOT_LOADED'] },
    'a guest that does not list the host, and is not to tell it': {
      url: (site) => guestOf(site, { host: 'https://other.example' }),
      codes: ['GUEST_SILENT'],
    },
    'a script that throws, in a guest that is not to tell it': {
      url: (site) => guestOf(site, { throws: 1 }),
      codes: ['GUEST_SILENT'],
    },
    'no document at all': { url: blank({ status: 204 }), codes: ['GUEST_NOT_LOADED', 'GUEST_SILENT'] },
  };
  for (const askServer of [true, false])
    test(`whatever it cannot tell, when the server is ${askServer ? 'asked' : 'not asked'}`, {
      tag: '@core',
    }, async ({ driver, site }) => {
      const all = Object.entries(vague);
      const told = await failAll(
        driver,
        site,
        all.map(([, { url }]) => ({ url, change: { askServer } })),
      );
      for (const [index, [name, { codes }]] of all.entries()) {
        const { code, message } = told[index] ?? {};
        expect.soft(codes, `${name}: ${message}`).toContain(code);
        expect.soft(message, name).toContain('Ruled out: ');
        expect.soft(message, name).toContain('Could not tell which');
        expect.soft(message, name).toMatch(/To find out, .*network panel/);
      }
    });

  test('without being told to, it asks no server', { tag: '@core' }, async ({ driver, site }) => {
    await fail(driver, site, { url: blank(timed) });
    const asked = await driver.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => (entry as PerformanceResourceTiming).initiatorType === 'fetch')
        .map(({ name }) => name),
    );
    expect(asked).toEqual([]);
  });
});

test('framing that is forbidden is told by the times that a server shows, where the engine hides those of what it blocks', {
  tag: '@core',
}, async ({ driver, site }) => {
  const url = blank({ ...timed, 'h:x-frame-options': 'DENY' });
  const { code, message } = await fail(driver, site, { url, change: probe });
  const isFirefox = await driver.evaluate(() => 'mozInnerScreenX' in globalThis);
  expect(code, message).toBe(isFirefox ? 'GUEST_SILENT' : 'GUEST_FORBIDS_FRAMING');
});

test('a guest that comes while its failure is looked into connects, and the mount has not failed', {
  tag: '@core',
}, async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const seen = await driver.evaluate(
    async (url) => {
      // What it needs is there before: the delay is all that makes it late, on a busy machine too.
      const before = host.mount(url.prompt);
      await before.ready;
      await before.unmount();
      // Its server answers to the question late, too: the mount is still being looked into when the hello comes.
      const mounted = host.mount(url.late, { handshakeTimeoutMs: 1500, askServer: true });
      await mounted.ready;
      return { states: host.states[1], echo: await mounted.guest.echo(1) };
    },
    { prompt: guestOf(site), late: guestOf(site, { delayMs: 1600 }) },
  );
  expect(seen.echo).toBe(1);
  expect(seen.states).not.toContain('failed');
  expectQuiet(driver, site);
});

test('the deadlines are in order: the host says why before the call made at once and the guest give up', {
  tag: '@core',
}, async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const seen = await driver.evaluate(
    async (url) => {
      const from = performance.now();
      const mounted = host.mount(url, { askServer: true });
      const call = await host.settle(mounted.guest.echo(1));
      return { call, ms: performance.now() - from };
    },
    pageAt(site.guest.crossSite, 'blank', { delayMs: 20_000 }),
  );
  expect(seen.call).toMatchObject({ code: 'LINK_CLOSED', cause: 'GUEST_NOT_LOADED' });
  expect(seen.ms).toBeGreaterThan(7900);
  expect(seen.ms).toBeLessThan(10_000);
});

test('states are traced in the console where that is asked for', { tag: '@core' }, async ({ driver, site }) => {
  const traced = (): string[] => site.logs.map(({ text }) => text).filter((text) => / is (loading|ready)/.test(text));
  await driver.goto(`${site.host}/host`);
  await driver.evaluate((url) => host.mount(url).ready, guestOf(site));
  expect(traced()).toEqual([]);
  await driver.evaluate((url) => host.mount(url, { debug: true }).ready, guestOf(site));
  await expect.poll(traced).toHaveLength(2);
  await driver.evaluate((url) => {
    localStorage.setItem('muntin.debug', '');
    return host.mount(url).ready;
  }, guestOf(site));
  await expect.poll(traced).toHaveLength(4);
  for (const line of traced()) expect(line).toContain(`Muntin: ${site.guest.crossSite} is `);
});

test('what a frame shows is tried while one develops: whoever is not kept apart is named, with what has let it', {
  tag: '@core',
}, async ({ driver, site }) => {
  test.setTimeout(60_000);
  await driver.goto(`${site.host}/host`);
  const lines = (): string[] =>
    site.logs.map(({ text }) => text).filter((text) => /^Muntin: the guest of .* is not isolated/.test(text));
  // The control: a guest of another origin, one without an origin that comes from this page's own server, and one in a frame of somebody else.
  await driver.evaluate(
    async (url, own, origin) => {
      host.embed(url, 'somebody-elses');
      const patient = { handshakeTimeoutMs: 25_000 };
      const mounts = [
        host.mount(url, patient),
        host.mount(own, { ...patient, opaque: true }),
        host.attach('#somebody-elses', origin, patient),
      ];
      await Promise.all(mounts.map(({ ready }) => ready));
    },
    guestOf(site),
    guestOf(site, {}, site.host),
    site.guest.crossSite,
  );
  expect(lines()).toEqual([]);
  const said = async (url: string, isSandboxed: boolean): Promise<string> => {
    const before = lines().length;
    await driver.evaluate(
      (address, sandboxed, origin) => {
        if (sandboxed) return void host.mount(address);
        host.embed(address, 'open');
        host.attach('#open', origin);
      },
      url,
      isSandboxed,
      site.guest.crossSite,
    );
    await expect.poll(() => lines().length, { timeout: 20_000 }).toBe(before + 1);
    return lines()[before] ?? '';
  };
  const page = await said(redirect(site.guest.crossSite, `${site.host}/blank?secret`), true);
  expect(page).toContain(`the guest of "${site.guest.crossSite}"`);
  expect(page).toContain(`this page can read its document, which is at "${site.host}/blank"`);
  expect(page).toContain('"allow-same-origin"');
  const guest = await said(redirect(site.guest.crossSite, guestOf(site, {}, site.host)), true);
  expect(guest).toContain(`the guest can read the document of this page, which is at "${site.host}/host"`);
  expect(guest).toContain('"allow-same-origin"');
  expect(await said(`${site.host}/blank`, false)).toContain('The frame has no sandbox');
});
