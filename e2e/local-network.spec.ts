import { diagnoseCors } from '@muntin/server';
import { findBrowser } from '../scripts/browsers.mjs';
import { expect, test } from './fixtures/engine.ts';

// Only Chromium asks, and only it can be told that a server of this machine is one of the public network.
test('a page of the public network that asks for a local address: Chromium asks the user, as the doctor says', async ({
  playwright,
  site,
}) => {
  const { host, port } = new URL(site.host);
  const executablePath = await findBrowser('chromium');
  const browser = await playwright.chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [`--ip-address-space-overrides=127.0.0.1:${port}=public`],
  });
  try {
    const url = `http://127.0.0.1:${new URL(site.guest.sameSite).port}/__probe.js`;
    const ask = async (permissions: string[]): Promise<string> => {
      const context = await browser.newContext();
      if (permissions.length > 0) await context.grantPermissions(permissions, { origin: site.host });
      const page = await context.newPage();
      await page.goto(`http://${host}/cors-fetch-host`);
      const found = await page.evaluate(
        (address) =>
          Promise.race([
            fetchHost.explain(address),
            new Promise<string>((resolve) => {
              setTimeout(() => resolve('waits for the user'), 3000);
            }),
          ]),
        url,
      );
      await context.close();
      return found;
    };
    const seen = { denied: await ask([]), granted: await ask(['local-network-access']) };
    const { engines } = await diagnoseCors({ url, origin: site.host, isPublic: true });
    // A page cannot tell this from a server that does not answer.
    expect(seen).toEqual({
      denied: expect.stringMatching(/^(NO_ANSWER|waits for the user)$/) as unknown,
      granted: 'read',
    });
    expect(engines.chromium.cause).toBe('LOCAL_NETWORK');
    expect([engines.firefox.ok, engines.webkit.ok]).toEqual([true, true]);
  } finally {
    await browser.close();
  }
});
