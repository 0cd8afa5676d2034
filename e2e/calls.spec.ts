import { expect, test } from './fixtures/engine.ts';

for (const place of ['crossSite', 'sameSite', 'a'] as const) {
  test(`host and guest call each other: ${place}`, async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const url = `${site.guest[place]}/guest?host=${encodeURIComponent(site.host)}`;
    const seen = await driver.evaluate(async (address) => {
      const { guest, ready } = host.mount(address);
      await ready;
      const echo = await guest.echo({ when: new Date(0), big: 42n, map: new Map([['a', 1]]) });
      const counted: number[] = [];
      for await (const value of guest.count({ to: 5 })) counted.push(value);
      await guest.report('hello');
      return {
        echo:
          echo instanceof Object && 'when' in echo && echo.when instanceof Date && 'big' in echo && String(echo.big),
        counted,
        context: await guest.readContext(),
        notes: host.notes,
      };
    }, url);
    expect(seen).toEqual({ echo: '42', counted: [1, 2, 3, 4, 5], context: { theme: 'dark' }, notes: ['hello'] });
    expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
  });
}

test('a guest does not connect with a host that it does not list', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const url = `${site.guest.crossSite}/guest?host=${encodeURIComponent(site.guest.b)}`;
  const seen = await driver.evaluate(async (address) => {
    const { guest } = host.mount(address);
    const reason: unknown = await guest.echo(1, { timeoutMs: 2000 }).catch((error: unknown) => error);
    return { code: reason instanceof Error && 'code' in reason && reason.code, notes: host.notes };
  }, url);
  expect(seen).toEqual({ code: 'CALL_TIMED_OUT', notes: [] });
});
