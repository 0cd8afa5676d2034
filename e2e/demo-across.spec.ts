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

test('Across origins: each claim is tried by a real frame, and the browser does what is claimed', async ({ desk }) => {
  await desk.page.goto(desk.urls.across);
  const rows = desk.at('origin-powers').locator('div');
  const seen = async (): Promise<readonly string[]> => {
    await desk.at('origins-try').click();
    await expect(rows.locator('.tried')).toHaveCount(7);
    return Promise.all((await rows.all()).map((row) => row.innerText()));
  };
  // Without a word of the other side, what needs one cannot be done, and what may be refused can.
  const claims = /\n(no|if it allows) [^]*Tried: it cannot\.$|\n(yes|unless it refuses) [^]*Tried: it can\.$/;
  const texts = await seen();
  for (const text of texts) expect(text).toMatch(claims);
  expect(texts.filter((text) => text.endsWith('cannot.'))).toHaveLength(4);
  await desk.at('origin-b').fill(`${desk.urls.across}/any/page`);
  await expect(rows.first()).toHaveClass('yes');
  for (const text of await seen()) expect(text).toMatch(/Tried: it can\.$/);
  await desk.at('origin-b').fill('https://elsewhere.example');
  await desk.at('origins-try').click();
  await expect(desk.at('origin-tried')).toContainText('Nothing of it is tried');
  // What the browser refuses the frame, it writes down.
  expect(desk.complaints.filter((line) => !line.includes('/witness.html'))).toEqual([]);
  desk.complaints.length = 0;
});

test('Across origins: a CORS call fails, the doctor names the header, and each that is added brings it closer', async ({
  desk,
}) => {
  const { page } = desk;
  await page.goto(desk.urls.across);
  await expect(desk.at('cors-mend')).toBeDisabled();
  await desk.at('cors-ask').click();
  await expect(desk.at('cors-call-value')).toHaveText('no answer');
  await desk.at('cors-diagnose').click();
  // By keyboard alone from here on.
  for (const cause of ['origin missing', 'method not allowed', 'header not allowed']) {
    await expect(desk.at('cors-doctor-value')).toHaveText(cause);
    await expect(desk.at('cors-call-value')).toHaveText('no answer');
    await desk.at('cors-mend').focus();
    await page.keyboard.press('Enter');
  }
  await expect(desk.at('cors-doctor-value')).toHaveText('OK');
  await expect(desk.at('cors-call-value')).toHaveText('20.00 €');
  await expect(desk.at('cors-headers').locator('li')).toHaveCount(3);
  await expect(desk.at('cors-mend')).toBeDisabled();
  // The browser writes down what it refuses, and the page does not read: that is all there may be.
  expect(desk.complaints.filter((line) => !line.includes('/prices?has='))).toEqual([]);
  expect(desk.complaints.length).toBeGreaterThan(0);
  desk.complaints.length = 0;
});
