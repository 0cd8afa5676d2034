import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** @typedef {ReturnType<typeof describeRun>} Run */

/** @returns {Record<string, string>} what was measured, by package */
function versions() {
  const { dependencies } = readPackage(import.meta.dirname);
  return Object.fromEntries(
    Object.keys(dependencies ?? {}).map((name) => {
      for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
        const found = readPackage(join(folder, name));
        if (found.version !== undefined) return [name, found.version];
      }
      throw new Error(`${name} is not installed`);
    }),
  );
}

/** @param {string} folder @returns {{ version?: string, dependencies?: Record<string, string> }} */
function readPackage(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Where, when and with what a run was made.
 * @param {string} chromium its version
 * @param {number} rounds
 */
export function describeRun(chromium, rounds) {
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    rounds,
    machine: `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${process.arch}`,
    chromium,
    versions: versions(),
  };
}
