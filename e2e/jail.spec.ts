import { expect, test } from './fixtures/jsonp-server.ts';

const secret = 'secret-of-the-page-7f3a';

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
