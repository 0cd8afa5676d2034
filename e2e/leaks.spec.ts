import type { CDPSession, Frame, Page } from '@playwright/test';
import { pageAt } from './fixtures/addresses.ts';
import { heap } from './fixtures/memory.ts';
import { expect, guestFrame, test } from './fixtures/tab.ts';

const mega = 1_000_000;
const calls = 100_000;
const mounts = 500;
const idle = 50;

/** The DevTools of a page, or of a frame in a process of its own. */
async function openTools(page: Page, target: Page | Frame): Promise<CDPSession> {
  const tools = await page.context().newCDPSession(target);
  await tools.send('HeapProfiler.enable');
  return tools;
}

/** Documents, nodes and listeners that the browser keeps for the page. */
async function objects(tools: CDPSession): Promise<Record<string, number>> {
  await tools.send('Performance.enable');
  const { metrics } = await tools.send('Performance.getMetrics');
  const names = ['Documents', 'Frames', 'Nodes', 'JSEventListeners'];
  return Object.fromEntries(metrics.filter(({ name }) => names.includes(name)).map(({ name, value }) => [name, value]));
}

test(`${mounts} mounts and unmounts leave nothing behind`, async ({ page, site }) => {
  test.setTimeout(240_000);
  const url = pageAt(site.guest.crossSite, 'leaks-guest', { host: site.host });
  await page.goto(`${site.host}/leaks-host`);
  const tools = await openTools(page, page);
  await page.evaluate((address) => leaksHost.cycle(address, 50), url);
  const [bytesBefore, objectsBefore] = [await heap(tools), await objects(tools)];
  const before = await page.evaluate(() => leaksHost.counts());
  const startedAt = Date.now();
  await page.evaluate(([address, count]) => leaksHost.cycle(address, count), [url, mounts] as const);
  const seconds = (Date.now() - startedAt) / 1000;
  const [bytesAfter, objectsAfter] = [await heap(tools), await objects(tools)];
  const after = await page.evaluate(() => leaksHost.counts());
  const kilo = (bytesAfter - bytesBefore) / 1000;
  console.log(
    `${mounts} mounts, and a tenth as many that were unmounted at once: ${kilo.toFixed(0)} kB more, in ${seconds} s`,
  );
  console.log(JSON.stringify({ before: { ...before, ...objectsBefore }, after: { ...after, ...objectsAfter } }));
  const { messages: _, ...held } = after;
  expect(held).toEqual({ timers: 0, listeners: before.listeners, ports: 0, frames: 0 });
  expect(bytesAfter - bytesBefore).toBeLessThan(mega);
  for (const name of ['Documents', 'Frames', 'JSEventListeners'])
    expect(objectsAfter[name], name).toBeLessThanOrEqual((objectsBefore[name] ?? 0) + 2);
  expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
});

test(`${calls} calls, and a tenth as many streams and references, leave nothing behind in their session`, async ({
  page,
  site,
}) => {
  test.setTimeout(240_000);
  const url = pageAt(site.guest.crossSite, 'leaks-guest', { host: site.host });
  await page.goto(`${site.host}/leaks-host`);
  await page.evaluate((address) => leaksHost.open(address), url);
  const tools = [await openTools(page, page), await openTools(page, await guestFrame(page))];
  const all = (): Promise<number[]> => Promise.all(tools.map((each) => heap(each)));
  await page.evaluate(() => leaksHost.use(10_000));
  const before = await all();
  const startedAt = Date.now();
  await page.evaluate((count) => leaksHost.use(count), calls);
  const seconds = (Date.now() - startedAt) / 1000;
  const after = await all();
  const [host = NaN, guest = NaN] = after.map((bytes, side) => bytes - (before[side] ?? NaN));
  const kilo = [host, guest].map((bytes) => `${(bytes / 1000).toFixed(0)} kB`).join(' more in the host, ');
  console.log(`${calls} calls, ${calls / 10} streams, ${calls / 10} references: ${kilo} in the guest, in ${seconds} s`);
  expect(host).toBeLessThan(mega);
  expect(guest).toBeLessThan(mega);
  const held = await page.evaluate(() => leaksHost.counts());
  expect(held.ports).toBe(1);
  expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
});

test('an idle guest costs its host no timer, no message and little memory', async ({ page, site }) => {
  test.setTimeout(120_000);
  const url = pageAt(site.guest.crossSite, 'leaks-guest', { host: site.host });
  await page.goto(`${site.host}/leaks-host`);
  const tools = await openTools(page, page);
  // What a frame itself costs, and what is made only once.
  await page.evaluate((address) => leaksHost.open(address), url);
  const nothing = await heap(tools);
  await page.evaluate(([address, count]) => leaksHost.embed(address, count), [url, idle] as const);
  const bare = (await heap(tools)) - nothing;
  await page.reload();
  await page.evaluate((address) => leaksHost.open(address), url);
  const before = await heap(tools);
  const base = await page.evaluate(() => leaksHost.counts());
  await page.evaluate(([address, count]) => leaksHost.settle(address, count), [url, idle] as const);
  const each = ((await heap(tools)) - before - bare) / idle;
  console.log(
    `an idle guest: ${(each / 1000).toFixed(1)} kB beyond its frame, which has ${(bare / idle / 1000).toFixed(1)} kB`,
  );
  expect(each).toBeLessThan(50_000);
  // The answer to the question after `load` is the last that is heard of them.
  const look = () => page.evaluate(() => ({ ...leaksHost.counts(), batches: leaksHost.batches }));
  await expect.poll(async () => (await look()).timers, { timeout: 15_000 }).toBe(0);
  const first = await look();
  await page.waitForTimeout(6000); // longer than a heartbeat takes to ask
  expect(await look()).toEqual(first);
  expect(first).toMatchObject({ timers: 0, ports: base.ports + idle });
  expect(first.listeners).toBeGreaterThan(idle); // so that the other tests count what there is
});

test('a step of the clean-up that throws does not stop the next', async ({ page, site }) => {
  const url = pageAt(site.guest.crossSite, 'leaks-guest', { host: site.host });
  const uncaught: string[] = [];
  page.on('pageerror', ({ message }) => uncaught.push(message));
  await page.goto(`${site.host}/leaks-host`);
  const { listeners } = await page.evaluate(() => leaksHost.counts());
  const done = await page.evaluate((address) => leaksHost.throwing(address), url);
  expect([...done].sort()).toEqual([
    'call',
    'finalizer',
    'frame false',
    'next subscriber',
    'state',
    'subscriber',
    'teardown',
  ]);
  // They are told like any error that nobody catches.
  await expect.poll(() => uncaught).toEqual(expect.arrayContaining(['state', 'subscriber']));
  expect(await page.evaluate(() => leaksHost.counts())).toMatchObject({ timers: 0, listeners, ports: 0, frames: 0 });
});

test('a frame whose mount was lost can be attached to again', async ({ page, site }) => {
  const url = pageAt(site.guest.crossSite, 'leaks-guest', { host: site.host });
  await page.goto(`${site.host}/leaks-host`);
  const { listeners } = await page.evaluate(() => leaksHost.counts());
  const seen = await page.evaluate((address) => leaksHost.attachTwice(address), url);
  expect(seen).toEqual(['second', 'unmounted', 'ready']);
  expect(await page.evaluate(() => leaksHost.counts())).toMatchObject({ listeners, ports: 0, frames: 0 });
  expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
});
