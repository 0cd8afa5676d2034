import { writeFile } from 'node:fs/promises';
import { startDemo } from '../demo/serve/serve.mjs';
import { expect, test } from './fixtures/engine.ts';

const widgets = ['map', 'chart', 'table'] as const;

test('the demo works: every widget connects, is told of the earthquakes, and shows them', async ({ driver }) => {
  test.setTimeout(90_000);
  const { urls, close } = await startDemo({ ports: { shell: 0, map: 0, chart: 0, table: 0, across: 0 } });
  try {
    await driver.goto(urls.shell);
    const look = (): Promise<{ state: string; shown: number }[]> =>
      driver.evaluate(
        (names) =>
          names.map((name) => {
            const at = (part: string): HTMLElement | null =>
              document.querySelector<HTMLElement>(`[data-testid="${name}-${part}"]`);
            const shown = /\d[\d,]*/.exec(at('shown')?.innerText ?? '')?.[0] ?? '0';
            return { state: at('state')?.dataset['state'] ?? '', shown: Number(shown.replaceAll(',', '')) };
          }),
        widgets,
      );
    await expect
      .poll(look, { timeout: 60_000 })
      .toEqual(widgets.map(() => ({ state: 'ready', shown: expect.any(Number) })));
    await expect
      .poll(async () => Math.min(...(await look()).map(({ shown }) => shown)), { timeout: 60_000 })
      .toBeGreaterThan(20);
    expect(driver.complaints).toEqual([]);
    // For people to look at: test-results/demo-everywhere-*/demo.png.
    await writeFile(test.info().outputPath('demo.png'), await driver.screenshot());
  } finally {
    await close();
  }
});
