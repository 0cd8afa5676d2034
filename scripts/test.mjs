// Everything that must hold, in one run. The last line is the verdict: `N passed, N failed[, N skipped]`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBrowsers } from './browsers.mjs';
import { build } from './build.mjs';
import { root, run } from './run.mjs';
import { setup } from './setup.mjs';
import { support } from './support.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
 * @typedef {{ ok: boolean, why: string, output?: string }} End how a command ended
 */

/** @type {Count} */
const nothing = { passed: 0, failed: 0, skipped: 0 };
/** @type {Count} */
const onePassed = { passed: 1, failed: 0, skipped: 0 };
/** @type {Count} */
const oneFailed = { passed: 0, failed: 1, skipped: 0 };
const reports = join(root, '.check');
const total = { ...nothing };
/** @type {string[]} */
const failures = [];

/** @param {unknown} error @returns {string} */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {string} name @param {Count} count @param {number} startedAt @param {string} [why] */
function note(name, count, startedAt, why) {
  for (const key of /** @type {(keyof Count)[]} */ (Object.keys(total))) total[key] += count[key];
  if (count.failed > 0) failures.push(why === undefined ? name : `${name}: ${why}`);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${count.failed > 0 ? 'FAILED' : 'ok'} ${name} (${seconds} s)${why === undefined ? '' : `: ${why}`}`);
}

/**
 * A check that passes or fails as a whole. What it prints is shown only when it fails.
 * @param {string} name
 * @param {() => Promise<End>} start
 * @param {Count} [whenOk]
 * @returns {Promise<boolean>}
 */
async function check(name, start, whenOk = onePassed) {
  const startedAt = Date.now();
  const { ok, why, output } = await start().catch((error) => ({ ok: false, why: messageOf(error), output: '' }));
  if (!ok && output !== undefined && output !== '')
    console.log((process.stdout.isTTY ? output : stripVTControlCharacters(output)).trim());
  note(name, ok ? whenOk : oneFailed, startedAt, ok ? undefined : why);
  return ok;
}

/**
 * A test runner that writes a report. A runner that wrote none, or failed without naming a test, is one failure.
 * @template Report
 * @param {string} name
 * @param {(path: string) => Promise<End>} start
 * @param {(report: Report) => Count} read
 * @param {{ mayBeEmpty?: boolean }} [options]
 */
async function suite(name, start, read, { mayBeEmpty = false } = {}) {
  const startedAt = Date.now();
  const path = join(reports, `${name}.json`);
  console.log(`running ${name}`);
  const { ok, why } = await start(path);
  if (!existsSync(path)) return note(name, oneFailed, startedAt, `the runner ${why} and left no report`);
  /** @type {Count} */
  let count;
  try {
    count = read(JSON.parse(readFileSync(path, 'utf8')));
    if (!Object.values(count).every(Number.isInteger)) throw new Error('a number is missing');
  } catch (error) {
    return note(name, oneFailed, startedAt, `its report cannot be read: ${messageOf(error)}`);
  }
  const counted = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
  if (count.failed === 0 && !ok)
    return note(name, { ...count, failed: 1 }, startedAt, `${counted}, but the runner ${why}`);
  if (!mayBeEmpty && count.passed + count.failed === 0)
    return note(name, { ...count, failed: 1 }, startedAt, 'no test ran');
  return note(name, count, startedAt, counted);
}

/**
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} VitestTotals
 * @typedef {{ status: string, name: string, assertionResults: { status: string, fullName: string }[] }} VitestFile
 * @param {VitestTotals & { testResults: VitestFile[] }} report
 * @returns {Count}
 */
function countVitest(report) {
  for (const { name, assertionResults } of report.testResults)
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') failures.push(`${relative(root, name)}: ${fullName}`);
  // A file that fails before it declares a test has no failed test to count.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @typedef {{ title: string, specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 * @typedef {{ title: string, file: string, tests: { status: string, projectName: string }[] }} PlaywrightSpec
 * @typedef {{ expected: number, unexpected: number, flaky: number, skipped: number }} PlaywrightTotals
 * @param {{ stats: PlaywrightTotals, errors: unknown[], suites: PlaywrightSuite[] }} report
 * @returns {Count}
 */
function countPlaywright({ stats, errors, suites }) {
  for (const name of storiesIn(suites, 'flaky')) console.log(`flaky (failed, passed when it was repeated): ${name}`);
  for (const name of storiesIn(suites, 'unexpected')) failures.push(name);
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, skipped: stats.skipped };
}

/** @param {readonly PlaywrightSuite[]} suites @param {string} wanted @returns {string[]} */
function storiesIn(suites, wanted) {
  return suites.flatMap(({ specs = [], suites: inner = [] }) => [
    ...specs.flatMap(({ title, file, tests }) =>
      tests.flatMap(({ status, projectName }) => (status === wanted ? `[${projectName}] ${file}: ${title}` : [])),
    ),
    ...storiesIn(inner, wanted),
  ]);
}

const minute = 60_000;
/** @param {string} script */
const npmScript = (script) => () => run('npm', ['run', '--silent', script], { quiet: true, timeoutMs: 10 * minute });
/** @param {string} project @param {NodeJS.ProcessEnv} [env] @param {string[]} [more] */
const vitest =
  (project, env = {}, more = []) =>
  (/** @type {string} */ report) =>
    run(
      'vitest',
      ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...more],
      {
        env,
        timeoutMs: 20 * minute,
      },
    );
/** @param {NodeJS.ProcessEnv} env @param {string[]} which */
const playwright =
  (env, ...which) =>
  (/** @type {string} */ report) =>
    run('playwright', ['test', ...which, '--reporter=list,json,./fixtures/support-reporter.ts'], {
      cwd: join(root, 'e2e'),
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
      timeoutMs: 55 * minute,
    });

async function all() {
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const works = { ok: true, why: '' };
  // What a check needs is no check: it counts only when it cannot be had.
  if (!(await check('setup', () => setup().then(() => works), nothing))) return;
  /** @type {NodeJS.ProcessEnv | undefined} */
  let browsers;
  const find = async () => {
    browsers = await ensureBrowsers();
    return works;
  };
  await check('browsers', find, nothing);
  if (!(await check('build', () => build({ quiet: true })))) return;
  for (const script of ['lint', 'format:check', 'types', 'knip', 'packages', 'api:check', 'size'])
    await check(script, npmScript(script));
  // Dead links, exports and error codes without a page, options out of date.
  await check('docs', npmScript('docs:check'));
  await suite('unit', vitest('unit', { UNIT: 'rest' }), countVitest);
  // The other unit tests, with the lines that they must reach: see vitest.config.ts.
  await suite('unit-connections', vitest('unit', { UNIT: 'connections' }, ['--coverage']), countVitest);
  await suite('rxjs-lowest', vitest('rxjs-lowest'), countVitest);
  await suite('react-18', vitest('react-18'), countVitest);
  await suite('consumers', vitest('consumers'), countVitest);
  if (browsers === undefined) {
    for (const name of ['browser', 'e2e', 'e2e-alone']) note(name, oneFailed, Date.now(), 'not run without a browser');
    return;
  }
  await suite('browser', vitest('browser', browsers, ['--passWithNoTests']), countVitest, { mayBeEmpty: true });
  await suite('e2e', playwright(browsers, '--grep-invert', '@alone'), countPlaywright);
  // What measures time, or keeps both cores busy by itself, has the machine for itself.
  await suite('e2e-alone', playwright(browsers, '--grep', '@alone', '--workers=1'), countPlaywright);
  await check('supported-browsers', async () => support({ isCheck: true }));
  // That every system still does what it is measured by; no time makes it fail.
  await check('bench', npmScript('bench:short'));
}

await all();
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
process.exitCode = total.failed > 0 ? 1 : 0;
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
