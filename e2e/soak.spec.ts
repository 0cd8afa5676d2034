import type { CDPSession } from '@playwright/test';
import { pageAt } from './fixtures/addresses.ts';
import { heap } from './fixtures/memory.ts';
import { expect, test } from './fixtures/tab.ts';

// Twenty guests at once, in frames, windows and workers, to which all that can happen does at random, while everything goes on that can go
// on. `npm run soak -- MINUTES SEED`; in the other tests half a minute of it.

const minutes = Number(process.env['SOAK_MINUTES'] ?? 0.5);
const seed = Number(process.env['SOAK_SEED'] ?? 1);
const slots = 20;
const mega = 1_000_000;

async function heapWithoutTraffic(tools: CDPSession): Promise<number> {
  // Every page of these tests writes down what comes on its window.
  await tools.send('Runtime.evaluate', { expression: 'traffic.length = 0' });
  return heap(tools, 4, 200);
}

async function renderers(devtools: CDPSession): Promise<number[]> {
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
}

test(`${slots} guests for ${minutes} minutes: nothing is pending after its time, doubled or lost, and nothing is left`, async ({
  page,
  site,
  devtools,
}) => {
  const ms = minutes * 60_000;
  test.setTimeout(ms * 1.1 + 240_000);
  await page.goto(`${site.host}/soak-host`);
  const own = await renderers(devtools);
  const tools = await page.context().newCDPSession(page);
  await tools.send('HeapProfiler.enable');
  const { port } = new URL(site.host);
  const origins = [
    site.guest.crossSite,
    site.guest.a,
    site.guest.b,
    `http://c.localhost:${port}`,
    `http://d.localhost:${port}`,
  ];
  const guests = origins.map((origin) => pageAt(origin, 'soak-guest', { host: site.host }));
  const run = (from: number, forMs: number): ReturnType<typeof soakHost.run> =>
    page.evaluate(([n, time, urls, count]) => soakHost.run(n, time, urls, count), [
      from,
      forMs,
      guests,
      slots,
    ] as const);

  // What is made once, and kept.
  await run(seed + 1_000_000, Math.min(60_000, Math.max(5000, ms / 10)));
  const [bytes, held] = [await heapWithoutTraffic(tools), await page.evaluate(() => soakHost.counts())];

  const over = new AbortController();
  let [kills, freezes] = [0, 0];
  const outside = async (): Promise<void> => {
    for (let n = 0; !over.signal.aborted; n++) {
      await new Promise((resolve) => setTimeout(resolve, 4000));
      if (over.signal.aborted) return;
      if (n % 3 === 2) {
        // The whole page is frozen, and goes on.
        await tools.send('Page.setWebLifecycleState', { state: 'frozen' });
        await new Promise((resolve) => setTimeout(resolve, 1000));
        await tools.send('Page.setWebLifecycleState', { state: 'active' });
        freezes++;
        continue;
      }
      const others = (await renderers(devtools)).filter((id) => !own.includes(id));
      const victim = others[(seed + n) % Math.max(1, others.length)];
      if (victim === undefined) continue;
      try {
        process.kill(victim, 'SIGKILL');
        kills++;
      } catch {
        // It has gone by itself.
      }
    }
  };
  const [report] = await Promise.all([run(seed, ms).finally(() => over.abort()), outside()]);
  const done = Object.entries(report.tally).sort(([a], [b]) => (a < b ? -1 : 1));
  console.log(done.map(([what, count]) => `${what}: ${count}`).join('\n'));
  await expect.poll(() => page.evaluate(() => soakHost.counts().timers), { timeout: 30_000 }).toBe(held.timers);
  const [bytesAfter, heldAfter] = [await heapWithoutTraffic(tools), await page.evaluate(() => soakHost.counts())];
  console.log(
    `seed ${seed}, ${minutes} minutes, ${kills} processes killed, the page frozen ${freezes} times: ${((bytesAfter - bytes) / 1000).toFixed(0)} kB more`,
  );
  expect(report.faults).toEqual([]);
  expect(kills).toBeGreaterThan(0);
  expect(freezes).toBeGreaterThan(0);
  for (const kind of ['frame', 'popup', 'worker']) expect(report.tally[`mounted as a ${kind}`]).toBeGreaterThan(0);
  for (const work of ['echo', 'write', 'burst', 'visit', 'add', 'sum'])
    expect(report.tally[`${work}: value`], work).toBeGreaterThan(10);
  const { messages: _, ...after } = heldAfter;
  const { messages: __, ...before } = held;
  expect(after).toEqual(before);
  expect(bytesAfter - bytes).toBeLessThan(mega);
});
