import { type Api, test, total } from './fixtures/cors/api.ts';
import { type Driver, expect } from './fixtures/engine.ts';
import { growth } from './fixtures/memory.ts';
import type { Fetched, ToFetch } from './fixtures/pages/cors-fetch-contract.ts';
import type { Site } from './fixtures/site.ts';

interface Opened {
  readonly isOpaque?: boolean;
  readonly isHostile?: boolean;
  /** Beside the grant for the API. */
  readonly grants?: readonly object[];
  readonly redirects?: boolean;
}

/** Mounts the guest; opaque, or with a policy that lets it reach nobody. */
async function open(driver: Driver, site: Site, api: Api, options: Opened = {}): Promise<void> {
  const { isOpaque = false, isHostile = false, grants = [], redirects = false } = options;
  await driver.goto(`${site.host}/cors-fetch-host`);
  const csp = `h:content-security-policy=${encodeURIComponent("connect-src 'none'")}`;
  const hostile = isHostile ? '&hostile' : '';
  const url = `${site.guest.crossSite}/cors-fetch-guest?host=${encodeURIComponent(site.host)}&${csp}${hostile}`;
  await driver.evaluate(
    (address, all, opaque) => fetchHost.mount(address, all as never, opaque), // JSON has no types
    url,
    [
      {
        origin: api.origin,
        paths: ['/v1/*'],
        methods: redirects ? ['GET'] : ['GET', 'POST'],
        headers: ['x-own'],
        redirects,
        maxRequestBytes: 2e9,
        maxResponseBytes: 2e9,
        callsPerMinute: 1000,
      },
      ...grants,
    ],
    isOpaque,
  );
}

/** A grant for the server with HTTP/2, to which bodies are streamed. */
const streamed = (api: Api): object => ({
  origin: api.http2,
  paths: ['/v1/*'],
  methods: ['POST'],
  streamsRequests: true,
  maxRequestBytes: 2e9,
});

const through = (driver: Driver, ask: ToFetch): Promise<Fetched> =>
  driver.evaluate((it) => fetchHost.guest().through(it), ask);

for (const isOpaque of [false, true]) {
  test(`a guest ${isOpaque ? 'without an origin' : 'without network rights'} fetches through its host`, async ({
    driver,
    site,
    api,
  }) => {
    await open(driver, site, api, { isOpaque });
    expect(await driver.evaluate(() => fetchHost.supports())).toBe(true);
    const direct = await driver.evaluate((it) => fetchHost.guest().directly(it), {
      url: `${api.origin}/v1/a`,
      headers: { 'x-own': '1' },
    });
    expect(direct.error?.name).toBe('TypeError');
    expect(await through(driver, { url: `${api.origin}/v1/a`, headers: { 'x-own': '1' } })).toMatchObject({
      status: 200,
      text: 'GET 0',
    });
    expect(await through(driver, { url: `${api.origin}/v1/a`, method: 'POST', body: 'hello' })).toMatchObject({
      status: 200,
      text: 'POST 5',
    });
    expect(await through(driver, { url: `${api.origin}/admin` })).toMatchObject({
      error: { code: 'DENIED', rule: 'path' },
    });
    expect(await through(driver, { url: `${api.origin}/v1/a`, method: 'PUT' })).toMatchObject({
      error: { code: 'DENIED', rule: 'method' },
    });
    expect(await through(driver, { url: `${api.origin}/v1/a`, headers: { 'x-other': '1' } })).toMatchObject({
      error: { code: 'DENIED', rule: 'header' },
    });
    expect(await through(driver, { url: `${site.host}/blank` })).toMatchObject({
      error: { code: 'DENIED', rule: 'origin' },
    });
    expect(await through(driver, { url: `${api.origin}/v1/redirect?to=/admin` })).toMatchObject({
      error: { code: 'DENIED', rule: 'redirect' },
    });
    expect(api.seen).not.toContain('GET /admin');
    const log = await driver.evaluate(() => fetchHost.log().map(({ outcome, rule }) => rule ?? outcome));
    expect(log).toEqual(['answered', 'answered', 'path', 'method', 'header', 'origin', 'redirect']);
  });
}

