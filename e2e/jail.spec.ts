import { pageAt } from './fixtures/addresses.ts';
import type { EngineName } from './fixtures/engine.ts';
import { expect, test } from './fixtures/jsonp-server.ts';

const secret = 'secret-of-the-page-7f3a';

/** The sockets that are spoken to in spite of the policy of the frame, at most, by engine. Firefox speaks to no STUN server on this machine. */
const leaks: Partial<Record<EngineName, readonly string[]>> = {
  chromium: ['udp'],
  firefox: [],
  webkit: ['tcp'],
  'webkit-old': ['tcp'],
};

test.describe('@core third-party tags', () => {
  test.setTimeout(60_000);

  test('an analytics tag gets the events that the page gives it, and nothing of the page', async ({
    driver,
    site,
    server,
  }) => {
    await driver.goto(`${site.host}/jsonp-host`);
    await driver.evaluate(
      async (origin, word) => {
        await jsonpKit.plant(word);
        const tag = jsonpKit.jail(`${origin}/tag/analytics`);
        await tag.guest.push({ event: 'order', value: 7 });
        await tag.guest.push({ event: 'thanks' });
      },
      server.origin,
      secret,
    );
    const collected = (): string[] => server.requests.filter((request) => request.includes('/collect'));
    await expect.poll(() => collected().length).toBe(2);
    const order = encodeURIComponent('{"event":"order","value":7}');
    expect(collected()[0]).toContain(`event=${order}&found=nothing`);
    // The server that the tag would share it with is in nobody's list.
    expect(server.requests.filter((request) => request.includes('/partner') || request.includes(secret))).toEqual([]);
    expect(server.requests.filter((request) => request.includes(' from '))).toEqual([]);
    // The control: in the page, the same tag reads what is there and tells both.
    await driver.evaluate(async (origin) => {
      Object.assign(globalThis, { dataLayer: [{ event: 'order' }] });
      await new Promise((resolve) => {
        document.head.append(
          Object.assign(document.createElement('script'), { src: `${origin}/tag/analytics`, onload: resolve }),
        );
      });
    }, server.origin);
    await expect
      .poll(() => server.requests.filter((one) => one.includes('/partner') || one.includes(secret)).length)
      .toBe(2);
  });

  test('an advertising tag draws in its frame, and its click is a call', async ({ driver, site, server }) => {
    await driver.goto(`${site.host}/jsonp-host`);
    await driver.evaluate(
      async (origin, word) => {
        await jsonpKit.plant(word);
        jsonpKit.jail(`${origin}/tag/advertising`);
      },
      server.origin,
      secret,
    );
    await expect.poll(() => driver.evaluate(() => jsonpKit.tagCalls)).toEqual(['shown 1']);
    await driver.frameEvaluate('iframe', () => document.getElementById('creative')?.click());
    await expect
      .poll(() => driver.evaluate(() => jsonpKit.tagCalls))
      .toEqual(['shown 1', `clicked ${server.origin}/landing`]);
    // Neither the page's text nor its address is another one, and the pixel tells nothing of it.
    expect(await driver.evaluate((word) => document.body.textContent?.includes(word), secret)).toBe(true);
    const said = server.requests.filter((request) => request.includes('/landing') || request.includes('victim'));
    expect(said).toEqual([]);
  });

  test('a tag that tries every way out has the ways that no policy of its frame closes, and those of its own frame only without yours', async ({
    driver,
    site,
    server,
    engine,
  }) => {
    const ways = (): string[] =>
      [...new Set(server.requests.flatMap((request) => /\/evil\/(\w+)/.exec(request)?.[1] ?? []))]
        .concat(...server.touched)
        .sort();
    const times = (): number => server.requests.filter((request) => request.includes('/evil/itself')).length;
    const start = (policy: string): Promise<number> =>
      driver.goto(pageAt(site.host, 'jsonp-host', { 'h:content-security-policy': policy, secret })).then(() =>
        driver.evaluate((origin) => {
          jsonpKit.jail(`${origin}/tag/leaving`);
          return history.length;
        }, server.origin),
      );
    const asked = (): number => server.requests.filter((request) => request.includes('/tag/leaving')).length;
    // A policy of the page that names the frames that it has: none.
    const before = await start("frame-src 'none'");
    await expect.poll(asked).toBeGreaterThan(0);
    await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1500)));
    const withPolicy = {
      ways: ways(),
      times: times(),
      entries: (await driver.evaluate(() => history.length)) - before,
    };
    const beforeWithout = await start('');
    await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2500)));
    const without = {
      ways: ways(),
      times: times(),
      entries: (await driver.evaluate(() => history.length)) - beforeWithout,
    };
    console.log(`${engine}: ${JSON.stringify({ withPolicy, without })}`);
    const isOther = (way: string): boolean => leaks[engine]?.includes(way) !== true;
    expect(withPolicy.times).toBe(0);
    // The browser's page in place of the frame's is an entry of the tab where the frame had loaded before it left; the tag is gone then.
    expect(withPolicy.entries).toBeLessThanOrEqual(1);
    expect(withPolicy.ways.filter(isOther)).toEqual([]);
    // Its own frame is all that is left to it: with the address of the page, and a few times at most.
    expect(without.ways.filter(isOther)).toEqual(['itself']);
    expect(without.times).toBeLessThan(10);
    // The control: in the page it takes the page itself elsewhere, and what is on its way then may be cancelled.
    await driver.goto(pageAt(site.host, 'jsonp-host'));
    await driver.evaluate((origin) => {
      document.head.append(Object.assign(document.createElement('script'), { src: `${origin}/tag/leaving` }));
    }, server.origin);
    const open = (): string[] => ways().filter((way) => ['image', 'fetch', 'script', 'top'].includes(way));
    await expect.poll(open, { timeout: 15_000 }).not.toEqual([]);
  });

  test('what is no script, and no exact origin, is refused', async ({ driver, site }) => {
    await driver.goto(`${site.host}/jsonp-host`);
    const codes = await driver.evaluate(() => [
      jsonpKit.jailCode('https://'),
      jsonpKit.jailCode('http://tags.example/tag.js'),
      jsonpKit.jailCode('https://tags.example/tag.js', ['https://*.example']),
      jsonpKit.jailCode('https://tags.example/tag.js', 'https://cdn.example'),
    ]);
    expect(codes).toEqual(Array(4).fill('INVALID_OPTION'));
  });
});
