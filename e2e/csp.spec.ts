import { guestOf, pageAt } from './fixtures/addresses.ts';
import { expect, expectQuiet, test } from './fixtures/engine.ts';

// `connect-src 'self'` is for the log of the tests only.
const strict = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";
const typed = "require-trusted-types-for 'script'; trusted-types 'none'";

test('host and guest work under the strictest policies, with trusted types and no policy for them', async ({
  driver,
  site,
}) => {
  const url = guestOf(site, {
    'h:content-security-policy': `${strict}; ${typed}; frame-ancestors ${site.host}`,
  });
  await driver.goto(
    pageAt(site.host, 'host', {
      'h:content-security-policy': `${strict}; ${typed}; frame-src ${site.guest.crossSite}; frame-ancestors 'none'`,
    }),
  );
  const seen = await driver.evaluate(async (address) => {
    const mounted = host.mount(address);
    const echo = await mounted.guest.echo({ map: new Map([['a', 1n]]) });
    let counted = 0;
    for await (const _ of mounted.guest.count({ to: 100 })) counted++;
    await mounted.guest.report('from the guest');
    mounted.setContext({ theme: 'light' });
    const context = await mounted.guest.readContext();
    mounted.reload();
    await mounted.ready;
    return {
      echo: (echo as { map: Map<string, bigint> }).map.get('a') === 1n,
      counted,
      context,
      notes: host.notes,
      again: await mounted.guest.echo('again'),
    };
  }, url);
  expect(seen).toEqual({
    echo: true,
    counted: 100,
    context: { theme: 'light' },
    notes: ['from the guest'],
    again: 'again',
  });
  expectQuiet(driver, site);
});

test('the policies of that page are in force', async ({ driver, site }) => {
  await driver.goto(pageAt(site.host, 'host', { 'h:content-security-policy': `${strict}; ${typed}` }));
  const seen = await driver.evaluate(async (url) => {
    const attempt = (body: () => void): string => {
      try {
        body();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const failed = await host.fail(url);
    host.embed(url, 'somebody-elses');
    const attached = await host.failed(
      host.attach('#somebody-elses', new URL(url).origin, { handshakeTimeoutMs: 1500 }),
    );
    return {
      html: attempt(() => {
        document.body.innerHTML = '<p>text</p>';
      }),
      frame: failed.cause.code,
      attached: attached.cause.code,
    };
  }, guestOf(site));
  expect(seen).toEqual({ html: 'TypeError', frame: 'BLOCKED_BY_CSP', attached: 'BLOCKED_BY_CSP' });
});