test('redirects are judged where they end, and one that nobody grants is not read', async ({ driver, site, api }) => {
  await open(driver, site, api, { redirects: true });
  const ask = (to: string): Promise<Fetched> =>
    through(driver, { url: `${api.origin}/v1/redirect?to=${encodeURIComponent(to)}` });
  expect(await ask('/v1/end')).toMatchObject({ status: 200, text: 'GET 0' });
  expect(await ask('/v1/on?to=/v1/end')).toMatchObject({ status: 200, text: 'GET 0' });
  for (const [to, rule] of [
    ['/admin', 'redirect'],
    ['/v1/on?to=/admin', 'redirect'],
    [`${api.origin.replace('127.0.0.1', 'localhost')}/v1/internal`, 'redirect'],
    [`${site.guest.crossSite}/v1/blank`, 'redirect'],
    ['/v1/a%2fb', 'redirect'],
  ] as const)
    expect(await ask(to), to).toMatchObject({ error: { code: 'DENIED', rule } });
});

test('cookies go along only where a grant says so, and the page itself is never granted by accident', async ({
  driver,
  site,
  api,
}) => {
  const named = api.origin.replace('127.0.0.1', 'localhost'); // of one site with the host, so its cookies go there
  const grant = { origin: named, paths: ['/v1/private/plain'] };
  const withCookies = { origin: named, paths: ['/v1/private/mine'], credentials: 'include' };
  await open(driver, site, api, { grants: [grant, withCookies] });
  await driver.evaluate(() => {
    document.cookie = 'who=user; path=/';
  });
  expect(await through(driver, { url: `${named}/v1/private/plain` })).toMatchObject({ text: 'nobody' });
  expect(await through(driver, { url: `${named}/v1/private/mine` })).toMatchObject({ text: 'who=user' });
  expect(await driver.evaluate(() => fetchHost.grantOwn())).toContain('isOwnOrigin');
  expect(await through(driver, { url: `${site.host}/cors-fetch-host` })).toMatchObject({
    error: { code: 'DENIED', rule: 'origin' },
  });
});

test('an abort reaches the server, before the answer and within it', async ({ driver, site, api }) => {
  await open(driver, site, api);
  expect(await through(driver, { url: `${api.origin}/v1/slow-before`, abort: 'before' })).toMatchObject({
    error: { name: 'AbortError' },
  });
  expect(await through(driver, { url: `${api.origin}/v1/slow-within`, abort: 'within' })).toMatchObject({
    error: { name: expect.stringMatching(/^(AbortError|TypeError)$/) as unknown }, // Response.text() of Chromium hides what its stream ended with
  });
  await expect.poll(() => [...api.closed].sort()).toEqual(['/v1/slow-before', '/v1/slow-within']);
});

test('100 MB pass either way', { tag: '@alone' }, async ({ driver, site, api }) => {
  test.setTimeout(180_000);
  await open(driver, site, api);
  const up = { url: `${api.origin}/v1/up`, method: 'POST', streamBytes: total };
  expect(await through(driver, up)).toMatchObject({ text: `POST ${total}` });
  const down = { url: `${api.origin}/v1/large`, isCounted: true };
  expect(await through(driver, down)).toMatchObject({ status: 200, bytes: total });
});

test(
  'neither an answer nor, over HTTP/2, the body of a request is ever held as a whole',
  { tag: '@alone' },
  async ({ driver, site, api }, info) => {
    test.skip(info.project.name !== 'chromium', 'the others collect garbage late: docs/guide/brokered-fetch.md');
    test.setTimeout(300_000);
    await open(driver, site, api, { grants: [streamed(api)] });
    const grown = (ask: ToFetch, expected: Partial<Fetched>): Promise<number | undefined> =>
      growth(async () => expect(await through(driver, ask)).toMatchObject(expected));
    const url = `${api.origin}/v1/large`;
    await grown({ url, isCounted: true }, { bytes: total }); // what the first one needs, the others need no more
    // On a busy machine a browser has up to 300 MB that it has not cleaned up yet: whoever holds what passes here stands out from that.
    const post = { url: `${api.http2}/v1/up`, method: 'POST', streamBytes: 3 * total };
    const sent = await grown(post, { text: `POST ${3 * total}` });
    const read = await grown({ url: `${url}?bytes=${8 * total}`, isCounted: true }, { bytes: 8 * total });
    const kept = await grown({ url: `${url}?bytes=${5 * total}`, isKept: true }, { bytes: 5 * total });
    test.skip([read, sent, kept].includes(undefined), 'the memory of processes is read on Linux only');
    expect(read).toBeLessThan(5 * total);
    expect(sent).toBeLessThan(2 * total);
    expect(kept).toBeGreaterThan(3 * total); // the measure itself: what is held is seen
  },
);

