import { guestOf, pageAt } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Site, WindowMessage } from './fixtures/site.ts';

// Every message that arrives on a window is recorded by the first script of each page. What may be there is in docs/protocol.md.

const keys = (value: unknown): readonly string[] => Object.keys(value as object).sort();

/** The messages on both windows, and that they are those of the handshake, field by field, and no others. */
async function expectHandshakeOnly(
  driver: Driver,
  site: Site,
): Promise<{ onHost: WindowMessage[]; onGuest: WindowMessage[] }> {
  const onHost = await driver.evaluate(() => traffic);
  const onGuest = await driver.frameEvaluate('iframe', () => traffic);
  for (const { data, ...envelope } of onHost) {
    const { muntin, contract } = data as { muntin: string; contract: unknown };
    expect(envelope).toEqual({ from: 'frame', origin: site.guest.crossSite, ports: muntin === 'hello' ? 1 : 0 });
    if (muntin === 'hello') {
      expect(keys(data)).toEqual(['calls', 'codecs', 'contract', 'document', 'muntin', 'nonce', 'serves', 'versions']);
      expect(keys(contract)).toEqual(['name', 'version']);
    } else {
      expect(muntin).toBe('here');
      expect(keys(data)).toEqual(['muntin', 'nonce', 'session']);
    }
  }
  for (const { data, ...envelope } of onGuest) {
    const { muntin } = data as { muntin: string };
    expect(envelope).toEqual({ from: 'parent', origin: site.host, ports: 0 });
    expect(['check', 'knock']).toContain(muntin);
    expect(keys(data)).toEqual(muntin === 'check' ? ['muntin', 'nonce'] : ['muntin']);
  }
  return { onHost, onGuest };
}

const namesOf = (messages: readonly WindowMessage[]): readonly string[] =>
  messages.map(({ data }) => (data as { muntin: string }).muntin);

test('nothing of an application is ever on a window', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const work = (): Promise<void> =>
    driver.evaluate(async () => {
      const mounted = host.mounts[0] as (typeof host.mounts)[number];
      const { guest } = mounted;
      await mounted.ready;
      mounted.setContext({ theme: 'SECRET changed' });
      await guest.echo({ deep: ['SECRET input and result', new Map([['SECRET key', 'SECRET value']])] });
      await guest.report('SECRET from the guest');
      await host.settle(guest.echo(() => 'SECRET function'));
      for await (const _ of guest.count({ to: 1000 }));
    });
  await driver.evaluate((url) => {
    host.mount(url, { title: 'SECRET title', context: { theme: 'dark', secret: 'SECRET context' } });
  }, guestOf(site));
  await work();
  const before = await expectHandshakeOnly(driver, site);
  await driver.evaluate(() => host.mounts[0]?.reload());
  await work();
  const after = await expectHandshakeOnly(driver, site);
  expect(await driver.evaluate(() => host.notes)).toEqual(['SECRET from the guest', 'SECRET from the guest']); // the secrets did travel
  expect(JSON.stringify([before, after])).not.toContain('SECRET');
  expect(namesOf(after.onHost).filter((name) => name === 'hello')).toHaveLength(2); // one of each document
  expectQuiet(driver, site);
});

test('1,000 calls each way and 10,000 stream values put nothing on a window but the question who is there', async ({
  driver,
  site,
}) => {
  await driver.goto(`${site.host}/host`);
  await driver.evaluate((url) => host.mount(url).ready, guestOf(site));
  // A load that comes after the hello is followed by one check; then there is nothing left to say.
  await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
  const before = await expectHandshakeOnly(driver, site);
  const startedAt = performance.now();
  const seen = await driver.evaluate(async () => {
    const { guest } = host.mounts[0] as (typeof host.mounts)[number];
    const numbers = Array.from({ length: 1000 }, (_, number) => number);
    const echoes = await Promise.all(numbers.map((number) => guest.echo(number)));
    await Promise.all(numbers.map((number) => guest.report(`note ${number}`)));
    let counted = 0;
    for await (const _ of guest.count({ to: 10_000 })) counted++;
    return { echoes: echoes.every((echo, number) => echo === number), notes: host.notes.length, counted };
  });
  expect(seen).toEqual({ echoes: true, notes: 1000, counted: 10_000 });
  const after = await expectHandshakeOnly(driver, site);
  // While messages come on the port, the document shows at most once a second that it is still in its window.
  const most = (performance.now() - startedAt) / 1000 + 1;
  const since = namesOf(after.onGuest).slice(before.onGuest.length);
  expect(since.filter((name) => name !== 'check')).toEqual([]);
  expect(since.length).toBeLessThanOrEqual(most);
  expect(namesOf(after.onHost).slice(before.onHost.length)).toEqual(since.map(() => 'here'));
  expectQuiet(driver, site);
});

test('while a call is pending the host asks for signs of life, and then no more', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const ask = (): Promise<unknown> =>
    driver.evaluate(() =>
      host.settle((host.mounts[0] as (typeof host.mounts)[number]).guest.wait(undefined, { timeoutMs: 900 })),
    );
  await driver.evaluate((url) => host.mount(url, { unresponsiveMs: 400 }).ready, guestOf(site));
  expect(await ask()).toMatchObject({ code: 'CALL_TIMED_OUT', mayHaveRun: true });
  await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  const { onHost, onGuest } = await expectHandshakeOnly(driver, site);
  expect(namesOf(onGuest).length).toBeGreaterThanOrEqual(4);
  await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 700)));
  expect(await expectHandshakeOnly(driver, site)).toEqual({ onHost, onGuest });
  expectQuiet(driver, site);
});

test('a host that attaches knocks with a constant, and only until it is heard', async ({ driver, site }) => {
  await driver.goto(pageAt(site.host, 'host', { frame: guestOf(site, { lateMs: 1200 }) }));
  await driver.evaluate((origin) => host.attach('iframe', origin).ready, site.guest.crossSite);
  await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1500)));
  const { onGuest } = await expectHandshakeOnly(driver, site);
  const knocks = onGuest.filter(({ data }) => (data as { muntin: string }).muntin === 'knock');
  expect(knocks.length).toBeGreaterThanOrEqual(1);
  expect(knocks.length).toBeLessThanOrEqual(5);
  for (const { data } of knocks) expect(data).toEqual({ muntin: 'knock' });
  expectQuiet(driver, site);
});
