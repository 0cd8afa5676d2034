// `npm run bench`: measures every system in one interleaved run, then writes results.json, results.md and plots/.
// `--systems a,b` and `--cases a,b` measure a part; `--against ROOT` adds Muntin as built in another checkout. A part is shown, not kept.
// `--again --cases a,b` measures cases of the last whole run once more, where something else disturbed them, and keeps them in their place.
// `--short` only checks that everything works, with tiny counts: it writes nothing, and no time makes it fail.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { against, systems as all, buildPages } from './build.mjs';
import { cases, growths } from './cases.mjs';
import { describeRun } from './machine.mjs';
import { Measuring } from './measuring.mjs';
import { printOthers, printTable, writeReport } from './report.mjs';
import { startSite } from './site.mjs';
import { measureSizes } from './sizes.mjs';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    against: { type: 'string' },
    systems: { type: 'string', default: all.join(',') },
    cases: {
      type: 'string',
      default: [...Object.keys(cases), ...Object.keys(growths), 'memory', 'hoard', 'sizes'].join(','),
    },
  },
});
const systems = [...options.systems.split(','), ...(options.against === undefined ? [] : [against])];
const wanted = new Set(options.cases.split(','));
const isWhole = !['--short', '--systems', '--cases', '--against'].some((option) => process.argv.includes(option));
if (options.again && ['--short', '--systems', '--against'].some((option) => process.argv.includes(option)))
  throw new Error('--again measures every system: leave out --short, --systems and --against');
const rounds = options.short ? 1 : Number(options.rounds);

const built = await build({ quiet: true });
if (!built.ok) throw new Error(`The packages could not be built: they ${built.why}\n${built.output}`);
await buildPages(systems, { root: options.against });

const site = await startSite();
try {
  const measuring = new Measuring(site, systems, { rounds, isShort: options.short });
  await measuring.open();
  for (const name of /** @type {import('./cases.mjs').CaseName[]} */ (Object.keys(cases)))
    if (wanted.has(name)) await measuring.measure(name);
  for (const name of /** @type {import('./cases.mjs').GrowthName[]} */ (Object.keys(growths)))
    if (wanted.has(name)) await measuring.grow(name);
  if (wanted.has('memory')) await measuring.weigh();
  if (wanted.has('hoard')) await measuring.weighHoards();
  const sizes = wanted.has('sizes') ? await measureSizes(systems) : {};
  const results = { ...describeRun(site.browser.version(), rounds), ...measuring.results, sizes };
  printTable(results);
  printOthers(results);
  if (measuring.failures.length > 0) {
    console.error(`\n${measuring.failures.join('\n')}`);
    process.exitCode = 1;
  }
  const file = join(import.meta.dirname, 'results.json');
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (isWhole || options.again) {
    const kept = options.again ? withAgain(before, results, [...wanted]) : results;
    writeFileSync(file, `${JSON.stringify(kept, undefined, 1)}\n`);
    writeReport(kept, isWhole ? before : undefined);
  }
} finally {
  await site.close();
}

/**
 * The last whole run with what was measured again in its place.
 * @param {import('./report.mjs').Report} whole
 * @param {import('./report.mjs').Report} part
 * @param {string[]} names
 * @returns {import('./report.mjs').Report}
 */
function withAgain(whole, part, names) {
  const { date, rounds: count } = part;
  return {
    ...whole,
    again: [...(whole.again ?? []), { date, rounds: count, cases: names }],
    cases: { ...whole.cases, ...part.cases },
    growth: { ...whole.growth, ...part.growth },
    memory: names.includes('memory') ? part.memory : whole.memory,
    hoard: names.includes('hoard') ? part.hoard : whole.hoard,
    sizes: names.includes('sizes') ? part.sizes : whole.sizes,
  };
}
