import { type EngineName as DoctorEngine, diagnoseCors } from '@muntin/server';
import { deadOrigin, pageAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';

// What `explainFetchFailure` says in a page is what has happened there: each cause is brought about by a server or a policy.

const refused = { 'h:access-control-allow-origin': 'https://nobody.example' };

test('a fetch that failed is explained in the page', async ({ driver, site }) => {
  const open = pageAt(site.guest.crossSite, 'blank');
  const closed = pageAt(site.guest.crossSite, 'blank', refused);
  const dead = `${await deadOrigin()}/`;
  await driver.goto(pageAt(site.host, 'cors-fetch-host'));
  const seen = await driver.evaluate(
    async (urls) => {
      const { explain, judge } = fetchHost;
      return {
        'nothing: it can be read': await explain(urls.open),
        'another origin is allowed': await explain(urls.closed),
        'the method is not allowed': await explain(urls.open, { method: 'PUT' }),
        'a header is not allowed': await explain(urls.open, { headers: { 'x-own': '1' } }),
        'everybody is allowed, with cookies': await explain(urls.open, { credentials: 'include' }),
        'a method that nobody who reads is allowed': await explain(urls.closed, { method: 'PUT' }),
        'nobody listens': await explain(urls.dead),
        'a name that nobody has': await explain('http://muntin.invalid/'),
        'a signal, before': await explain(urls.open, { signal: AbortSignal.abort() }),
        'a signal, with a reason': await explain(urls.open, {
          signal: AbortSignal.abort(new DOMException('', 'TimeoutError')),
        }),
        'no failure of fetch': (await judge(new RangeError('x'), { url: urls.open })).cause,
      };
    },
    { open, closed, dead },
  );
  expect(seen).toEqual({
    'nothing: it can be read': 'read',
    'another origin is allowed': 'CORS',
    'the method is not allowed': 'PREFLIGHT',
    'a header is not allowed': 'PREFLIGHT',
    'everybody is allowed, with cookies': 'PREFLIGHT',
    'a method that nobody who reads is allowed': 'CORS',
    'nobody listens': 'NO_ANSWER',
    'a name that nobody has': 'NO_ANSWER',
    'a signal, before': 'ABORTED',
    'a signal, with a reason': 'ABORTED',
    'no failure of fetch': 'NOT_A_FETCH_FAILURE',
  });
  await driver.goto(pageAt(site.host, 'cors-fetch-host', { 'h:content-security-policy': "connect-src 'self'" }));
  const own = pageAt(site.host, 'blank', refused);
  expect(await driver.evaluate((...urls) => Promise.all(urls.map((url) => fetchHost.explain(url))), open, own)).toEqual(
    ['BLOCKED_BY_CSP', 'read'],
  );
});

test('a page with TLS asks for what has none: what the browser does is what the page and the doctor say', async ({
  driver,
  engine,
  site,
}) => {
  const { good: page, evil: plain } = site.twins.scheme;
  const { port } = new URL(plain);
  const urls = ['127.0.0.1', 'localhost', 'a.localhost']
    .map((name) => `http://${name}:${port}/__probe.js`)
    .concat('http://muntin.invalid/');
  await driver.goto(`${page}/cors-fetch-host`);
  expect(await driver.evaluate(() => [location.protocol, isSecureContext])).toEqual(['https:', true]);
  const seen = await driver.evaluate((all) => Promise.all(all.map((url) => fetchHost.explain(url))), urls);
  const name: DoctorEngine = engine.startsWith('webkit') ? 'webkit' : engine === 'firefox' ? 'firefox' : 'chromium';
  const said = await Promise.all(
    urls.map(async (url) => (await diagnoseCors({ url, origin: page })).engines[name].cause.replace('OK', 'read')),
  );
  expect(seen).toEqual(said);
  const loopback = name === 'webkit' ? 'MIXED_CONTENT' : 'read';
  expect(seen).toEqual([loopback, loopback, loopback, 'MIXED_CONTENT']);
  // What the browser itself does, and not only what is said of it.
  const read = await driver.evaluate(
    (all) =>
      Promise.all(
        all.map((url) =>
          fetch(url, { mode: 'no-cors' }).then(
            () => 'read',
            () => 'MIXED_CONTENT',
          ),
        ),
      ),
    urls,
  );
  expect(read).toEqual(seen);
});

test('a page that is offline says so', async ({ driver, site }) => {
  const { setOffline } = driver;
  test.skip(setOffline === undefined, 'WebDriver cannot take WebKit off the network: docs/guide/cors.md');
  const open = pageAt(site.guest.crossSite, 'blank');
  await driver.goto(pageAt(site.host, 'cors-fetch-host'));
  await setOffline?.(true);
  expect(await driver.evaluate((url) => fetchHost.explain(url), open)).toBe('OFFLINE');
  await setOffline?.(false);
  expect(await driver.evaluate((url) => fetchHost.explain(url), open)).toBe('read');
});
