// Builds the site into `dist`, and fails where something of it is not there: a link to nothing, an export or an error code without a page, an
// options table that is out of date. With `--write` the options page is put right.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vitepress';
import { root } from '../../scripts/run.mjs';
import { assemble } from './assemble.mjs';
import { findFaults } from './check.mjs';
import { writeTwins } from './twins.mjs';

const here = join(root, 'docs', 'site');
const optionsFile = join(root, 'docs', 'options.md');
const former = (() => {
  try {
    return readFileSync(optionsFile, 'utf8');
  } catch {
    return '';
  }
})();

/** @returns {Promise<readonly string[]>} what is wrong */
async function make() {
  const { options } = await assemble();
  const isOld = options !== former;
  // CI looks, and changes nothing.
  if (isOld && process.argv.includes('--check')) writeFileSync(optionsFile, former);
  await build(here);
  writeTwins();
  const faults = findFaults();
  return isOld && process.argv.includes('--check')
    ? [...faults, 'docs/options.md is out of date: npm run docs:build writes it']
    : faults;
}

const startedAt = Date.now();
const faults = await make();
for (const fault of faults) console.error(fault);
console.log(
  `${faults.length === 0 ? 'built' : `${faults.length} faults`} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
