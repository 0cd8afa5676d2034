// `npm run profile -- --case thousand`: where Chromium spends its time in one case, on both sides of the frame.
// `--against ROOT` looks at Muntin as built in another checkout.
import { parseArgs } from 'node:util';
import { against, buildPages, systems } from './build.mjs';
import { cases } from './cases.mjs';
import { startSite } from './site.mjs';

/**
 * @typedef {import('@playwright/test').CDPSession} CDPSession
 * @typedef {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number }, children?: number[] }} Node
 * @typedef {{ nodes: Node[], samples?: number[], timeDeltas?: number[] }} Profile
 */

const { values: options } = parseArgs({
  options: {
    system: { type: 'string', default: 'muntin' },
    case: { type: 'string', default: 'thousand' },
    times: { type: 'string', default: '40' },
    rows: { type: 'string', default: '28' },
    against: { type: 'string' },
  },
});
const name = /** @type {import('./cases.mjs').CaseName} */ (options.case);
const system = options.against === undefined ? options.system : against;
if (!(name in cases) || !systems.includes(options.system)) throw new Error('There is no such case or system');
/** @type {import('./cases.mjs').Case} */
const { variant } = cases[name];
const kind = { variant: variant?.name };

/** Milliseconds spent in each function itself, and not in what it calls. @param {Profile} profile */
function selfTimes({ nodes, samples = [], timeDeltas = [] }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  /** @type {Map<string, number>} */
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const { functionName = '', url = '', lineNumber = 0 } = byId.get(id) ?? {};
    const where = url === '' ? '' : ` ${url.split('/').at(-1)}:${lineNumber + 1}`;
    const key = `${functionName || '(anonymous)'}${where}`;
    times.set(key, (times.get(key) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  return [...times].filter(([key]) => !/^\((idle|program|root)\)/.test(key)).sort(([, a], [, b]) => b - a);
}

/** @param {string} side @param {Profile} profile @param {number} runs */
function print(side, profile, runs) {
  const times = selfTimes(profile);
  const total = times.reduce((sum, [, ms]) => sum + ms, 0);
  console.log(`\n${side}: ${(total / runs).toFixed(2)} ms of script in each run`);
  for (const [key, ms] of times.slice(0, Number(options.rows)))
    console.log(`  ${(ms / runs).toFixed(3).padStart(8)} ms ${((ms / total) * 100).toFixed(1).padStart(5)} %  ${key}`);
}

await buildPages([system], { minify: false, root: options.against });
const site = await startSite();
try {
  const page = await site.openHost(system, kind);
  const url = site.guestUrl(system, kind);
  await page.evaluate((guest) => window.bench.open(guest), url);
  const frame = page.frames().find((each) => each.url() === url);
  if (frame === undefined) throw new Error('The guest has no frame');
  const context = page.context();
  const sessions = { host: await context.newCDPSession(page), guest: await context.newCDPSession(frame) };
  const runs = Number(options.times);
  const go = () =>
    page.evaluate(
      async ([what, size, guest, times]) => {
        for (let time = 0; time < times; time++) await window.bench.run(what, size, guest);
      },
      /** @type {const} */ ([name, cases[name].size, url, runs]),
    );
  await go(); // code gets hot before it is looked at
  for (const session of Object.values(sessions)) {
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: 100 });
    await session.send('Profiler.start');
  }
  await go();
  for (const [side, session] of Object.entries(sessions))
    print(side, (await session.send('Profiler.stop')).profile, runs);
} finally {
  await site.close();
}
