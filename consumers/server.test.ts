import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { listEntries } from './installed.ts';

const folder = inject('consumers');
const entries = await listEntries(folder);

/** What every function of every entry point does in plain Node, without a DOM. */
async function callEverything(): Promise<Readonly<Record<string, string>>> {
  const cwd = join(folder, 'server');
  const { stdout } = await promisify(execFile)(process.execPath, ['call-everything.mjs', ...entries], { cwd });
  return JSON.parse(stdout);
}

it('says on a server what to do, and never that a name is not defined', async () => {
  const outcomes = await callEverything();
  expect(new Set(Object.keys(outcomes).map((call) => call.split(' ')[0]))).toEqual(new Set(entries));
  // The internal entries are not for applications: our own packages alone call what is there.
  const wrong = Object.entries(outcomes).filter(
    ([call, outcome]) => !/^@muntin\/\w+\/internal /.test(call) && /ReferenceError|is not defined/.test(outcome),
  );
  expect(wrong).toEqual([]);
});

it.each([
  '@muntin/host mount',
  '@muntin/host attach',
  '@muntin/host open',
  '@muntin/host mountWorker',
  '@muntin/guest expose',
  '@muntin/guest/popup expose',
  '@muntin/guest/worker expose',
])('%s says NOT_IN_A_BROWSER, with and without its arguments', async (name) => {
  const outcomes = await callEverything();
  expect(outcomes[`${name}()`]).toMatch(/^NOT_IN_A_BROWSER: .*needs a/);
  expect(outcomes[`${name}(…)`]).toMatch(/^NOT_IN_A_BROWSER: .*there is none here: (call|import) it/);
});
