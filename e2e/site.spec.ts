import { expect, test } from './fixtures/engine.ts';

test('a page reports its console output and its errors', async ({ driver, site }) => {
  await driver.goto(`${site.host}/blank`);
  await driver.evaluate(() => {
    console.warn('careful', { n: 1 });
    setTimeout(() => {
      throw new TypeError('boom');
    });
    void Promise.reject(new RangeError('no'));
  });
  const frame = `${site.host}/blank`;
  await expect
    .poll(() => [...site.logs].sort((a, b) => a.kind.localeCompare(b.kind)))
    .toEqual([
      { frame, kind: 'info', text: 'loaded blank' },
      { frame, kind: 'uncaught', text: 'TypeError: boom' },
      { frame, kind: 'unhandledrejection', text: 'RangeError: no' },
      { frame, kind: 'warn', text: 'careful {"n":1}' },
    ]);
});

for (const place of ['crossSite', 'sameSite', 'a'] as const) {
  test(`a frame reports too: ${place}`, async ({ driver, site }) => {
    await driver.goto(`${site.host}/blank`);
    const src = `${site.guest[place]}/blank`;
    await driver.evaluate((url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
    }, src);
    await expect.poll(() => site.logs).toContainEqual({ frame: src, kind: 'info', text: 'loaded blank' });
    expect(await driver.frameEvaluate('iframe', () => self.origin)).toBe(site.guest[place]);
  });
}

test('a frame with an opaque origin runs its scripts and reports', async ({ driver, site }) => {
  await driver.goto(`${site.host}/blank`);
  const src = `${site.guest.crossSite}/blank`;
  await driver.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.src = url;
    document.body.append(frame);
  }, src);
  await expect.poll(() => site.logs).toContainEqual({ frame: src, kind: 'info', text: 'loaded blank' });
  expect(await driver.frameEvaluate('iframe', () => self.origin)).toBe('null');
});

test('a page is answered with the headers, the status and the delay that its address asks for', async ({
  driver,
  site,
}) => {
  const policy = encodeURIComponent("frame-src 'none'; script-src 'self'; connect-src 'self'");
  await driver.goto(`${site.host}/blank?h:content-security-policy=${policy}`);
  await driver.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, `${site.guest.crossSite}/blank`);
  await expect
    .poll(() => site.logs.map(({ kind, text }) => `${kind} ${text}`))
    .toContainEqual(expect.stringContaining('csp frame-src'));

  const startedAt = Date.now();
  const answer = await fetch(`${site.guest.crossSite}/blank?status=503&delayMs=200`);
  expect(answer.status).toBe(503);
  expect(Date.now() - startedAt).toBeGreaterThan(190);
});
