import { guestOf, pageAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';

// The lazy part as Vite names its file.
const part = 'loaded-';

for (const side of ['host', 'guest'] as const)
  test(`a lazy file that is missing for the ${side} fails the call that needs it, for that side; the next has it when it is back`, {
    tag: '@core',
  }, async ({ driver, site }) => {
    test.setTimeout(60_000);
    const bringBack = site.lose(side === 'host' ? site.host : site.guest.crossSite, part);
    await driver.goto(pageAt(site.host, 'host'));
    const urls = [guestOf(site), guestOf(site, {}, site.guest.a)];
    await driver.evaluate((all) => {
      for (const url of all) host.mount(url);
    }, urls);
    await expect
      .poll(() => driver.evaluate(() => host.mounts.map(({ state }) => state.name)), { timeout: 15_000 })
      .toEqual(['ready', 'ready']);
    const ask = (at: number): Promise<{ code?: string; message?: string; value?: unknown }> =>
      driver.evaluate(
        async (of, index) => {
          const mounted = host.mounts[index];
          if (mounted === undefined) throw new Error('nothing is mounted');
          const given = of === 'host' ? host.live() : new Set([1]);
          const { value, ...rest } = await host.settle(mounted.guest.echo(given));
          return { ...rest, ...(value === undefined ? {} : { value: typeof value }) };
        },
        side,
        at,
      );
    const failed = await ask(0);
    expect(failed).toMatchObject({ code: 'CHUNK_NOT_LOADED' });
    expect(failed.message).toContain(
      side === 'host' ? 'this page could not load' : 'the receiving page could not load',
    );
    // The session goes on, and a guest that lacks nothing is not touched.
    expect(await driver.evaluate(async () => host.mounts[0]?.guest.echo('plain'))).toBe('plain');
    if (side === 'guest') expect(await ask(1)).toEqual({ value: 'object' });
    // While it is missing, each attempt asks for it again, and fails again.
    expect(await ask(0)).toMatchObject({ code: 'CHUNK_NOT_LOADED' });
    bringBack();
    // WebKit remembers the failure, and its error names no address that could be asked for again: only a new document has the part.
    if (test.info().project.name.startsWith('webkit')) return;
    expect(await ask(0)).toEqual({ value: side === 'host' ? 'function' : 'object' });
    expect(await driver.evaluate(() => host.mounts.map(({ state }) => state.name))).toEqual(['ready', 'ready']);
  });
