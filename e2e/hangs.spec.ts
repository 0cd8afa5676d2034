import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CDPSession, Frame } from '@playwright/test';
import { pageAt } from './fixtures/addresses.ts';
import { early, steps } from './fixtures/hangs/early.ts';
import { renderGuide } from './fixtures/hangs/guide.ts';
import { type Expected, outcomes, type Scene, servedOutcomes, times, type Way, ways } from './fixtures/hangs/ways.ts';
import {
  type Asked,
  asked,
  type EarlyCell,
  type End,
  type GuestReport,
  type LetGo,
  type Report,
  served,
} from './fixtures/pages/hangs-kinds.ts';
import type { Site } from './fixtures/site.ts';
import { expect, guestFrame, test } from './fixtures/tab.ts';

// What a busy machine may need beside the time that is documented.
const graceMs = 4000;
// How often a page is taken into the back/forward cache until the browser keeps it.
const attempts = 5;

/** The process in which a guest runs: the one that works while the guest does. */
async function processOf(frame: Frame, devtools: CDPSession): Promise<number> {
  const used = async (): Promise<Map<number, number>> => {
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await used();
  await frame.evaluate(() => hangsGuest.spin(700));
  const spent = [...(await used())].map(([id, time]) => [id, time - (before.get(id) ?? 0)] as const);
  const [most] = spent.sort(([, a], [, b]) => b - a);
  if (most === undefined) throw new Error('there is no process of a page');
  return most[0];
}

/** What a page has told in its log, once it has. */
async function told<T>(site: Site, what: string, timeout: number): Promise<T> {
  const find = (): string | undefined =>
    site.logs
      .map(({ text }) => text)
      .filter((text) => text.startsWith(`${what} {`))
      .at(-1);
  await expect.poll(find, { message: `waits for "${what}"`, timeout }).toBeDefined();
  return JSON.parse(find()?.slice(what.length) ?? '') as T;
}

/** Whether the browser has kept the page that went away, from what is in the log since then. */
async function isKept(site: Site, since: number): Promise<boolean> {
  const find = (): string | undefined =>
    site.logs
      .map(({ text }) => text)
      .find((text, at) => at >= since && (text.startsWith('not kept') || text.startsWith('host {')));
  await expect.poll(find, { message: 'waits for the page that comes back', timeout: 20_000 }).toBeDefined();
  const found = find() ?? '';
  if (!found.startsWith('not kept')) return true;
  console.log(found); // with the browser's reasons
  return false;
}

/** When what waits is to be let go, so that it can be seen that it was only late. */
function letGoOf({ fate, isSilent, fromOutside }: Way): LetGo {
  if (fate === 'anew') return 'ready';
  if (fate !== 'stays') return 'never';
  return isSilent === true ? 'unresponsive' : fromOutside === undefined ? 'now' : 'pageshow';
}

async function play(way: Way, scene: Scene, elsewhere: string): Promise<void> {
  const { page } = scene;
  const letGo = letGoOf(way);
  const { byHost, byGuest, fromOutside } = way;
  if (byHost !== undefined) {
    const turn = `hangsHost.only.go(); (${String(byHost)})(); hangsHost.only.next(${JSON.stringify(letGo)});`;
    await page.evaluate(`(() => { ${turn} })()`);
  } else if (byGuest !== undefined) {
    const guest = await scene.guest();
    await page.evaluate((when) => {
      hangsHost.only.go();
      setTimeout(() => hangsHost.only.next(when), 300);
    }, letGo);
    await guest.evaluate(`setTimeout(() => (${String(byGuest)})(${JSON.stringify(elsewhere)}))`);
  } else if (fromOutside !== undefined) {
    await page.evaluate((when) => {
      hangsHost.only.go();
      hangsHost.only.next(when);
    }, letGo);
    await fromOutside(scene);
  }
}

function expectEnd(
  name: string,
  end: End | undefined,
  { how, mayHaveRun }: Expected,
  causes: readonly unknown[],
): void {
  if (how === 'goes on') return expect(end, name).toBeUndefined();
  expect(end?.how, `${name} ${JSON.stringify(end)}`).toBe(how);
  if (mayHaveRun !== undefined && mayHaveRun !== 'any') expect(end?.mayHaveRun, `${name}: mayHaveRun`).toBe(mayHaveRun);
  if (how === 'LINK_CLOSED') expect(causes, name).toContain(end?.cause);
}

test.describe('when a guest goes, everything that is pending ends as the table says', () => {
  for (const way of ways) {
    test(`${way.fate}: ${way.name}`, async ({ page, site, devtools }) => {
      const { fate, within, survives, notes = [], callMs = 60_000, onUnresponsive = 'wait' } = way;
      const url = pageAt(site.guest.crossSite, 'hangs-guest', { host: site.host });
      const late = asked.filter((kind) => outcomes[kind][fate].isLast === true);
      const goOn = asked.filter((kind) => outcomes[kind][fate].how === 'goes on');
      const first = asked.filter((kind) => !late.includes(kind) && !goOn.includes(kind));
      const rows = goOn.length > 0 ? 10 : 0;
      if (way.mayNotBeKept === true) test.setTimeout(attempts * 20_000);
      for (let attempt = 1; ; attempt++) {
        const said = site.logs.length;
        // The page may be kept: `no-store` forbids that.
        await page.goto(pageAt(site.host, 'hangs-host', { 'h:cache-control': 'no-cache' }));
        const isAttached = way.isAttached === true;
        await page.evaluate(
          ([address, options, ms, attaches]) =>
            (attaches ? hangsHost.attach(address, options) : hangsHost.mount(address, options, ms)).ask(),
          [url, { ...times, onUnresponsive }, callMs, isAttached] as const,
        );
        const guest = await guestFrame(page);
        await guest.evaluate(() => hangsGuest.ask());
        await expect.poll(() => guest.evaluate(() => hangsGuest.side.calls.begun)).toBe(2);
        const pid = way.fromOutside === undefined ? 0 : await processOf(guest, devtools);

        await page.evaluate(
          ([soon, rest, count]) => {
            const { only } = hangsHost;
            const all = async (): Promise<void> => {
              await only.tell('host', soon, count);
              if (rest.length === 0) return;
              await only.mount.unmount();
              await only.tell('last', rest, 0);
            };
            void all();
          },
          [first, late, rows] as const,
        );
        const scene: Scene = {
          page,
          guest: () => guestFrame(page),
          kill: async () => void process.kill(pid, 'SIGKILL'),
        };
        await play(way, scene, pageAt(site.guest.b, 'hangs-guest', { host: site.host }));
        // Chromium throws a page out of the cache in which a script has run too late. There is nothing to see then.
        if (way.mayNotBeKept !== true || attempt === attempts || (await isKept(site, said))) break;
      }

      const before = await told<Report>(site, 'host', within[1] + 3 * graceMs);
      const report = late.length > 0 ? await told<Report>(site, 'last', graceMs) : before;
      const ends = Object.entries(report.ends) as [Asked, End][];
      for (const kind of late) expect(before.ends[kind], `${kind} goes on until the mount ends`).toBeUndefined();
      const causes = [way.cause, way.lastCause];
      for (const kind of asked) expectEnd(kind, report.ends[kind], outcomes[kind][fate], causes);
      expect(report.twice).toEqual([]);
      expect(report.torn).toBe(0);
      // What is on this side is torn down once, whether it is over or the session is.
      const begun = 1;
      expect(report.calls).toEqual({ begun, ended: fate === 'stays' ? 0 : begun, most: fate === 'stays' ? 0 : 1 });
      expect(report.streams).toEqual({ begun, ended: begun, most: 1 });
      for (const text of notes) expect(report.notes.filter((note) => note === text)).toHaveLength(1);
      expect(new Set(report.notes).size).toBe(report.notes.length);
      if (way.isSilent === true) expect(report.states).toContain('unresponsive');
      const slowest = Math.max(...ends.map(([, { ms }]) => ms));
      console.log(`${way.name}: all has ended within ${slowest} ms; ${within[0]}`);
      expect(slowest).toBeLessThan(within[1] + graceMs);

      if (fate === 'over') expect(report.cause).toBe(way.state === 'failed' ? (way.lastCause ?? way.cause) : undefined);
      if (fate !== 'silent') expect(report.states.at(-1)).toBe(way.state);
      if (survives === true) {
        const inside = await told<GuestReport>(site, 'guest', graceMs);
        for (const kind of served) expectEnd(kind, inside.ends[kind], servedOutcomes[kind][fate], [way.guestCause]);
        expect(Math.max(inside.calls.most, inside.streams.most)).toBeLessThanOrEqual(1);
        if (fate === 'over')
          expect([inside.calls.ended, inside.streams.ended]).toEqual([inside.calls.begun, inside.streams.begun]);
      }
      expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
    });
  }
});

test('a guest that falls silent after every load is loaded again as often as it was said, after waits that double, and is given up', async ({
  page,
  site,
}) => {
  test.setTimeout(90_000);
  const reload = 3;
  const giveUpMs = 400;
  const url = pageAt(site.guest.crossSite, 'hangs-guest', { host: site.host });
  await page.goto(`${site.host}/hangs-host`);
  await page.evaluate(
    ([address, options]) => {
      const { mount } = hangsHost.mount(address, options);
      const moments: [string, number][] = [];
      Object.assign(globalThis, { moments });
      mount.state$.subscribe((state) => {
        moments.push([state.name, performance.now()]);
        if (state.name === 'failed') Object.assign(globalThis, { failure: state.cause });
      });
      // Pending from one load to the next, so that somebody waits for a sign of life.
      const pending = new Promise((resolve) => {
        mount.guest.rows({ after: 0 }).subscribe({ error: resolve });
      });
      Object.assign(globalThis, { pending });
    },
    [url, { unresponsiveMs: 300, giveUpMs, handshakeTimeoutMs: 30_000, onUnresponsive: { reload } }] as const,
  );
  const look = (): Promise<[string, number][]> => page.evaluate(() => Reflect.get(globalThis, 'moments'));
  const count = async (name: string): Promise<number> => (await look()).filter(([state]) => state === name).length;
  for (let load = 0; load <= reload; load++) {
    await expect.poll(() => count('loading'), { timeout: 20_000 }).toBe(load + 1);
    await expect.poll(async () => (await look()).at(-1)?.[0], { timeout: 20_000 }).toBe('ready');
    // It knows nobody on its window any more.
    await (await guestFrame(page)).evaluate(() => {
      Object.defineProperty(MessageEvent.prototype, 'origin', { get: () => '' });
    });
  }
  await expect.poll(() => count('failed'), { timeout: 20_000 }).toBe(1);
  const seen = await look();
  const waits = seen.flatMap(([name, at], nth) => (name === 'unresponsive' ? [(seen[nth + 1]?.[1] ?? NaN) - at] : []));
  console.log(`waits before it is loaded again, and before it is given up: ${waits.map(Math.round).join(', ')} ms`);
  expect(waits).toHaveLength(reload + 1);
  for (const [nth, wait] of waits.entries()) {
    expect(wait).toBeGreaterThan(giveUpMs * 2 ** nth - 20);
    expect(wait).toBeLessThan(giveUpMs * 2 ** nth + graceMs);
  }
  const end = await page.evaluate(async () => {
    const { code, cause, mayHaveRun } = await Reflect.get(globalThis, 'pending');
    // What it was given up for; a guest that is there all the same may have come back since.
    const failure = Reflect.get(globalThis, 'failure');
    return { code, cause: cause?.code, mayHaveRun, state: failure?.code, message: failure?.message };
  });
  expect(end).toEqual({
    code: 'LINK_CLOSED',
    cause: 'PEER_UNRESPONSIVE',
    mayHaveRun: true,
    state: 'PEER_UNRESPONSIVE',
    message: expect.stringContaining(`${giveUpMs * 2 ** reload} ms`),
  });
  expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
});

test('when the host reloads, its guest goes with it: nothing throws, and the next mount connects', async ({
  page,
  site,
}) => {
  const url = pageAt(site.guest.crossSite, 'hangs-guest', { host: site.host });
  await page.goto(`${site.host}/hangs-host`);
  await page.evaluate((address) => hangsHost.mount(address).ask(), url);
  await (await guestFrame(page)).evaluate(() => hangsGuest.ask());
  await page.evaluate(() => {
    hangsHost.only.go();
    location.reload();
  });
  await page.waitForFunction(() => globalThis.hangsHost?.cases.length === 0);
  expect(await page.evaluate((address) => hangsHost.mount(address).mount.guest.echo('next'), url)).toBe('next');
  expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
});

test.describe('when a guest goes before it is there, what waits for it ends as the table says', () => {
  for (const [step, { name, hold }] of Object.entries(steps) as [EarlyCell['step'], (typeof steps)['loaded']][]) {
    test(name, async ({ page, site }) => {
      await page.goto(`${site.host}/hangs-host`);
      const acts = Object.keys(early) as EarlyCell['act'][];
      const { port } = new URL(site.host);
      const cells = acts.map((act, at): EarlyCell => {
        // Each on a site of its own, and so in a process of its own: one that is busy holds up no other.
        const origin = `http://s${at}.localhost:${port}`;
        const { holdMs, handshakeTimeoutMs } = early[act];
        const parameters = { host: site.host, ...hold(holdMs) };
        const elsewhere = pageAt(site.guest.crossSite, 'hangs-guest', { host: site.host });
        return { url: pageAt(origin, 'hangs-guest', parameters), elsewhere, step, act, handshakeTimeoutMs };
      });
      const ends = await page.evaluate((all) => hangsHost.early(all), cells);
      for (const [at, act] of acts.entries()) {
        const { cause, within, name: what } = early[act];
        const end = ends[at];
        const seen = JSON.stringify({ what, end });
        const isConnected = cause[step] === undefined;
        expect(end?.call.how, seen).toBe(isConnected ? 'value' : 'LINK_CLOSED');
        expect(end?.stream.how, seen).toBe(isConnected ? 'value' : 'LINK_CLOSED');
        // Who was connected before was ready before.
        expect(end?.ready.how, seen).toBe(isConnected || step === 'asked' ? 'value' : cause[step]);
        if (end === undefined || isConnected) continue;
        expect([end.call.cause, end.stream.cause], seen).toEqual([cause[step], cause[step]]);
        if (step === 'on its way' || step === 'loaded') expect(end.call.mayHaveRun, seen).toBe(false);
        expect(Math.max(end.call.ms, end.stream.ms), seen).toBeLessThan(within[1] + graceMs);
      }
      expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
    });
  }
});

test('the guide has this table', async () => {
  const path = join(import.meta.dirname, '..', 'docs', 'guide', 'when-a-peer-goes.md');
  const page = renderGuide();
  if (test.info().config.updateSnapshots === 'all') await writeFile(path, page);
  expect(await readFile(path, 'utf8'), 'run `npm run --workspace e2e guide`').toBe(page);
});
