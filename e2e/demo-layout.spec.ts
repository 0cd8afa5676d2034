import type { Frame } from '@playwright/test';
import axe from 'axe-core';
import { expect, shifts, test, widgetNames } from './fixtures/demo.ts';

const companies = ['strongest', 'depths', 'lab', 'energy'] as const;
const widths = [400, 900, 1600];
const looks = [
  { name: 'light', theme: 'light', forcedColors: 'none' },
  { name: 'dark', theme: 'dark', forcedColors: 'none' },
  { name: 'forced colours', theme: 'light', forcedColors: 'active' },
] as const;

/** What is wrong with the layout of a document: what is wider than the page, cut off, or broken into two lines where one is meant. */
function misplaced(): string[] {
  const faults: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth - clientWidth} px too wide`);
  const hasText = (element: Element): boolean =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '');
  const isSeen = (element: Element): boolean =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.closest('.visually-hidden, .unseen, [hidden]') === null;
  for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
    if (!hasText(element) || !isSeen(element) || ['STYLE', 'SCRIPT', 'OPTION'].includes(element.tagName)) continue;
    const what = `<${element.tagName.toLowerCase()} class="${element.className}"> ${element.innerText.slice(0, 40)}`;
    const { left, right, width } = element.getBoundingClientRect();
    const { textOverflow } = getComputedStyle(element);
    // What is meant to be cut is cut with an ellipsis.
    if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && textOverflow !== 'ellipsis')
      faults.push(`${what}: ${element.scrollWidth} px of text in ${element.clientWidth}`);
    const scrolls = element.closest('pre, [class*="lines"], .grid');
    if (width > 0 && scrolls === null && (left < -1 || right > clientWidth + 1))
      faults.push(`${what}: from ${Math.round(left)} to ${Math.round(right)} px`);
    if (element.closest('.mast :not(.line), .deck button, .strip, [role="columnheader"], .chip') === null) continue;
    const range = document.createRange();
    range.selectNodeContents(element);
    const lines = new Set(
      [...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.bottom / 8)),
    );
    if (lines.size > 1 && textOverflow !== 'ellipsis') faults.push(`${what}: ${lines.size} lines`);
  }
  return faults;
}

for (const locale of ['en', 'de', 'ar'])
  test(`the desk in "${locale}": nothing jumps, and at every width and in all colours nothing is too wide, cut off or broken @alone`, async ({
    desk,
  }) => {
    test.setTimeout(120_000);
    const { page } = desk;
    await page.addInitScript((chosen) => {
      if (self === top) localStorage.setItem('quake-desk', JSON.stringify({ locale: chosen, theme: 'light' }));
    }, locale);
    await page.setViewportSize({ width: 1600, height: 900 });
    await desk.open();
    for (const frame of [page.mainFrame(), ...widgetNames.map((widget) => desk.documentOf(widget))])
      expect(await frame.evaluate(shifts), frame.url()).toBeLessThan(0.01);
    expect(await page.evaluate(() => document.documentElement.dir)).toBe(locale === 'ar' ? 'rtl' : 'ltr');
    for (const name of companies) {
      await desk.at(`${name}-panel`).scrollIntoViewIfNeeded();
      await expect(desk.at(`${name}-state`)).toHaveAttribute('data-state', 'ready');
    }
    await desk.at('play').click();
    const frames: Frame[] = page.frames();
    expect(frames.length).toBeGreaterThan(widgetNames.length + companies.length);
    const faults: string[] = [];
    for (const { name, theme, forcedColors } of looks) {
      await page.emulateMedia({ forcedColors });
      await desk.at('theme').locator(`label:has([value="${theme}"])`).click();
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        // The desk and its widgets follow each other; frames out of sight are drawn when they are asked.
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250)));
        for (const frame of frames)
          for (const fault of await frame.evaluate(misplaced))
            faults.push(`${width} px, ${name}, ${new URL(frame.url()).host}: ${fault}`);
        // For people to look at.
        await page.screenshot({ path: test.info().outputPath(`${name}-${width}.png`), fullPage: true });
      }
    }
    expect(faults).toEqual([]);
    await page.emulateMedia({ forcedColors: 'none' });
    // As text, and so past the policies of the pages.
    const check = `(async () => { ${axe.source}; return (await axe.run(document, { iframes: false })).violations.map(({ id, nodes }) => id + ': ' + nodes[0].html); })()`;
    for (const frame of frames) expect(await frame.evaluate(check), frame.url()).toEqual([]);
  });
