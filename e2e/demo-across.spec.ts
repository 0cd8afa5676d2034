import { expect, test } from './fixtures/demo.ts';

test('Across origins: the check of the tutorial is fooled, the pinned one is not', async ({ desk }) => {
  const { page } = desk;
  await page.goto(desk.urls.across);
  const value = (pane: string): ReturnType<typeof page.getByTestId> => desk.at(`${pane}-message-value`);
  // A frame that has not loaded yet hears nothing.
  await expect(async () => {
    await desk.at('shop-sends').click();
    for (const pane of ['naive', 'safe']) await expect(value(pane)).toHaveText('20.00 €', { timeout: 500 });
  }).toPass();
  await expect(async () => {
    await desk.at('stranger-sends').click();
    await expect(value('naive')).toHaveText('0.01 €', { timeout: 500 });
  }).toPass();
  await expect(desk.at('safe-message-note')).toContainText('was not for this listener');
  await expect(value('safe')).toHaveText('20.00 €');
});

test('Across origins: the script reads the cookie in a page, and nothing in the jail', async ({ desk }) => {
  await desk.page.goto(desk.urls.across);
  await desk.at('ask-naively').click();
  await expect(desk.at('naive-jsonp-note')).toContainText('session=your-session');
  await desk.at('ask-safely').click();
  await expect(desk.at('safe-jsonp-value')).toHaveText('Dune');
  await expect(desk.at('safe-jsonp-note')).toContainText('nothing: there is no page');
  await expect(desk.page.locator('iframe[title=JSONP]')).toHaveCount(0);
});

test('the desk leads to the page, which is as wide as a phone and as a screen', async ({ desk }) => {
  const { page } = desk;
  await desk.open([]);
  await expect(desk.at('across')).toHaveAttribute('href', `${desk.urls.across}/`);
  await page.goto(desk.urls.across);
  await expect(page.locator('h1')).toHaveText('Across origins');
  for (const width of [320, 400, 1600]) {
    await page.setViewportSize({ width, height: 900 });
    const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth }));
    expect(scrollWidth).toBeLessThanOrEqual(width);
  }
});

test('Across origins: two addresses are compared as they are written', async ({ desk }) => {
  await desk.page.goto(desk.urls.across);
  const documentRow = desk.at('origin-powers').locator('div').first();
  await expect(documentRow).toHaveClass('no');
  await desk.at('origin-a').fill('https://app.example/a');
  await desk.at('origin-b').fill('https://app.example/b');
  await expect(documentRow).toHaveClass('yes');
  await desk.at('origin-b').fill('no address');
  await expect(desk.at('origin-verdict')).toContainText('give an address');
});
