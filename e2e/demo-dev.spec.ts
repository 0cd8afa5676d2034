import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { names, urlsFrom } from '../demo/serve/places.mjs';
import { Desk, expect, test, widgetNames } from './fixtures/demo.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(`../demo/${path}`, import.meta.url));

/** The first of as many ports in a row as the demo has pages, all of which were free a moment ago. */
async function findPorts(): Promise<number> {
  const first = 20_000 + Math.floor(Math.random() * 10_000);
  const isFree = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false)).listen(port, () => server.close(() => resolve(true)));
    });
  const all = await Promise.all(names.map((_, index) => isFree(first + index)));
  return all.every(Boolean) ? first : findPorts();
}

/** Runs what `npm run dev` runs once everything is built. */
async function develop(port: number): Promise<() => Promise<void>> {
  const server = spawn('npm', ['run', 'dev'], {
    cwd: pathOf('shell'),
    env: { ...process.env, QUAKE_DESK_PORT: String(port), NO_COLOR: '1' },
    detached: true,
  });
  const ended = once(server, 'close');
  const stop = async (): Promise<void> => {
    // The group: npm does not end what it has started.
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid);
    await ended;
  };
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  try {
    await expect.poll(() => said, { timeout: 40_000 }).toContain(`http://localhost:${port}/`);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

test('the demo is developed with a server for each origin, and a widget is edited while its session lives @alone', async ({
  page,
}) => {
  test.setTimeout(120_000); // Vite makes hundreds of modules for the first visit.
  const port = await findPorts();
  const stop = await develop(port);
  try {
    const desk = new Desk(page, urlsFrom(port));
    await page.goto(desk.urls.shell);
    for (const name of widgetNames)
      await expect(desk.part(name, 'state')).toHaveAttribute('data-state', 'ready', { timeout: 45_000 });
    for (const name of widgetNames)
      expect(await desk.documentOf(name).evaluate(() => self.origin)).toBe(desk.urls[name]);

    await desk.mark();
    const states = await desk.recordStates('map');
    const now = new Date();
    await utimes(pathOf('map/src/painter.ts'), now, now); // saved, as it is
    await expect.poll(() => desk.complaints.join()).toContain(`hot updated: /src/main.ts (${desk.urls.map}`);
    // The new map tells the desk what it has read, in the document and the session that were there.
    await page.waitForTimeout(2_000); // the rate is over about a second
    await expect.poll(async () => (await desk.numbers('map-events'))[0]).toBeGreaterThan(0);
    await expect(desk.in('map').getByTestId('stage')).toHaveCount(1);
    expect(await desk.marks()).toEqual([...widgetNames]);
    expect(await states()).toEqual([]);
    // Vite says what it does.
    expect(desk.complaints.filter((text) => !/^(debug|info): /.test(text))).toEqual([]);
  } finally {
    await stop();
  }
});
