// Finds the browsers that the tests need, and installs what is missing where this machine allows it.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isMain, run } from './run.mjs';

/**
 * @typedef {object} Browser
 * @property {string} variable environment variable that names the executable and wins over everything else
 * @property {readonly string[]} commands looked up in PATH
 * @property {readonly string[]} paths where installers put it
 * @property {'chromium' | 'firefox' | 'webkit' | undefined} download its name at Playwright, where Playwright's own build will do
 * @property {readonly string[]} debian packages that bring it
 */

/** @type {NodeJS.ProcessEnv} */
const env = process.env;
const programs = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter(
  (folder) => folder !== undefined,
);

/** One row per browser: how to find it, how to install it. @satisfies {Record<string, Browser>} */
const browsers = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    paths: [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      ...programs.map((folder) => join(folder, 'Chromium', 'Application', 'chrome.exe')),
      ...programs.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
    ],
    download: 'chromium',
    debian: ['chromium'],
  },
};

/** @typedef {keyof typeof browsers} BrowserName */

/** @param {string} path @returns {boolean} */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {readonly string[]} commands @returns {string[]} */
function inPath(commands) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
}

/** @param {Browser} browser @returns {Promise<string | undefined>} */
async function ownDownload({ download }) {
  if (download === undefined) return undefined;
  // Imported late: this script also runs before anything is installed.
  const playwright = await import('@playwright/test').catch(() => undefined);
  const path = playwright?.[download].executablePath();
  return path !== undefined && existsSync(path) ? path : undefined;
}

/**
 * The executable of a browser on this machine, or `undefined`. A variable that names none is an error, not a hint.
 * @param {BrowserName} name
 * @returns {Promise<string | undefined>}
 */
export async function findBrowser(name) {
  const browser = browsers[name];
  const chosen = env[browser.variable];
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`${browser.variable} is "${chosen}", which is not an executable file`);
    return chosen;
  }
  return [...inPath(browser.commands), ...browser.paths].find(isExecutable) ?? (await ownDownload(browser));
}

/** @returns {boolean} */
const mayInstallPackages = () => process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** @param {Browser} browser */
async function install(browser) {
  if (browser.download !== undefined) {
    console.log(`browsers: downloading ${browser.download}`);
    const got = await run('npx', ['playwright', 'install', browser.download], { quiet: true, timeoutMs: 300_000 });
    if (got.ok) return;
    console.log(`browsers: the download failed (${got.why})`);
  }
  if (!mayInstallPackages()) return;
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const quiet = { quiet: true, timeoutMs: 1_200_000, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  console.log(`browsers: installing ${browser.debian.join(', ')}`);
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...browser.debian]]) {
    const done = await run('apt-get', [...wait, ...args], quiet);
    if (!done.ok)
      console.log(`browsers: apt-get ${args[0]} ${done.why}\n${done.output.trim().split('\n').slice(-5).join('\n')}`);
  }
}

/** @param {BrowserName} name @param {Browser} browser @returns {string} */
const howTo = (name, browser) =>
  [
    `browsers: there is no ${name}. Install it in one of these ways and run this again:`,
    browser.download === undefined ? '' : `  npx playwright install ${browser.download}`,
    `  sudo apt-get install --no-install-recommends ${browser.debian.join(' ')}     (Debian)`,
    `  or install it by hand and set ${browser.variable} to its executable`,
  ]
    .filter((line) => line !== '')
    .join('\n');

/**
 * Finds every browser, installing what is missing, and says what it chose.
 * @returns {Promise<NodeJS.ProcessEnv>} the variables that hand the choice to the test runners
 * @throws when a browser cannot be had; the message says how to install it
 */
export async function ensureBrowsers() {
  /** @type {NodeJS.ProcessEnv} */
  const chosen = {};
  for (const name of /** @type {BrowserName[]} */ (Object.keys(browsers))) {
    const browser = browsers[name];
    if ((await findBrowser(name)) === undefined) await install(browser);
    const path = await findBrowser(name);
    if (path === undefined) throw new Error(howTo(name, browser));
    console.log(`browsers: ${name} is ${path}`);
    chosen[browser.variable] = path;
  }
  return chosen;
}

if (isMain(import.meta.url)) {
  try {
    await ensureBrowsers();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
