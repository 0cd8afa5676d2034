import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Desk, expect, shifts, test, type WidgetName, widgetNames } from './fixtures/demo.ts';

test.describe.configure({ timeout: 60_000 });

/** What the others show once a widget has chosen something: the shell's own count over the record, which is not all of it. */
async function expectFiltered(desk: Desk, others: readonly WidgetName[], count: number): Promise<number> {
  await expect.poll(() => desk.passing()).toBeLessThan(count);
  const passing = await desk.passing();
  expect(passing).toBeGreaterThan(0);
  for (const widget of others) await expect.poll(() => desk.shown(widget)).toBe(passing);
  return passing;
}

test.describe('the desk', () => {
  test('has each widget on an origin of its own, map and chart in a process of their own, and says how each is @alone', async ({
    desk,
    browser,
  }) => {
    await desk.open();
    const origins = new Set([desk.urls.shell]);
    for (const widget of widgetNames) {
      const origin = await desk.documentOf(widget).evaluate(() => self.origin);
      expect(origin).toBe(new URL(desk.urls[widget]).origin);
      await expect(desk.part(widget, 'origin')).toHaveText(origin);
      origins.add(origin);
      const isClosed = await desk.frameElement(widget).evaluate((frame: HTMLIFrameElement) => {
        try {
          return frame.contentWindow?.document === undefined;
        } catch (error) {
          return error instanceof DOMException && error.name === 'SecurityError';
        }
      });
      expect(isClosed).toBe(true);
    }
    expect(origins.size).toBe(4);
    const client = await browser.newBrowserCDPSession();
    const { targetInfos } = await client.send('Target.getTargets', { filter: [{}] });
    const outOfProcess = targetInfos.filter(({ type }) => type === 'iframe').map(({ url }) => new URL(url).origin);
    // The table is on the shell's site: only its Origin-Agent-Cluster header asks for a process, and that is a hint.
    expect(outOfProcess).toEqual(expect.arrayContaining([desk.urls.map, desk.urls.chart]));
    expect(new URL(desk.urls.table).hostname).toBe(new URL(desk.urls.shell).hostname);
    for (const widget of widgetNames) {
      await expect(desk.part(widget, 'state')).toHaveText('Ready');
      await expect(desk.part(widget, 'roundTrip')).toHaveText(/^[\d,]+\.\d ms$/);
      await expect(desk.part(widget, 'messages')).toHaveText(/^[1-9][\d,]*\/s$/);
      await expect(desk.part(widget, 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
      await expect(desk.part(widget, 'shown')).toHaveText(/^[\d,]+ of [\d,]+$/);
    }
  });

  test('replays the record, stands still when it is told to, and goes on @alone', async ({ desk }) => {
    await desk.open();
    const told = async (): Promise<number> => (await desk.numbers('pass'))[1] ?? NaN;
    const start = await told();
    await expect.poll(told).toBeGreaterThan(start);
    await desk.at('play').click();
    await expect(desk.at('play')).toHaveText('Play');
    await expect(desk.at('measured')).toHaveText('measured 0/s');
    const clock = await desk.at('clock').innerText();
    const stopped = await told();
    for (const widget of widgetNames) await expect(desk.part(widget, 'events')).toHaveText('0/s');
    expect(await desk.at('clock').innerText()).toBe(clock);
    expect(await told()).toBe(stopped);
    await desk.at('play').click();
    await expect(desk.at('clock')).not.toHaveText(clock);
    await expect.poll(told).toBeGreaterThan(stopped);
  });

  test('carries thousands of events a second to every widget @alone', async ({ desk }) => {
    await desk.open();
    await desk.setSpeed(12);
    await expect(desk.at('rate')).toHaveText('10,000 events/s');
    await expect.poll(async () => (await desk.numbers('measured'))[0]).toBeGreaterThan(1_000);
    for (const widget of widgetNames)
      await expect.poll(async () => (await desk.numbers(`${widget}-events`))[0]).toBeGreaterThan(1_000);
    // It remains a desk: what is chosen now still reaches the others.
    await desk.in('map').locator('#region').selectOption({ index: 1 });
    await expect(desk.at('chip-map')).toBeVisible();
    for (const widget of ['chart', 'table'] as const) {
      const text = async () => desk.numbers(`${widget}-shown`);
      await expect.poll(async () => ((await text())[0] ?? NaN) < ((await text())[1] ?? NaN)).toBe(true);
    }
  });

  test('lets theme and language travel without loading a frame again @alone', async ({ desk }) => {
    await desk.open();
    await desk.mark();
    const looks = async (): Promise<string[]> => {
      const all = [];
      for (const widget of widgetNames)
        all.push(
          await desk.documentOf(widget).evaluate(() => {
            const { lang, dataset } = document.documentElement;
            return `${lang} ${dataset['theme']} ${getComputedStyle(document.body).backgroundColor}`;
          }),
        );
      return all;
    };
    const light = await looks();
    expect(light.every((look) => look.startsWith('en light '))).toBe(true);
    await desk.at('theme').getByText('Dark').click();
    await expect.poll(async () => (await looks()).every((look) => look.startsWith('en dark '))).toBe(true);
    const dark = await looks();
    for (const [index, look] of dark.entries()) expect(look.split('rgb')[1]).not.toBe(light[index]?.split('rgb')[1]);
    const titles = async (): Promise<string[]> => {
      const all = [];
      for (const widget of widgetNames) all.push(await desk.documentOf(widget).title());
      return all;
    };
    const english = await titles();
    await desk.at('language').selectOption('ja');
    await expect.poll(async () => (await looks()).every((look) => look.startsWith('ja dark '))).toBe(true);
    for (const [index, title] of (await titles()).entries()) expect(title).not.toBe(english[index]);
    await expect(desk.part('map', 'state')).toHaveText('準備完了');
    expect(await desk.marks()).toEqual([...widgetNames]);
    // What was chosen is there again.
    await desk.open();
    await expect.poll(async () => (await looks()).every((look) => look.startsWith('ja dark '))).toBe(true);
  });
});

test.describe('what is chosen in one widget filters the others', () => {
  test('a box dragged on the map @alone', async ({ desk }) => {
    await desk.open();
    const count = await desk.tellAll();
    const stage = desk.in('map').getByTestId('stage');
    await desk.brush('map', [0.1, 0.2], [0.4, 0.6]);
    const passing = await expectFiltered(desk, ['chart', 'table'], count);
    expect(await desk.shown('map')).toBe(count); // it still shows what there is to choose from
    await expect(desk.in('table').getByTestId('count')).toContainText(passing.toLocaleString('en'));
    await expect(desk.in('table').getByRole('grid')).toHaveAttribute('aria-rowcount', String(passing + 1));
    await stage.click({ position: { x: 5, y: 5 } });
    await expect(desk.at('chip-map')).toBeHidden();
    for (const widget of widgetNames) await expect.poll(() => desk.shown(widget)).toBe(count);
  });

  test('a range dragged on the chart, and a threshold @alone', async ({ desk }) => {
    await desk.open();
    const count = await desk.tellAll();
    const chart = desk.in('chart');
    await desk.brush('chart', [0.3, 0.1], [0.5, 0.9]);
    const dragged = await expectFiltered(desk, ['map', 'table'], count);
    const strong = chart.getByRole('button', { name: '4.5' });
    await strong.click();
    await expect(strong).toHaveAttribute('aria-pressed', 'true');
    await expect.poll(() => desk.passing()).not.toBe(dragged);
    await expectFiltered(desk, ['map', 'table'], count);
    // Filters add up: what two widgets have chosen is less than what one has.
    const before = await desk.passing();
    await desk.brush('map', [0.5, 0.2], [0.95, 0.8]);
    await expect.poll(() => desk.passing()).toBeLessThan(before);
    await expectFiltered(desk, ['table'], before);
    await desk.at('clear-all').click();
    await expect(strong).toHaveAttribute('aria-pressed', 'false');
    for (const widget of widgetNames) await expect.poll(() => desk.shown(widget)).toBe(count);
  });

  test('rows picked in the table @alone', async ({ desk }) => {
    await desk.open();
    const count = await desk.tellAll();
    const rows = desk.in('table').locator('[role=row][data-quake]:visible');
    await rows.nth(1).click();
    await expect(rows.nth(1)).toHaveAttribute('aria-selected', 'true');
    await expect(desk.at('chip-table')).toContainText('1 event');
    expect(await expectFiltered(desk, ['map', 'chart'], count)).toBe(1);
    await rows.nth(3).click({ modifiers: ['Shift'] });
    expect(await desk.in('table').locator('[aria-selected=true]:visible').count()).toBe(3);
    await expect(desk.at('chip-table')).toContainText('3 events');
    await expect.poll(() => desk.shown('map')).toBe(3);
    await expect.poll(() => desk.shown('chart')).toBe(3);
    await desk.at('chip-table').getByRole('button').click();
    await expect(rows.nth(1)).toHaveAttribute('aria-selected', 'false');
    for (const widget of widgetNames) await expect.poll(() => desk.shown(widget)).toBe(count);
  });
});

test.describe('a widget that goes', () => {
  test('is loaded again, by its button or by itself, and has its selection and the record again @alone', async ({
    desk,
  }) => {
    await desk.open();
    const count = await desk.tellAll();
    await desk.brush('map', [0.1, 0.2], [0.4, 0.6]);
    await expectFiltered(desk, ['chart', 'table'], count);
    const [box, passing] = [await desk.in('map').getByTestId('box').innerText(), await desk.passing()];
    await desk.mark();
    const states = await desk.recordStates('map');
    await desk.part('map', 'reload').click();
    await expect.poll(async () => (await states()).length).toBeGreaterThan(0);
    await desk.isReady('map');
    expect(await states()).toEqual(['loading', 'handshaking', 'ready']);
    await expect(desk.in('map').getByTestId('box')).toHaveText(box);
    await expect.poll(() => desk.shown('map')).toBe(count);
    expect(await desk.passing()).toBe(passing);
    expect(await desk.marks()).toEqual(['chart', 'table']);
    // A page that loads itself anew is noticed as well.
    const ownStates = await desk.recordStates('chart');
    await desk.documentOf('chart').evaluate(() => setTimeout(() => location.reload()));
    await expect.poll(async () => (await ownStates()).at(-1)).toBe('ready');
    expect((await ownStates())[0]).toBe('reconnecting');
    await expect.poll(() => desk.numbers('chart-shown')).toEqual([passing, count]);
  });

  test('for good takes its filter along; the others go on; mounted again it catches up @alone', async ({ desk }) => {
    await desk.open();
    const count = await desk.tellAll();
    await desk.brush('map', [0.1, 0.2], [0.4, 0.6]);
    await expectFiltered(desk, ['chart', 'table'], count);
    await desk.part('map', 'toggle').click();
    await expect(desk.part('map', 'state')).toHaveAttribute('data-state', 'unmounted');
    await expect(desk.part('map', 'message')).toContainText('The map is removed.');
    await expect(desk.frameElement('map')).toHaveCount(0);
    await expect(desk.at('chip-map')).toBeHidden();
    for (const widget of ['chart', 'table'] as const) await expect.poll(() => desk.shown(widget)).toBe(count);
    await desk.in('chart').getByRole('button', { name: '4.5' }).click();
    const strong = await expectFiltered(desk, ['table'], count);
    await desk.at('play').click();
    for (const widget of ['chart', 'table'] as const)
      await expect(desk.part(widget, 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
    await desk.at('play').click();
    await desk.part('map', 'toggle').click();
    await desk.isReady('map');
    await expect.poll(() => desk.numbers('map-shown')).toEqual([strong, count]);
  });
});

const overflow = (): number => document.documentElement.scrollWidth - document.documentElement.clientWidth;

for (const width of [400, 1600]) {
  test.describe(`at ${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });

    test('nothing overflows, nothing jumps, and every control is within reach @alone', async ({ desk }) => {
      await desk.open();
      const documents = widgetNames.map((widget) => desk.documentOf(widget));
      for (const frame of [desk.page.mainFrame(), ...documents]) {
        expect(await frame.evaluate(shifts)).toBeLessThan(0.01);
        expect(await frame.evaluate(overflow)).toBe(0);
      }
      await desk.at('play').click();
      const controls = [
        ...['play', 'speed', 'language'].map((id) => desk.at(id)),
        desk.at('theme').getByText('Dark'),
        ...widgetNames.flatMap((widget) => [desk.part(widget, 'reload'), desk.part(widget, 'toggle')]),
        desk.in('map').locator('#region'),
        desk.in('map').getByTestId('stage'),
        desk.in('chart').getByRole('button', { name: '2.5' }),
        desk.in('chart').locator('.u-over'),
        desk.in('table').locator('#once'),
        desk.in('table').getByRole('columnheader').getByRole('button').first(),
      ];
      for (const control of controls) {
        await control.click({ trial: true });
        const box = await control.boundingBox();
        expect(box?.x).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? NaN) + (box?.width ?? NaN)).toBeLessThanOrEqual(width);
      }
    });
  });
}

test('a desk whose type cannot be had is a desk all the same @alone', async ({ desk }) => {
  await desk.page.route('**/*.woff2', (route) => route.abort());
  await desk.open();
  const isAboutType = (complaint: string): boolean => complaint.includes('.woff2');
  expect(desk.complaints.splice(0).filter((complaint) => !isAboutType(complaint))).toEqual([]);
});

test('the keyboard alone is enough @alone', async ({ desk }) => {
  await desk.open();
  const count = await desk.tellAll();
  const { keyboard } = desk.page;
  await desk.page.locator('h1').click(); // the next Tab goes on from here
  /** Where the focus is: the document that has it, and the element in there. */
  const focused = async (): Promise<string> => {
    const name = (): string => {
      const { activeElement: element } = document;
      if (!document.hasFocus() || element === null || element instanceof HTMLIFrameElement) return '';
      return element.getAttribute('data-testid') ?? element.getAttribute('role') ?? (element.id || element.localName);
    };
    for (const widget of widgetNames) {
      const inside = await desk.documentOf(widget).evaluate(name);
      if (inside !== '' && inside !== 'body') return `${widget} ${inside}`;
    }
    return desk.page.evaluate(name);
  };
  const path: string[] = [];
  const tabTo = async (place: string): Promise<void> => {
    for (let step = 0; step < 30; step++) {
      await keyboard.press('Tab');
      path.push(await focused());
      if (path.at(-1) === place) return;
    }
    throw new Error(`"${place}" is not in the tab order: ${path.join(', ')}`);
  };
  await tabTo('play');
  await keyboard.press('Space');
  await expect(desk.at('play')).toHaveText('Pause');
  await keyboard.press('Space');
  await expect(desk.at('play')).toHaveText('Play');
  await tabTo('speed');
  await keyboard.press('ArrowRight');
  await expect(desk.at('rate')).toHaveText('200 events/s');
  await tabTo('map stage');
  await keyboard.press('Enter');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Shift+ArrowUp');
  await desk.hasChosen('map');
  await expectFiltered(desk, ['chart', 'table'], count);
  await keyboard.press('Escape');
  await expect(desk.at('chip-map')).toBeHidden();
  await tabTo('chart stage');
  await keyboard.press('Enter');
  await desk.hasChosen('chart');
  await expectFiltered(desk, ['map', 'table'], count);
  await tabTo('table grid');
  // All in one round, and what each widget's panel offers lies on the way.
  expect(path.filter((place) => place === 'play')).toHaveLength(1);
  expect(path).toEqual(expect.arrayContaining(widgetNames.flatMap((name) => [`${name}-reload`, `${name}-toggle`])));
  await keyboard.press('ArrowDown');
  await keyboard.press('Space');
  await expect(desk.at('chip-table')).toContainText('1 event');
  await expect.poll(() => desk.passing()).toBe(1);
});

test('the server that is started twice takes free ports the second time @alone', async () => {
  const script = fileURLToPath(new URL('../demo/serve/serve.mjs', import.meta.url));
  const servers: ChildProcess[] = [];
  const start = async (): Promise<string[]> => {
    const server = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    servers.push(server);
    let said = '';
    for await (const chunk of server.stdout) {
      said += String(chunk);
      if (said.includes('Ctrl+C')) break;
    }
    return said.match(/http:\/\/\S+/g) ?? [];
  };
  try {
    const urls = [...(await start()), ...(await start())];
    expect(urls).toHaveLength(24);
    expect(new Set(urls.map((url) => new URL(url).port)).size).toBe(24);
    for (const url of urls) {
      const response = await fetch(url.replace(/[a-z]+\.localhost/, '127.0.0.1'));
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(/quake-desk:|Across origins/);
    }
    for (const server of servers) {
      server.kill('SIGTERM');
      expect(await once(server, 'exit')).toEqual([0, null]);
    }
  } finally {
    for (const server of servers) server.kill('SIGKILL');
  }
});
