import { expect, test } from './fixtures/demo.ts';

test.describe.configure({ timeout: 90_000 });

const companies = [
  ['strongest', 'The Tremor Tribune, React'],
  ['depths', 'Tiefsee, Vue'],
  ['lab', 'Richter Lab, worker and Comlink'],
  ['energy', 'anonymous, without an origin'],
] as const;

test('widgets of four companies load when they come near, read along, and are filtered; one is in React, one in Vue, one without an origin @alone', async ({
  desk,
}) => {
  await desk.page.setViewportSize({ width: 1600, height: 900 });
  await desk.open();
  const frame = (name: string) => desk.at(`${name}-slot`).locator('iframe');
  for (const [name] of companies) await expect(frame(name)).toHaveCount(0);
  await desk.page.setViewportSize({ width: 1600, height: 2800 });
  for (const [name, maker] of companies) {
    await expect(desk.at(`${name}-state`)).toHaveAttribute('data-state', 'ready');
    await expect(desk.at(`${name}-panel`)).toContainText(maker);
  }
  await desk.tellAll();
  const count = await desk.shown('map');
  const shown = async (name: string): Promise<number | undefined> => (await desk.numbers(`${name}-shown`))[0];
  for (const [name] of companies) await expect.poll(() => shown(name)).toBe(count);

  // The strongest of the week, as the record has them.
  const news = frame('strongest').contentFrame().locator('li');
  await expect(news).toHaveCount(6);
  await expect(async () => {
    const strengths = (await news.allInnerTexts()).map((text) => Number.parseFloat(text));
    expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
  }).toPass({ timeout: 15_000 });
  // The layers add up to what is shown.
  await expect(async () => {
    const layers = (await frame('depths').contentFrame().locator('.count').allInnerTexts()).map((text) =>
      Number(text.replaceAll(',', '')),
    );
    expect(layers.reduce((sum, one) => sum + one, 0)).toBe(count);
  }).toPass({ timeout: 15_000 });
  // No origin at all: the desk says so, and the page itself.
  await expect(desk.at('energy-origin')).toHaveText('null');
  await expect(frame('energy').contentFrame().locator('.note')).toHaveText('my origin is “null”');
  expect(await frame('energy').getAttribute('sandbox')).toBe('allow-scripts');
  // The desk asks the worker behind the lab, by Comlink, and gets what the lab itself has found.
  await expect(async () => {
    const own = await frame('lab').contentFrame().locator('header p').innerText();
    const b = /b = ([\d.]+ ± [\d.]+)/.exec(own)?.[1] ?? 'nothing';
    await expect(desk.at('live-law')).toContainText(`b = ${b} of `, { timeout: 1500 });
  }).toPass({ timeout: 20_000 });
  expect(await frame('lab').contentFrame().locator('.points').getAttribute('d')).toContain('h0');

  // They are filtered by what is chosen elsewhere.
  await desk.in('chart').getByRole('button', { name: '4.5' }).click();
  await expect.poll(() => shown('depths')).toBeLessThan(count);
  const passing = await desk.passing();
  for (const [name] of companies) await expect.poll(() => shown(name)).toBe(passing);
});

test('the live figures are measured, a worker audits them, and the wall is a window of its own @alone', async ({
  desk,
}) => {
  await desk.open();
  // The widgets that have come near, and the two pages of the hostile one.
  const alive = async (): Promise<number> => (await desk.page.locator('.panel[data-state=ready]').count()) + 2;
  const said = async (): Promise<number | undefined> => (await desk.numbers('live-frames'))[0];
  await expect.poll(async () => (await said()) === (await alive())).toBe(true);
  // What the widgets say that has reached them, together.
  await expect.poll(async () => (await desk.numbers('live-values'))[0]).toBeGreaterThan(100);
  await expect.poll(async () => (await desk.numbers('live-audit'))[0]).toBeGreaterThan(100);
  await expect(desk.at('live-audit')).toContainText(', 0 missing');
  // No figure before it was measured, and not the first, cold calls.
  await expect(desk.at('live-calls')).toHaveText('–');
  await desk.at('measure').click();
  await expect(desk.at('live-calls')).toHaveText('measuring …');
  await expect(desk.at('live-calls')).toHaveText(/^[\d,]+\/s$/);
  expect((await desk.numbers('live-calls'))[0]).toBeGreaterThan(100); // on a machine that does a lot beside it
  console.log(`calls to the chart: ${await desk.at('live-calls').innerText()}`);
  // A widget that is removed is not alive; others may come near in its place.
  await desk.part('table', 'toggle').click();
  await expect(desk.part('table', 'state')).not.toHaveAttribute('data-state', 'ready');
  await expect.poll(async () => (await said()) === (await alive())).toBe(true);

  const opened = desk.page.waitForEvent('popup');
  await desk.at('open-wall').click();
  const wall = await opened;
  await expect(wall.locator('h1')).toHaveText(/^M -?\d\.\d$/);
  expect(wall.url()).toBe(`${desk.urls.wall}/`);
  await expect(desk.at('live-wall')).toHaveText('Ready');
  await desk.at('theme').getByText('Dark').click();
  await expect(wall.locator('html')).toHaveAttribute('data-theme', 'dark');
  await wall.close();
  await expect(desk.at('live-wall')).toHaveText('Failed');
  // That its user has closed it is said in the console.
  expect(desk.complaints.splice(0).filter((line) => !line.includes('POPUP_CLOSED'))).toEqual([]);
});
