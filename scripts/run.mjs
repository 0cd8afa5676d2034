import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, whatever folder a script was started in. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const isWindows = process.platform === 'win32';

/**
 * Environment of everything the scripts start: installed tools come first in PATH, and no tool reports home.
 * @param {NodeJS.ProcessEnv} [more]
 * @returns {NodeJS.ProcessEnv}
 */
function environment(more = {}) {
  const path = `${join(root, 'node_modules', '.bin')}${isWindows ? ';' : ':'}${process.env['PATH'] ?? ''}`;
  // Some tools colour whatever CI reads; a log is for people and for programs that look for a line.
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', ...plain, ...more };
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function kill(child, signal) {
  try {
    // The group, so that what the tool itself started (a browser, a server) ends with it.
    if (child.pid !== undefined && !isWindows) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It is gone already.
  }
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (running.size === 0) process.exit(128 + constants.signals[signal]);
    for (const child of running) kill(child, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 5000).unref();
    stopped = signal;
  });
}
/** @type {NodeJS.Signals | undefined} */
let stopped;

/**
 * Runs a command to its end in the repository's root, or in `cwd`. Signals sent to this process reach it, and then this process
 * ends too.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: NodeJS.ProcessEnv, cwd?: string, timeoutMs?: number }} [options] quiet: collect the output instead of showing it
 * @returns {Promise<{ ok: boolean, code: number, output: string, why: string }>} `why` says in words how it ended
 */
export function run(command, args, { quiet = false, env = {}, cwd = root, timeoutMs = 0 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(env),
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      detached: !isWindows,
      shell: isWindows,
    });
    running.add(child);
    let output = '';
    let timedOut = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            timedOut = true;
            kill(child, 'SIGTERM');
            setTimeout(() => kill(child, 'SIGKILL'), 5000).unref();
          }, timeoutMs)
        : undefined;
    const end = (/** @type {number} */ code, /** @type {string} */ why) => {
      clearTimeout(timer);
      running.delete(child);
      if (stopped !== undefined && running.size === 0) process.exit(128 + constants.signals[stopped]);
      resolve({
        ok: code === 0 && !timedOut,
        code,
        output,
        why: timedOut ? `had not ended after ${timeoutMs / 1000} s` : why,
      });
    };
    child.once('error', (error) => end(127, `could not be started: ${error.message}`));
    child.once('close', (code, signal) =>
      end(code ?? 128, signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
  });
}

/** @param {string} moduleUrl @returns {boolean} whether this module is what `node` was started with */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && fileURLToPath(moduleUrl) === process.argv[1];
}
