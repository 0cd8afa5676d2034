import { pageAt, strangerAt } from './fixtures/addresses.ts';
import { type Driver, expect, test } from './fixtures/engine.ts';

const heightOf = (driver: Driver): Promise<number | undefined> =>
  driver.evaluate(() => document.querySelector('iframe')?.clientHeight);

const setHeight = (driver: Driver, heightPx: number): Promise<void> =>
  driver.frameEvaluate(
    '#guest',
    (px) => {
      const block = document.querySelector<HTMLElement>('#block');
      if (block !== null) block.style.height = `${px}px`;
    },
    heightPx,
  );

for (const page of ['legacy-iframe-resizer', 'legacy-open-iframe-resizer'])
  test(`a page with the script of another resizer is as high as its content: ${page} @core`, async ({
    driver,
    site,
  }) => {
    await driver.goto(pageAt(site.host, 'legacy-host'));
    await driver.evaluate((url) => legacyHost.open(url), pageAt(site.guest.crossSite, page));
    await expect.poll(() => heightOf(driver), { timeout: 15_000 }).toBe(320);
    for (const px of [555, 100]) {
      await setHeight(driver, px);
      await expect.poll(() => heightOf(driver)).toBe(px);
    }
    expect(await driver.evaluate(() => legacyHost.size)).toMatchObject({ heightPx: 100, by: 'guest', clamped: false });
    await setHeight(driver, 5000);
    await expect.poll(() => driver.evaluate(() => legacyHost.size)).toMatchObject({ heightPx: 2000, clamped: true });
    // A page that is loaded anew is asked anew.
    await driver.frameEvaluate('#guest', () => setTimeout(() => location.reload(), 50) && undefined);
    await expect.poll(() => heightOf(driver), { timeout: 15_000 }).toBe(320);
    await driver.evaluate(() => legacyHost.widget?.unmount());
    expect(await driver.evaluate(() => document.querySelector('iframe')?.style.height)).toBe('');
  });

test('a page whose origin is another one, and values that are no heights, change nothing', async ({ driver, site }) => {
  await driver.goto(pageAt(site.host, 'legacy-host'));
  const say = (): void => {
    const heights = [NaN, -1, Infinity, -Infinity, '500', null];
    for (const height of heights) {
      parent.postMessage(`[iFrameSizer]muntin:${String(height)}:300:size`, '*');
      parent.postMessage({ type: 'iframe-resized', width: 300, height }, '*');
    }
    parent.postMessage('[iFrameSizer]muntin:500:300:close', '*');
    parent.postMessage('[iFrameSizer]another:500:300:size', '*');
  };
  // The text '500' is a height on the wire of iframe-resizer, and none on that of the other.
  await driver.evaluate((url) => legacyHost.open(url), strangerAt(site.guest.crossSite, say));
  await expect.poll(() => driver.evaluate(() => traffic.length)).toBeGreaterThanOrEqual(14);
  await expect.poll(() => heightOf(driver)).toBe(500);
  expect(await driver.evaluate(() => legacyHost.seen.map(({ heightPx }) => heightPx))).toEqual([10, 500]);

  await driver.goto(pageAt(site.host, 'legacy-host'));
  await driver.evaluate(
    (url, origin) => legacyHost.open(url, origin),
    pageAt(site.guest.crossSite, 'legacy-open-iframe-resizer'),
    site.guest.a,
  );
  // Nor is it asked: what it sends by itself is not heard.
  await driver.frameEvaluate('#guest', () =>
    parent.postMessage({ type: 'iframe-resized', width: 300, height: 700 }, '*'),
  );
  await expect
    .poll(() => driver.evaluate(() => traffic.filter(({ from }) => from === 'frame').length))
    .toBeGreaterThan(0);
  expect(await heightOf(driver)).toBe(10);
  expect(await driver.frameEvaluate('#guest', () => traffic.length)).toBe(0);
});