test('a body that a grant streams arrives, as a whole where the engine streams none; where it does, HTTP/1.1 is refused', async ({
  driver,
  engine,
  site,
  api,
}) => {
  const { origin } = api;
  const older = { origin, paths: ['/streamed'], methods: ['POST'], streamsRequests: true };
  await open(driver, site, api, { grants: [streamed(api), older] });
  const post = { url: `${api.http2}/v1/up`, method: 'POST', streamBytes: 1_000_000 };
  expect(await through(driver, post)).toMatchObject({ status: 200, text: 'POST 1000000' });
  const outcome = engine === 'chromium' ? { error: { code: 'FETCH_FAILED' } } : { status: 200, text: 'POST 1000000' };
  expect(await through(driver, { ...post, url: `${origin}/streamed` })).toMatchObject(outcome);
});

test('a hostile guest reaches no server with what the browser reads otherwise than a prefix does', async ({
  driver,
  site,
  api,
}) => {
  await open(driver, site, api, { isHostile: true });
  const { host, port } = new URL(api.origin);
  const tricks: unknown[] = [
    `http://${host}@${new URL(site.host).host}/v1/a`,
    `http://user:secret@${host}/v1/a`,
    `http://@${host}/v1/a`,
    `http://:@${host}/v1/a`,
    `${api.origin}/v1/../admin`,
    `${api.origin}/v1/%2e%2e/admin`,
    `${api.origin}/v1/.%2E/admin`,
    `${api.origin}/v1/..%2fadmin`,
    `${api.origin}/v1/..%5cadmin`,
    `${api.origin}/v1\\..\\admin`,
    `${api.origin}/v1/%252e%252e/admin`,
    `${api.origin}/v1/%00/admin`,
    `${api.origin}//v1/a`,
    `${api.origin}/v1//admin`,
    `${api.origin}/v1/..;/admin`,
    `${api.origin}/\tv1/a`,
    `${api.origin}/v1/a\r\nHost: evil`,
    ` ${api.origin}/v1/a`,
    `${api.origin}/v1/a#`,
    `http:${host}/v1/a`,
    `http:\\\\${host}\\v1\\a`,
    `//${host}/v1/a`,
    '/v1/a',
    `http://127.1:${port}/v1/a`,
    `http://0x7f000001:${port}/v1/a`,
    `http://2130706433:${port}/v1/a`,
    `http://0177.0.0.1:${port}/v1/a`,
    `http://[::ffff:127.0.0.1]:${port}/v1/a`,
    `http://[::1]:${port}/v1/a`,
    `http://0.0.0.0:${port}/v1/a`,
    `http://127.0.0.1.:${port}/v1/a`,
    `http://127.0.0.1:0${port}/v1/a`,
    `http://１２７.0.0.1:${port}/v1/a`,
    `http://127。0。0。1:${port}/v1/a`,
    `HTTP://${host}/v1/a`,
    `http://localhost:${port}/v1/a`,
    `https://${host}/v1/a`,
    `ws://${host}/v1/a`,
    `ftp://${host}/v1/a`,
    `blob:${api.origin}/v1/a`,
    `view-source:${api.origin}/v1/a`,
    `${site.host}/v1/a`,
    'file:///etc/passwd',
    'data:text/plain,a',
    'javascript:alert(1)',
    `${api.origin}/v1/${'a'.repeat(9000)}`,
    '',
    42,
    null,
    { href: `${api.origin}/v1/a` },
    [`${api.origin}/v1/a`],
  ];
  const good = `${api.origin}/v1/a`;
  const withHeaders = (headers: unknown): object => ({ url: good, method: 'GET', headers });
  const calls: unknown[] = [
    ...tricks.map((url) => ({ url, method: 'GET', headers: [] })),
    { url: good, method: 'DELETE', headers: [] },
    { url: good, method: 'get', headers: [] },
    { url: good, method: 'pOsT', headers: [] },
    { url: good, method: 'TRACE', headers: [] },
    { url: good, method: 'GET /admin HTTP/1.1\r\nX: ', headers: [] },
    withHeaders([['X-HTTP-Method-Override', 'DELETE']]),
    withHeaders([['Cookie', 'a=b']]),
    withHeaders([['Host', 'evil.example']]),
    withHeaders([['Origin', 'https://evil.example']]),
    withHeaders([['Authorization', 'Basic YTpi']]),
    withHeaders([['X-Forwarded-For', '127.0.0.1']]),
    withHeaders([['Sec-Fetch-Site', 'same-origin']]),
    withHeaders([['Content-Length', '0']]),
    withHeaders([['Transfer-Encoding', 'chunked']]),
    withHeaders([['x-own', '1\r\nCookie: a=b']]),
    withHeaders([['x-own', '1\nx-admin: 1']]),
    withHeaders([['x-own', '\0']]),
    withHeaders([['x-own\r\nCookie', '1']]),
    withHeaders([['x-own ', '1']]),
    withHeaders([['', '1']]),
    withHeaders([['x-own']]),
    withHeaders([['x-own', 1]]),
    withHeaders({ 0: ['x-own', '1'] }),
    withHeaders(Array.from({ length: 300 }, () => ['x-own', '1'])),
    { url: good, method: ['GET'], headers: [] },
    { url: good, method: 'POST', headers: [], body: { next: 1 } },
    { url: good, method: 'POST', headers: [], body: 'text' },
    { url: good, method: 'GET' },
    'text',
    [good],
    null,
  ];
  const outcomes = await driver.evaluate(async (all) => {
    const codes: string[] = [];
    for (const call of all) codes.push((await fetchHost.guest().raw(call)).error?.code ?? 'reached');
    return codes;
  }, calls);
  // What an extension's other side has not declared comes as HANDLER_FAILED: a hostile guest declares nothing.
  const isRefused = (code: string): boolean => ['DENIED', 'INPUT_INVALID', 'HANDLER_FAILED'].includes(code);
  expect(calls.filter((_, index) => !isRefused(outcomes[index] ?? ''))).toEqual([]);
  expect(outcomes).toHaveLength(calls.length);
  expect(api.seen).toEqual([]);
  const log = await driver.evaluate(() => fetchHost.log().map(({ outcome }) => outcome));
  expect(new Set(log)).toEqual(new Set(['refused']));
});

