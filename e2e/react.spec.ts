import { pageAt } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Site } from './fixtures/site.ts';

async function open(driver: Driver, site: Site): Promise<void> {
  const guest = pageAt(site.guest.crossSite, 'react-guest', { host: site.host });
  await driver.goto(pageAt(site.host, 'react-host', { guest }));
  await expect.poll(() => driver.evaluate(() => reactHost.widget?.state.name), { timeout: 15_000 }).toBe('ready');
}

const liveOnes = (driver: Driver): Promise<number> =>
  driver.evaluate(() => [...reactHost.all].filter(({ state }) => state.name !== 'unmounted').length);

const inGuest = (driver: Driver, selector: string): Promise<string | null | undefined> =>
  driver.frameEvaluate('iframe', (css) => document.querySelector(css)?.textContent, selector);

test('React in StrictMode on both sides: one session, calls both ways, a stream, context and size', async ({
  driver,
  site,
}) => {
  await open(driver, site);
  expect(await driver.evaluate(() => document.querySelectorAll('iframe').length)).toBe(1);
  expect(await liveOnes(driver)).toBe(1);
  expect(await driver.evaluate(() => reactHost.all.size)).toBe(1);
  expect(await driver.evaluate(() => document.querySelector('#loading') === null)).toBe(true);

  // The handlers of the latest render answer, on both sides.
  expect(await driver.evaluate(() => reactHost.widget?.guest.count(2))).toBe(3);
  await expect.poll(() => inGuest(driver, '#rows')).toBe('3');
  expect(await driver.evaluate(() => reactHost.widget?.guest.count(2))).toBe(5);
  await driver.evaluate(() => reactHost.setStep(10));
  await driver.frameEvaluate('iframe', () => document.querySelector('button')?.click());
  await expect.poll(() => inGuest(driver, '#rows')).toBe('15');

  await expect.poll(() => driver.evaluate(() => document.querySelector('output')?.textContent)).toMatch(/^live \d+$/);
  expect(await driver.frameEvaluate('iframe', () => producing)).toBe(1);

  await expect.poll(() => inGuest(driver, '#theme')).toBe('dark');
  await driver.evaluate(() => reactHost.setTheme('light'));
  await expect.poll(() => inGuest(driver, '#theme')).toBe('light');

  await expect.poll(() => driver.evaluate(() => document.querySelector('iframe')?.clientHeight)).toBeGreaterThan(600);
  expect(await driver.evaluate(() => reactHost.widget?.state.name)).toBe('ready');
  expectQuiet(driver, site);
});

test('Suspense hides a guest and shows it again, in the same session', async ({ driver, site }) => {
  await open(driver, site);
  const marked = await driver.evaluate(() => {
    Object.assign(reactHost.widget?.frame ?? {}, { isMarked: true });
    return reactHost.all.size;
  });
  await driver.evaluate(() => reactHost.suspend());
  await expect.poll(() => driver.evaluate(() => document.body.textContent)).toContain('waiting');
  await driver.evaluate(() => reactHost.resume());
  await expect.poll(() => driver.evaluate(() => document.querySelector('iframe')?.getClientRects().length)).toBe(1);
  expect(await driver.evaluate(() => Reflect.get(document.querySelector('iframe') ?? {}, 'isMarked'))).toBe(true);
  expect(await driver.evaluate(() => reactHost.widget?.guest.count(1))).toBe(2);
  expect(await driver.evaluate(() => reactHost.all.size)).toBe(marked);
  expect(await liveOnes(driver)).toBe(1);
});

test('another address is another guest, and a component that goes takes its guest along', async ({ driver, site }) => {
  await open(driver, site);
  const other = pageAt(site.guest.a, 'react-guest', { host: site.host });
  await driver.evaluate((url) => reactHost.setUrl(url), other);
  await expect.poll(() => driver.evaluate(() => reactHost.widget?.origin)).toBe(site.guest.a);
  expect(await driver.evaluate(() => reactHost.widget?.guest.count(4))).toBe(5);
  expect(await liveOnes(driver)).toBe(1);
  await driver.evaluate(() => reactHost.setUrl(undefined));
  await expect.poll(() => liveOnes(driver)).toBe(0);
  expect(await driver.evaluate(() => document.querySelectorAll('iframe').length)).toBe(0);
  await expect.poll(() => driver.evaluate(() => document.querySelector('output')?.textContent)).toMatch(/^idle/);
});
