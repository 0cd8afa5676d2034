import { pageAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';

// Each plays a session in every page that is not as the language left it, before Muntin is loaded and after.
for (const who of ['host', 'guest'] as const)
  for (const when of ['before', 'after'] as const)
    test(`a ${who} whose libraries have replaced methods and globals, ${when} Muntin was loaded, is like any other`, {
      tag: '@core',
    }, async ({ driver, site }) => {
      test.setTimeout(180_000);
      test.skip(
        who === 'host' && test.info().project.name.startsWith('webkit'),
        'WebDriver cannot write its own answers in such a page',
      );
      const play = async (name: string): Promise<string> => {
        // A new page for each: nobody undoes it.
        await driver.goto(pageAt(site.host, 'old-host'));
        const url = pageAt(site.guest.crossSite, 'old-guest', {
          host: site.host,
          ...(who === 'guest' ? { old: name, when } : {}),
        });
        return driver.evaluate(
          (page, at, address) => oldHost.play(page, at, address),
          who === 'host' ? name : 'untouched',
          when,
          url,
        );
      };
      const expected = await play('untouched');
      for (const part of [
        'text',
        'a map of 1',
        'HANDLER_FAILED: broken',
        '42',
        'VALUE_NOT_CLONEABLE',
        '300',
        'LINK_CLOSED',
      ])
        expect(expected).toContain(part);
      const names = await driver.evaluate(() => oldHost.names);
      expect(names.length).toBeGreaterThanOrEqual(17);
      for (const name of names)
        await test.step(name, async () => {
          expect.soft({ name, seen: await play(name) }).toEqual({ name, seen: expected });
        });
    });
