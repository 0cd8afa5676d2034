// `npm run timeline`: what happens, and when, between the insertion of a frame into a fresh page and its first answer.
import { parseArgs } from 'node:util';
import { systems as all, buildPages } from './build.mjs';
import { titleOf } from './cases.mjs';
import { startSite } from './site.mjs';
import { median } from './statistics.mjs';

const { values: options } = parseArgs({
  options: { systems: { type: 'string', default: 'raw,muntin' }, times: { type: 'string', default: '20' } },
});
const systems = options.systems.split(',');
for (const system of systems) if (!all.includes(system)) throw new Error(`There is no system "${system}"`);

/** What is told of one frame, in its order. */
const steps = ['frame is loading', 'document is there', 'script is there', 'script has run', 'first answer'];

await buildPages(systems);
const site = await startSite();
/** Milliseconds since the host began to mount: for each system, the samples of each step. @type {Map<string, number[][]>} */
const samples = new Map(systems.map((system) => [system, steps.map(() => [])]));

/** @param {string} system */
async function look(system) {
  const page = await site.openHost(system);
  const url = site.guestUrl(system);
  try {
    const [start, end] = await page.evaluate(async (guest) => {
      const begin = performance.now();
      await window.bench.hold(1, guest);
      return /** @type {const} */ ([performance.timeOrigin + begin, performance.timeOrigin + performance.now()]);
    }, url);
    const frame = page.frames().find((each) => each.url() === url);
    if (frame === undefined) throw new Error('The guest has no frame');
    // Navigation Timing and Resource Timing: relative to the beginning of the frame's navigation, which all clocks of a machine share.
    const times = await frame.evaluate(() => {
      const [navigation] = performance.getEntriesByType('navigation');
      const [script] = performance.getEntriesByType('resource');
      if (navigation === undefined || script === undefined) throw new Error('The browser tells no times');
      const { responseEnd, domContentLoadedEventStart } = navigation.toJSON();
      return [0, responseEnd, script.toJSON().responseEnd, domContentLoadedEventStart].map(
        (ms) => performance.timeOrigin + ms,
      );
    });
    for (const [index, at] of [...times, end].entries()) samples.get(system)?.[index]?.push(at - start);
  } finally {
    await page.context().close();
  }
}

try {
  for (let time = 0; time < Number(options.times); time++) for (const system of systems) await look(system);
} finally {
  await site.close();
}
console.log(`${''.padEnd(22)}${steps.map((step) => step.padStart(19)).join('')}`);
for (const [system, columns] of samples)
  console.log(
    `${titleOf(system).padEnd(22)}${columns.map((column) => `${median(column).toFixed(1)} ms`.padStart(19)).join('')}`,
  );
