import { readFile } from 'node:fs/promises';
import { Desk, expect, test } from './fixtures/demo.ts';

test.describe.configure({ timeout: 180_000 });

/** What each attack has to get in the naive page, and what the desk has to say about it: what the page shows is found, and is not in its code. */
const attacks = [
  ['honest', 'note left', 'it ran'],
  ['pay', 'money gone', 'PROCEDURE_NOT_FOUND'],
  ['names', 'key stolen', 'Thrown out: PROTOCOL_VIOLATION'],
  ['input', 'poisoned', 'VALUE_UNSAFE'],
  ['twin', 'key stolen', 'heard nothing'],
  ['forge', 'money gone', 'Thrown out: PROTOCOL_VIOLATION'],
  ['port', 'key stolen', 'Thrown out: PROTOCOL_VIOLATION'],
  ['bomb', 'frozen', 'VALUE_TOO_LARGE'],
  ['flood', 'flooded', 'Thrown out: LIMIT_EXCEEDED'],
  ['silent', 'left waiting', 'I do not answer any more'],
  ['spin', 'left waiting', 'It did not answer for a while, and the page said so.'],
  ['top', 'page gone', 'SecurityError'],
  ['dom', 'held', 'SecurityError'], // the browser alone is enough here
] as const;

// Without the fixture's `desk`: what the browser forbids the widget, and whom the desk throws out, is in the console.
test('every attack is carried out in both pages: the naive one is broken, the desk is not, and its widgets go on @alone', async ({
  page,
  urls,
}) => {
  const desk = new Desk(page, urls);
  await desk.open();
  for (const side of ['naive', 'muntin']) await expect(desk.at(`${side}-state`)).toHaveText('Ready');
  await expect(desk.at('naive-origin')).toHaveText(new URL(urls.naive).origin);
  const key = await desk.at('arena').locator('[data-stake=key]').innerText();
  for (const [name, naive, muntin] of attacks) {
    // By key: a click right after a scroll can miss.
    await desk.at(`attack-${name}`).press('Enter');
    await expect(desk.at(`attack-${name}`)).toHaveAttribute('aria-disabled', 'false', { timeout: 60_000 });
    await expect(desk.at(`naive-${name}`)).toContainText(naive);
    await expect(desk.at(`muntin-${name}`)).toContainText(name === 'honest' ? 'note left' : 'held');
    await expect(desk.at('muntin-verdict')).toContainText('No harm was found.');
    await expect(desk.at('muntin-verdict')).toContainText(muntin);
    if (name === 'honest') await expect(desk.at('arena').locator('[data-stake=notes]')).toHaveText('I am harmless');
    if (name === 'twin') await expect(desk.at('naive-verdict')).toContainText('{"welcome":"');
    // At most as many as may run at once; none where the desk was busy, and the flood exceeded what may wait.
    if (name === 'flood') {
      const [, ran = ''] = /Handlers run: ([\d,]+)/.exec(await desk.at('muntin-verdict').innerText()) ?? [];
      expect(Number(ran.replace(',', '') || Number.NaN)).toBeLessThanOrEqual(1_024);
    }
    // The naive page itself shows it: it is another one now.
    if (name === 'top') {
      const naivePage = desk.at('naive-slot').locator('iframe').contentFrame();
      await expect(naivePage.getByRole('heading')).toHaveText('This page is mine now');
    }
    console.log(`${name}: ${(await desk.at('muntin-verdict').innerText()).replaceAll(/\s+/g, ' ')}`);
  }
  await expect(desk.at('naive-score')).toHaveText('broken 11 of 12');
  await expect(desk.at('muntin-score')).toHaveText('broken 0 of 12');

  // The desk is where it was, and has what was at stake, and its other widgets.
  expect(page.url()).toBe(`${urls.shell}/`);
  expect(await page.evaluate(() => 'isAdmin' in {})).toBe(false);
  await expect(desk.at('arena').locator('[data-stake=balance]')).toHaveText('€1,000');
  // Each attack is after another key: none is of any use later.
  expect(await desk.at('arena').locator('[data-stake=key]').innerText()).not.toBe(key);
  for (const widget of ['map', 'chart', 'table'] as const) {
    await desk.isReady(widget);
    await expect(desk.part(widget, 'events')).toHaveText(/^[1-9][\d,]*\/s$/);
  }
  // What the console says is the browser's refusal, and whom the desk has thrown out; nothing else.
  for (const complaint of desk.complaints) expect(complaint).toMatch(/hostile\.localhost|navigat/i);
  expect(desk.complaints.filter((complaint) => complaint.includes('has failed with'))).toHaveLength(4);
});

test('attacks are chosen, and all are tried, by keyboard, in the language of the desk; the list is that of the suite @alone', async ({
  page,
  urls,
}) => {
  const desk = new Desk(page, urls); // without the fixture's, as above: how many attacks have begun before they are stopped is up to the machine
  await desk.open();
  await desk.at('language').selectOption('de');
  await expect(desk.at('muntin-state')).toHaveText('Bereit');
  const all = desk.at('attack-all');
  await expect(all).toHaveText('Alle versuchen');
  await all.focus();
  await desk.page.keyboard.press('Tab');
  await expect(desk.at('attack-honest')).toBeFocused();
  await desk.page.keyboard.press('Enter');
  await expect(desk.at('muntin-honest')).toContainText('Notiz da');
  await expect(desk.at('attack-honest')).toBeFocused();
  await desk.page.keyboard.press('Shift+Tab');
  await desk.page.keyboard.press('Enter');
  await expect(all).toHaveText('Aufhören');
  await desk.page.keyboard.press('Enter');
  await expect(all).toHaveText('Alle versuchen');
  // What has begun comes to its end; nothing begins after that.
  await expect(desk.at('attack-dom')).toHaveAttribute('aria-disabled', 'false', { timeout: 60_000 });
  const ends = (): Promise<string[]> => desk.at('arena').locator('[data-testid^="naive-"]').allInnerTexts();
  const before = await ends();
  expect(before).toContain('–');
  await desk.at('attack-pay').press('Enter');
  await expect(desk.at('naive-pay')).toContainText('Geld weg', { timeout: 60_000 });
  await expect(desk.at('muntin-pay')).toContainText('gehalten');
  expect((await ends()).filter((end) => end === '–').length).toBeGreaterThanOrEqual(
    before.filter((end) => end === '–').length - 1,
  );

  const list = desk.at('catalogue-list').locator('li');
  await expect(list.first()).toBeHidden();
  await desk.at('catalogue').press('Enter');
  await expect(list.first()).toBeVisible();
  const shown = await list.allInnerTexts();
  await expect(desk.at('catalogue')).toContainText(String(shown.length));
  // As they stand in the files; those that a file makes in a loop have no line of their own there.
  let written = 0;
  for (const file of ['attacks', 'attacks-port', 'attacks-lanes']) {
    const source = await readFile(new URL(`${file}.spec.ts`, import.meta.url), 'utf8');
    for (const [, , does = ''] of source.matchAll(/^ {4}does: (['"])(.+)\1,$/gm)) {
      expect(does).not.toBe('');
      expect(shown.filter((line) => line.endsWith(does))).not.toEqual([]);
      written++;
    }
  }
  expect(written).toBeGreaterThan(70);
  expect(shown.length).toBeGreaterThan(written);
});
