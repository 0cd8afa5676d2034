import { pageAt } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Result } from './fixtures/pages/behaviour-host.ts';
import { type Group, groups } from './fixtures/pages/groups.ts';
import { type Shape, type ShapeName, shapes } from './fixtures/pages/shapes.ts';

// One suite, written once in fixtures/pages/cases.ts, is played inside the host page: in every engine, over every shape. What a case
// does not need of the test runner it cannot get wrong.

// What a browser says when it stops a guest, or when the host asks for a guest that has gone to another origin: the cases make it say so.
const isExpected = (complaint: string): boolean =>
  /sandbox|permissions policy|Unsafe attempt to initiate navigation|does not match the recipient window/i.test(
    complaint,
  );

/** Plays the cases of a group, and clicks whenever one asks for that. */
async function play(driver: Driver, group: Group): Promise<readonly Result[]> {
  await driver.evaluate((one) => void Object.assign(globalThis, { playing: suite.play(one) }), group);
  for (;;) {
    const results = await driver.evaluate(() => suite.next(Reflect.get(globalThis, 'playing')));
    if (results !== undefined) return results;
    await driver.click('button');
  }
}

for (const name of Object.keys(shapes) as ShapeName[]) {
  const shape: Shape = shapes[name];
  test(`${name}: ${shape.title}`, { tag: shape.inOneProcess === true ? '@process' : '@shape' }, async ({
    driver,
    session,
    site,
    engine,
  }) => {
    test.setTimeout(120_000);
    const { annotations } = test.info();
    annotations.push({ type: 'shape', description: shape.title }, { type: 'version', description: session.version });
    const headers = Object.entries(shape.hostHeaders ?? {}).map(([header, value]) => [`h:${header}`, value]);
    await driver.goto(pageAt(site.host, 'behaviour-host', Object.fromEntries(headers)));
    const clicks = shape.clickedIn?.includes(engine) === true;
    const stage = { guest: site.guest[shape.guest], elsewhere: site.guest.b, clicks };
    expect(await driver.evaluate((...args) => openSuite(...args), name, stage)).toBe('');
    const refused = shape.refused ?? shape.refusedIn?.[engine];
    if (refused !== undefined) {
      expect(await driver.evaluate(() => suite.refusal())).toBe(refused);
      annotations.push({ type: 'refused', description: refused });
      expectQuiet(driver, site);
      return;
    }
    for (const group of groups)
      await test.step(group, async () => {
        const results = await play(driver, group);
        for (const { name: title, outcome, why } of results) {
          annotations.push({ type: outcome, description: `${group}: ${title}${why && ` (${why})`}` });
          expect.soft(outcome === 'failed' ? why : '', `${group}: ${title}`).toBe('');
        }
      });
    expect(await driver.evaluate(() => suite.end())).toBe('');
    expectQuiet({ ...driver, complaints: driver.complaints.filter((complaint) => !isExpected(complaint)) }, site);
  });
}