test('thousands of calls at once wait for a place, and the session stays', async ({ driver, site, api }) => {
  await open(driver, site, api, { isHostile: true });
  const outcomes = await driver.evaluate((url) => fetchHost.guest().burst({ url, count: 3000 }), `${api.origin}/v1/a`);
  const counted = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(3000);
  expect(api.seen.length).toBeLessThanOrEqual(1000); // callsPerMinute
  expect(api.seen.length).toBe(outcomes['200']);
  expect(await driver.evaluate(() => fetchHost.supports())).toBe(true); // the session goes on
});

test('a host reads through its guest, with what the guest has and grants', async ({ driver, site, api }) => {
  await driver.goto(`${site.host}/cors-fetch-host`);
  const url = `${site.guest.crossSite}/cors-fetch-guest?host=${encodeURIComponent(site.host)}`;
  await driver.evaluate((address) => fetchHost.mount(address, [], false), url);
  const ask = (path: string): Promise<Fetched> =>
    driver.evaluate((it) => fetchHost.throughGuest({ url: it }), `${site.guest.crossSite}${path}`);
  expect(await ask('/api/none')).toMatchObject({ status: 404 });
  expect(await ask('/blank')).toMatchObject({ error: { code: 'DENIED', rule: 'path' } });
  expect(await driver.evaluate((it) => fetchHost.throughGuest({ url: it }), `${api.origin}/v1/a`)).toMatchObject({
    error: { code: 'DENIED', rule: 'origin' },
  });
});
