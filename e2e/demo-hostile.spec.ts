import { Desk, expect, test } from './fixtures/demo.ts';

test.describe.configure({ timeout: 120_000 });

/** What the desk sees of each attack: how it ends, and whether the one handler that this widget may call has run. */
const attacks = [
  ['honest', 'stays connected', 1],
  ['input', 'stays connected', 0],
  ['procedure', 'stays connected', 0],
  ['names', 'thrown out: PROTOCOL_VIOLATION', 0],
  ['forge', 'thrown out: PROTOCOL_VIOLATION', 0],
  ['port', 'thrown out: PROTOCOL_VIOLATION', 0],
  ['bomb', 'stays connected', 0],
  ['bombs', 'thrown out: LIMIT_EXCEEDED', 0],
  ['flood', 'thrown out: LIMIT_EXCEEDED', 1024],
  ['dom', 'stays connected', 0],
  ['top', 'stays connected', 0],
  ['spin', 'stays connected', 0],
] as const;

/** What it gets where it stays, in its own words. */
const claims: Readonly<Record<string, RegExp>> = {
  honest: /it ran/,
  input: /VALUE_UNSAFE/,
  procedure: /PROCEDURE_NOT_FOUND/,
  bomb: /VALUE_TOO_LARGE/,
  dom: /SecurityError/,
  top: /SecurityError/,
};

// Without the fixture's `desk`: what the browser forbids the widget, it says in the console.
test('the hostile widget gets nowhere, the desk says what it saw, and the other widgets go on', async ({
  page,
  urls,
}) => {
  const desk = new Desk(page, urls);
  await desk.open();
  await expect(desk.at('hostile-slot').locator('iframe')).toHaveCount(0);
  await desk.at('hostile-toggle').click();
  await expect(desk.at('hostile-state')).toHaveAttribute('data-state', 'ready');
  for (const [name, verdict, ran] of attacks) {
    // By key: a click right after a scroll can miss.
    await desk.at(`attack-${name}`).press('Enter');
    const finding = desk.at(`finding-${name}`);
    await expect(finding).toHaveAttribute('data-over', '', { timeout: 30_000 });
    await expect(finding).toContainText(verdict);
    await expect(finding).toContainText(`handlers run: ${ran.toLocaleString('en')}`);
    const claim = claims[name];
    if (claim !== undefined) await expect(finding).toContainText(claim);
    // Whoever was thrown out is let in again, to try the next.
    await expect(desk.at('hostile-state')).toHaveAttribute('data-state', 'ready', { timeout: 30_000 });
  }
  await expect(desk.at('finding-spin')).toContainText('did not answer for a while');
  const facts = await desk.at('findings').locator('.finding-facts').allInnerTexts();
  console.log(`the hostile widget, newest first:\n  ${facts.join('\n  ')}`);

  // The desk is where it was, and has its other widgets.
  expect(page.url()).toBe(`${urls.shell}/`);
  expect(await page.evaluate(() => 'isAdmin' in {})).toBe(false);
  for (const widget of ['map', 'chart', 'table'] as const) {
    await desk.isReady(widget);
    await expect(desk.part(widget, 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
  }
  // What the console says is the browser's refusal, and nothing else.
  for (const complaint of desk.complaints) expect(complaint).toMatch(/hostile\.localhost|navigat/i);

  await desk.at('hostile-toggle').click();
  await expect(desk.at('hostile-slot').locator('iframe')).toHaveCount(0);
  await expect(desk.at('findings')).toBeHidden();
});

test('the hostile widget is let in, ordered and thrown out by keyboard, in the language of the desk', async ({
  desk,
}) => {
  await desk.open();
  await desk.at('language').selectOption('de');
  const toggle = desk.at('hostile-toggle');
  await expect(toggle).toHaveText('Hereinlassen');
  await toggle.focus();
  await desk.page.keyboard.press('Enter');
  await expect(desk.at('hostile-state')).toHaveText('Bereit');
  await desk.page.keyboard.press('Tab');
  await expect(desk.at('attack-honest')).toBeFocused();
  await desk.page.keyboard.press('Enter');
  await expect(desk.at('finding-honest')).toContainText('bleibt verbunden');
  await expect(desk.at('attack-honest')).toBeFocused();
  await toggle.focus();
  await desk.page.keyboard.press('Enter');
  await expect(toggle).toHaveAttribute('aria-expanded', 'false');
  await expect(toggle).toBeFocused();
});
