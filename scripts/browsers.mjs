// Finds the browsers that the tests need, and installs what is missing where this machine allows it.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isMain, run } from './run.mjs';

/**
 * @typedef {object} Browser
 * @property {string} variable environment variable that names the executable and wins over everything else
 * @property {readonly string[]} commands looked up in PATH
 * @property {readonly string[]} paths where installers put it
 * @property {readonly string[]} beside further commands without which it cannot be driven
 * @property {'chromium' | 'firefox' | 'webkit' | undefined} download its name at Playwright, where Playwright's own build will do
 * @property {readonly string[]} debian packages that bring it
 * @property {readonly NodeJS.Platform[]} [only] where it exists; everywhere without
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
    beside: [],
    download: 'chromium',
    debian: ['chromium'],
  },
  firefox: {
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    paths: [
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      ...programs.map((folder) => join(folder, 'Mozilla Firefox', 'firefox.exe')),
    ],
    beside: [],
    download: 'firefox',
    debian: ['firefox-esr'],
  },
  // WebKitGTK: its small browser, driven over WebDriver, needs a display.
  webkit: {
    variable: 'WEBKIT_PATH',
    commands: ['MiniBrowser'],
    paths: ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec', '/usr/lib'].flatMap((folder) =>
      ['webkit2gtk-4.1', 'webkit2gtk-4.0'].map((name) => join(folder, name, 'MiniBrowser')),
    ),
    beside: ['WebKitWebDriver', 'Xvfb', 'setpriv'],
    download: 'webkit',
    debian: ['webkit2gtk-driver', 'xvfb', 'util-linux'],
  },
  // WPE WebKit as Debian 12 keeps it, 2.38: the oldest engine that is supported.
  'webkit-old': {
    variable: 'WPE_PATH',
    commands: ['cog'],
    paths: [],
    beside: ['WPEWebDriver', 'setpriv'],
    download: undefined,
    debian: ['wpewebkit-driver', 'cog', 'util-linux'],
    only: ['linux'],
  },
};

/** @typedef {keyof typeof browsers} BrowserName */

/** @param {BrowserName} name @returns {Browser} */
const rowOf = (name) => browsers[name];

/** The browsers that there are for this kind of machine. */
export const browserNames = /** @type {BrowserName[]} */ (Object.keys(browsers)).filter(
  (name) => rowOf(name).only?.includes(process.platform) ?? true,
);

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
  const browser = rowOf(name);
  const chosen = env[browser.variable];
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`${browser.variable} is "${chosen}", which is not an executable file`);
    return chosen;
  }
  const canBeDriven = browser.beside.every((command) => inPath([command]).some(isExecutable));
  const installed = [...inPath(browser.commands), ...browser.paths].find(isExecutable);
  return canBeDriven && installed !== undefined ? installed : ownDownload(browser);
}

/**
 * The executable of a browser on this machine.
 * @param {BrowserName} name
 * @returns {Promise<string>}
 * @throws when there is none; the message says how to install it
 */
export async function requireBrowser(name) {
  const path = await findBrowser(name);
  if (path === undefined) throw new Error(howTo(name, rowOf(name)));
  return path;
}

/** @returns {boolean} */
const mayInstallPackages = () => process.getuid?.() === 0 && existsSync('/etc/debian_version');

/** @param {BrowserName} name */
async function install(name) {
  const browser = rowOf(name);
  if (mayInstallPackages()) await installPackages(browser.debian);
  if (browser.download === undefined || (await findBrowser(name)) !== undefined) return;
  console.log(`browsers: downloading ${browser.download}`);
  const got = await run('npx', ['playwright', 'install', browser.download], { quiet: true, timeoutMs: 300_000 });
  if (!got.ok) console.log(`browsers: the download failed (${got.why})`);
}

/** @param {readonly string[]} packages */
async function installPackages(packages) {
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const quiet = { quiet: true, timeoutMs: 1_200_000, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  console.log(`browsers: installing ${packages.join(', ')}`);
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
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
  for (const name of browserNames) {
    if ((await findBrowser(name)) === undefined) await install(name);
    const path = await requireBrowser(name);
    console.log(`browsers: ${name} is ${path}`);
    chosen[rowOf(name).variable] = path;
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
