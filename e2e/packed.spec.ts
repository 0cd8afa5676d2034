import { findBrowser } from '../scripts/browsers.mjs';
import { pageAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';

declare global {
  /** How many messages this page has sent, and how many of them are arrays that may have holes. */
  var packed: { all: number; holey: number };
  var isHoley: (list: unknown) => boolean;
}

// To V8, an array that structured clone has built may have holes, and so has, from then on, every array that the same place of a program reads. Such
// messages take twice as long to be sent and read. Only V8 itself can tell.
test('messages stay packed arrays, however many were read', async ({ playwright, site }) => {
  const executablePath = await findBrowser('chromium');
  const browser = await playwright.chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--js-flags=--allow-natives-syntax'],
  });
  try {
    const page = await browser.newPage({ bypassCSP: true });
    await page.addInitScript({ content: 'globalThis.isHoley = (list) => %HasHoleyElements(list);' });
    await page.addInitScript(() => {
      globalThis.packed = { all: 0, holey: 0 };
      const postMessage: unknown = Reflect.get(MessagePort.prototype, 'postMessage');
      MessagePort.prototype.postMessage = function (message: unknown, ...rest: never[]) {
        for (const each of Array.isArray(message) ? message : []) {
          globalThis.packed.all++;
          if (globalThis.isHoley(each)) globalThis.packed.holey++;
        }
        if (typeof postMessage === 'function') Reflect.apply(postMessage, this, [message, ...rest]);
      };
    });
    await page.goto(`${site.host}/leaks-host`);
    const url = pageAt(site.guest.crossSite, 'leaks-guest', { host: site.host });
    await page.evaluate((address) => leaksHost.open(address), url);
    await page.evaluate(() => leaksHost.use(60_000));
    for (const frame of page.frames()) {
      const sent = await frame.evaluate(() => globalThis.packed);
      expect(sent.all, frame.url()).toBeGreaterThan(60_000);
      expect(sent.holey, frame.url()).toBeLessThan(sent.all / 100);
    }
  } finally {
    await browser.close();
  }
});
