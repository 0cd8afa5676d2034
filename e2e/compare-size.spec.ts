import { pageAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';
import type { Outcome, Resizer } from './fixtures/pages/compare-size-host.ts';
import { kinds } from './fixtures/pages/size-kinds.ts';

const steps = [320, 100, 40, 600, 20, 0];

// The same kinds of content with other libraries, for docs/benchmark-method.md: what is measured is printed, and only ours has to be right.
test('kinds of content whose right height each resizer finds, and what it takes', { tag: '@alone' }, async ({
  driver,
  site,
}) => {
  test.setTimeout(240_000);
  const lines: string[] = [];
  const wrong: Outcome[] = [];
  for (const resizer of ['muntin', 'iframe-resizer', 'open-iframe-resizer'] as const satisfies Resizer[]) {
    const all = Object.keys(kinds).map((kind) => ({
      kind,
      url: pageAt(
        site.guest.crossSite,
        'size-guest',
        resizer === 'muntin' ? { host: site.host, kind } : { with: resizer, kind },
      ),
      alone: pageAt(site.guest.crossSite, 'size-guest', { kind }),
    }));
    await driver.goto(pageAt(site.host, 'compare-size-host'));
    await driver.evaluate((name, them) => compareSize.open(name, them), resizer, all);
    const before = await driver.evaluate(() => compareSize.messages);
    const outcomes: Outcome[] = [];
    for (const heightPx of steps) outcomes.push(...(await driver.evaluate((px) => compareSize.step(px), heightPx)));
    const messages = (await driver.evaluate(() => compareSize.messages)) - before;
    const isRight = ({ rightPx, foundPx }: Outcome): boolean => Math.abs(rightPx - foundPx) <= 1;
    if (resizer === 'muntin') wrong.push(...outcomes.filter((outcome) => !isRight(outcome)));
    const overshoot = outcomes.reduce((sum, { overshootPx }) => sum + overshootPx, 0);
    lines.push(
      `${resizer}: right ${outcomes.filter(isRight).length} of ${outcomes.length}, ${(messages / outcomes.length).toFixed(1)} messages for each, ${(overshoot / outcomes.length).toFixed(0)} px too high on the way`,
    );
  }
  console.log(lines.join('\n'));
  expect(wrong).toEqual([]);
});
