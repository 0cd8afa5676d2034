import { type Desk, expect, test, type WidgetName } from './fixtures/demo.ts';

test.describe.configure({ timeout: 90_000 });

/** The panels, column by column, as they stand in the page. */
const order = (desk: Desk): Promise<string[][]> =>
  desk.page.evaluate(() =>
    [...document.querySelectorAll('.column')].map((column) =>
      [...column.querySelectorAll<HTMLElement>('.panel')].map(({ dataset }) => dataset['testid']?.split('-')[0] ?? ''),
    ),
  );

async function columnOf(desk: Desk, widget: WidgetName): Promise<number> {
  return (await order(desk)).findIndex((column) => column.includes(widget));
}

test('widgets are moved by arrow keys, by a click and by dragging, and their documents live on @alone', async ({
  desk,
}) => {
  await desk.open();
  await desk.mark();
  const all = ['map', 'chart', 'table'];
  const { keyboard, mouse } = desk.page;
  const before = await order(desk);
  expect(before[0]?.slice(0, 2)).toEqual(['map', 'chart']);

  await desk.part('chart', 'move').focus();
  await keyboard.press('ArrowUp');
  await expect(desk.at('moved')).toHaveText('Chart: column 1, place 1');
  await keyboard.press('ArrowRight');
  await expect(desk.at('moved')).toHaveText('Chart: column 2, place 1');
  await expect(desk.at('moved')).toHaveAttribute('data-how', 'moved');
  await expect(desk.part('chart', 'move')).toBeFocused();
  // At the edge there is nowhere to go.
  await keyboard.press('ArrowRight');
  expect(await columnOf(desk, 'chart')).toBe(1);
  await desk.part('chart', 'move').click();
  await expect(desk.at('moved')).toHaveText('Chart: column 1, place 1');

  // Over frames, which would take the pointer for themselves; with Escape it stays where it was.
  const drag = async (): Promise<void> => {
    const [from, to] = [await desk.part('map', 'move').boundingBox(), await desk.part('table', 'panel').boundingBox()];
    if (from === null || to === null) throw new Error('there is nothing to drag');
    await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await mouse.down();
    await mouse.move(to.x + to.width / 2, to.y + 40, { steps: 4 });
    await expect(desk.page.locator('.drop-mark')).toHaveCount(1);
  };
  await drag();
  await keyboard.press('Escape');
  await mouse.up();
  await expect(desk.page.locator('.drop-mark')).toHaveCount(0);
  expect(await columnOf(desk, 'map')).toBe(0);
  await drag();
  await mouse.up();
  await expect(desk.at('moved')).toHaveText('Map: column 2, place 1');
  // What is moved is there, and works: nothing was loaded again.
  expect((await desk.marks()).sort()).toEqual([...all].sort());
  for (const widget of ['map', 'chart', 'table'] as const) {
    await desk.isReady(widget);
    await expect(desk.part(widget, 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
  }
  await desk.brush('map', [0.1, 0.2], [0.4, 0.6]);
  await expect(desk.at('chip-map')).toBeVisible();
  // Removed, it can be moved as well, and comes back there.
  await desk.part('map', 'toggle').click();
  await desk.part('map', 'move').press('ArrowLeft');
  await desk.part('map', 'toggle').click();
  await desk.isReady('map');
  expect(await columnOf(desk, 'map')).toBe(0);
});

test('a server is killed from the desk, and by nobody else; its widget says so and comes back by itself @alone', async ({
  desk,
}) => {
  await desk.open();
  const { request } = desk.page;
  const { shell, chart, hostile } = desk.urls;
  const outage = `${shell}/outages/chart`;
  for (const origin of [chart, hostile, 'null', `${shell}.evil.localhost`, `${shell}1`, shell.replace('http', 'https')])
    expect((await request.post(outage, { headers: { origin } })).status(), origin).toBe(403);
  expect((await request.post(outage)).status()).toBe(403);
  expect((await request.get(outage)).status()).toBe(405);
  expect((await request.post(`${shell}/outages/shell`, { headers: { origin: shell } })).status()).toBe(405);
  // What a widget itself can send has its own origin in it, whatever it does.
  const sent = desk.page.waitForResponse(outage);
  await desk
    .at('naive-slot')
    .locator('iframe')
    .contentFrame()
    .locator('body')
    .evaluate((_body, url) => fetch(url, { method: 'POST', mode: 'no-cors' }), outage);
  expect((await sent).status()).toBe(403);
  expect((await request.get(chart.replace('chart.localhost', '127.0.0.1'))).status()).toBe(200);

  await desk.mark();
  const states = await desk.recordStates('chart');
  await desk.part('chart', 'outage').click();
  // Noticed by itself, before any attempt to load the widget has failed.
  await expect(desk.part('chart', 'state')).toHaveText('Server away', { timeout: 3_000 });
  await expect(desk.part('chart', 'message')).toContainText('The server of the chart is away', { timeout: 3_000 });
  await expect(desk.part('chart', 'message')).toContainText('Nothing answers for the guest', { timeout: 30_000 });
  expect(await states()).toContain('reconnecting');
  // The rest goes on.
  await expect(desk.part('table', 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
  await expect(desk.part('chart', 'state')).toHaveAttribute('data-state', 'ready', { timeout: 45_000 });
  await expect(desk.part('chart', 'message')).toBeEmpty();
  await expect(desk.part('chart', 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
  expect((await states())[0]).toBe('loading');
  expect(await desk.marks()).toEqual(['map', 'table']);
  // It is said in the console, too, by the browser and by Muntin.
  const said = desk.complaints.splice(0);
  expect(said.filter((line) => line.includes('has failed with GUEST_UNREACHABLE'))).not.toEqual([]);
  expect(
    said.filter(
      (line) =>
        !/has failed with GUEST_UNREACHABLE|Failed to load resource|ERR_CONNECTION|Access to fetch at/.test(line),
    ),
  ).toEqual([]);
});

test('a server that goes without a word is noticed, and its return, too; the document that is there lives on @alone', async ({
  desk,
}) => {
  await desk.open();
  await desk.mark();
  const { request } = desk.page;
  const { shell, map } = desk.urls;
  const pulse = desk.page.waitForRequest(`${map}/pulse`, { timeout: 20_000 });
  // The page itself is not told: it neither asked for this nor loads the widget again.
  expect((await request.post(`${shell}/outages/map`, { headers: { origin: shell } })).status()).toBe(204);
  await expect(desk.part('map', 'state')).toHaveText('Server away', { timeout: 3_000 });
  await expect(desk.part('map', 'state')).toHaveAttribute('data-state', 'ready');
  await expect(desk.part('map', 'message')).toBeEmpty(); // nothing covers what still works
  await expect(desk.part('map', 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
  await expect(desk.part('table', 'state')).toHaveText('Ready');
  await pulse;
  await expect(desk.part('map', 'state')).toHaveText('Ready');
  expect(await desk.marks()).toEqual(['map', 'chart', 'table']);
  // Of the desk alone: a widget that asks whether a server is there is not answered.
  const asked = desk.documentOf('table').evaluate((url) => fetch(url).then(({ status }) => status), `${map}/pulse`);
  await expect(asked).rejects.toThrow();
  const said = desk.complaints.splice(0);
  expect(said.filter((line) => !/Failed to load resource|ERR_|Content Security Policy|violates/.test(line))).toEqual(
    [],
  );
});

test('what the desk and a widget say to each other can be read along @alone', async ({ desk }) => {
  await desk.open();
  const lines = desk.at('trace-lines').locator('li');
  await expect(desk.at('trace')).toBeHidden();
  await desk.at('play').click();
  const trace = desk.part('map', 'trace');
  await trace.press('Enter');
  await expect(trace).toHaveAttribute('aria-pressed', 'true');
  await expect(desk.at('trace')).toBeVisible();
  await desk.in('map').locator('#region').selectOption({ index: 1 });
  // The call with its value, and the answer; of the others nothing.
  await expect(lines.filter({ hasText: /← call select #\d+, \d+ B: \{"?west/ })).not.toHaveCount(0);
  await expect(lines.filter({ hasText: /→ result/ })).not.toHaveCount(0);
  await expect(lines.filter({ hasNotText: /^map \+/ })).toHaveCount(0);
  // Reloaded, it is read along further.
  await desk.part('map', 'reload').click();
  await expect(lines.filter({ hasText: 'is ready' })).not.toHaveCount(0);
  await desk.at('trace-close').click();
  await expect(desk.at('trace')).toBeHidden();
  await expect(trace).toHaveAttribute('aria-pressed', 'false');
  const last = (): Promise<string> => lines.last().evaluate((line) => line.textContent ?? '');
  const before = await last();
  await desk.in('map').locator('#region').selectOption({ index: 2 });
  await expect(desk.at('chip-map')).toBeVisible();
  await desk.at('trace-close').page().waitForTimeout(500); // a line would have come by now
  expect(await last()).toBe(before);
});
