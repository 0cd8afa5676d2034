import { type Api, test, total } from './fixtures/cors/api.ts';
import { type Driver, expect } from './fixtures/engine.ts';
import type { Fetched, ToFetch } from './fixtures/pages/cors-fetch-contract.ts';
import type { Site } from './fixtures/site.ts';

/** Mounts the guest; opaque, or with a policy that lets it reach nobody but its own server. */
async function open(driver: Driver, site: Site, api: Api, isOpaque: boolean): Promise<void> {
  await driver.goto(`${site.host}/cors-fetch-host`);
  const csp = `h:content-security-policy=${encodeURIComponent("connect-src 'self'")}`;
  const url = `${site.guest.crossSite}/cors-fetch-guest?host=${encodeURIComponent(site.host)}&${csp}`;
  await driver.evaluate(
    (address, origin, opaque) =>
      fetchHost.mount(
        address,
        [
          {
            origin,
            paths: ['/v1/*'],
            methods: ['GET', 'POST'],
            headers: ['x-own'],
            maxRequestBytes: 200e6,
            maxResponseBytes: 200e6,
            callsPerMinute: 1000,
          },
        ],
        opaque,
      ),
    url,
    api.origin,
    isOpaque,
  );
}

const through = (driver: Driver, ask: ToFetch): Promise<Fetched> =>
  driver.evaluate((it) => fetchHost.guest().through(it), ask);

for (const isOpaque of [false, true]) {
  test(`a guest ${isOpaque ? 'without an origin' : 'without network rights'} fetches through its host`, async ({
    driver,
    site,
    api,
  }) => {
    await open(driver, site, api, isOpaque);
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
    expect(await through(driver, { url: `${site.host}/blank` })).toMatchObject({
      error: { code: 'DENIED', rule: 'origin' },
    });
    expect(await through(driver, { url: `${api.origin}/v1/redirect` })).toMatchObject({
      error: { code: 'FETCH_FAILED' },
    });
    expect(api.seen).not.toContain('GET /admin');
    expect(await driver.evaluate(() => fetchHost.log().map(({ outcome, rule }) => rule ?? outcome))).toEqual([
      'answered',
      'answered',
      'path',
      'origin',
      'failed',
    ]);
  });
}

test('bodies stream both ways, and an abort reaches the server', async ({ driver, site, api }) => {
  test.setTimeout(90_000);
  await open(driver, site, api, false);
  expect(await through(driver, { url: `${api.origin}/v1/large`, isCounted: true })).toMatchObject({
    status: 200,
    bytes: total,
  });
  expect(await through(driver, { url: `${api.origin}/v1/up`, method: 'POST', streamBytes: 5e6 })).toMatchObject({
    text: 'POST 5000000',
  });
  expect(await through(driver, { url: `${api.origin}/v1/slow-before`, abort: 'before' })).toMatchObject({
    error: { name: 'AbortError' },
  });
  expect(await through(driver, { url: `${api.origin}/v1/slow-within`, abort: 'within' })).toMatchObject({
    error: { name: expect.stringMatching(/^(AbortError|TypeError)$/) as unknown }, // Response.text() of Chromium hides what its stream ended with
  });
  await expect.poll(() => [...api.closed].sort()).toEqual(['/v1/slow-before', '/v1/slow-within']);
});

test('a hostile guest reaches no server with what the browser reads otherwise than a prefix does', async ({
  driver,
  site,
  api,
}) => {
  await open(driver, site, api, false);
  const { host, port } = new URL(api.origin);
  const tricks: unknown[] = [
    `http://${host}@${new URL(site.host).host}/v1/a`,
    `http://user:secret@${host}/v1/a`,
    `${api.origin}/v1/../admin`,
    `${api.origin}/v1/%2e%2e/admin`,
    `${api.origin}/v1/..%2fadmin`,
    `${api.origin}/v1/..%5cadmin`,
    `${api.origin}/v1\\..\\admin`,
    `${api.origin}/v1/%252e%252e/admin`,
    `${api.origin}//v1/a`,
    `${api.origin}/v1/..;/admin`,
    `${api.origin}/\tv1/a`,
    ` ${api.origin}/v1/a`,
    `${api.origin}/v1/a#`,
    `http:${host}/v1/a`,
    `//${host}/v1/a`,
    '/v1/a',
    `http://127.1:${port}/v1/a`,
    `http://0x7f000001:${port}/v1/a`,
    `http://2130706433:${port}/v1/a`,
    `http://[::ffff:127.0.0.1]:${port}/v1/a`,
    `http://127.0.0.1.:${port}/v1/a`,
    `http://１２７.0.0.1:${port}/v1/a`,
    `HTTP://${host}/v1/a`,
    `http://localhost:${port}/v1/a`,
    `${site.host}/v1/a`,
    'file:///etc/passwd',
    'data:text/plain,a',
    'javascript:alert(1)',
    42,
    null,
    { href: `${api.origin}/v1/a` },
    [`${api.origin}/v1/a`],
  ];
  const good = `${api.origin}/v1/a`;
  const calls: object[] = [
    ...tricks.map((url) => ({ url, method: 'GET', headers: [] })),
    { url: good, method: 'DELETE', headers: [] },
    { url: good, method: 'get', headers: [] },
    { url: good, method: 'GET', headers: [['X-HTTP-Method-Override', 'DELETE']] },
    { url: good, method: 'GET', headers: [['Cookie', 'a=b']] },
    { url: good, method: 'GET', headers: { 0: ['x-own', '1'] } },
    { url: good, method: ['GET'], headers: [] },
    { url: good, method: 'POST', headers: [], body: { next: 1 } },
  ];
  const outcomes = await driver.evaluate(async (all) => {
    const codes: string[] = [];
    // No honest guest could say such things: the types of its own side would stop it.
    for (const call of all) codes.push((await fetchHost.guest().raw(call as never)).error?.code ?? 'reached');
    return codes;
  }, calls);
  expect(outcomes.filter((code) => code !== 'DENIED' && code !== 'INPUT_INVALID')).toEqual([]);
  expect(outcomes).toHaveLength(calls.length);
  expect(api.seen).toEqual([]);
});

test('a host reads through its guest, with what the guest has and grants', async ({ driver, site, api }) => {
  await open(driver, site, api, false);
  const ask = (path: string): Promise<Fetched> =>
    driver.evaluate((url) => fetchHost.throughGuest({ url }), `${site.guest.crossSite}${path}`);
  expect(await ask('/api/none')).toMatchObject({ status: 404 });
  expect(await ask('/blank')).toMatchObject({ error: { code: 'DENIED', rule: 'path' } });
  expect(await driver.evaluate((url) => fetchHost.throughGuest({ url }), `${api.origin}/v1/a`)).toMatchObject({
    error: { code: 'DENIED', rule: 'origin' },
  });
});
