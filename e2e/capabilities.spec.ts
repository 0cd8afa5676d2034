import { deadOrigin } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';
import { type Capability, type CapabilityName, capabilities } from './fixtures/pages/capabilities.ts';

test('what this engine lacks, and what happens instead @process', async ({ driver, engine, site }) => {
  test.setTimeout(90_000);
  await driver.goto(`${site.host}/behaviour-host`);
  const stage = { guest: site.guest.crossSite, elsewhere: site.guest.b };
  await driver.evaluate((place) => openSuite('cross-site', place), stage);
  const dead = await deadOrigin();
  for (const name of Object.keys(capabilities) as CapabilityName[])
    await test.step(name, async () => {
      const { title, lackedBy, seen, instead }: Capability = capabilities[name];
      const found = await driver.evaluate((...args) => suite.judge(...args), name, dead);
      const isLacked = lackedBy.includes(engine);
      test.info().annotations.push({ type: isLacked ? 'lacks' : 'has', description: `${title}\n${instead}` });
      if (found.has !== undefined) expect.soft(found.has, title).toBe(!isLacked);
      expect.soft(found.seen, title).toBe(seen[isLacked ? 1 : 0]);
    });
});
