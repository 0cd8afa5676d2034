import { pageAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';

// Each plays a session in every page that is not as the language left it, before Muntin is loaded and after.
for (const who of ['host', 'guest'] as const)
  for (const when of ['before', 'after'] as const)
    test(`a ${who} whose libraries have replaced methods and globals, ${when} Muntin was loaded, is like any other`, {
      tag: '@core',
    }, async ({ driver, site }) => {
      test.setTimeout(90_000);
      await driver.goto(pageAt(site.host, 'old-host'));
      const url = pageAt(site.guest.crossSite, 'old-guest', { host: site.host });
      const { untouched, ...seen } = await driver.evaluate((...given) => oldHost.playAll(...given), who, when, url);
      for (const part of [
        'text',
        'a map of 1',
        'HANDLER_FAILED: broken',
        '42',
        'VALUE_NOT_CLONEABLE',
        '300',
        'LINK_CLOSED',
      ])
        expect(untouched).toContain(part);
      const names = Object.keys(seen);
      expect(names.length).toBeGreaterThanOrEqual(17);
      expect(seen).toEqual(Object.fromEntries(names.map((name) => [name, untouched])));
    });
