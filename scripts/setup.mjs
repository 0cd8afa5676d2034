// Installs the npm dependencies where they are missing or differ from package-lock.json. Does nothing, fast, where they fit.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, root, run } from './run.mjs';

const stamp = join(root, 'node_modules', '.muntin-setup');

/** @param {string} path @returns {string} */
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** @returns {string[]} the folders that hold a package of this repository */
function workspaces() {
  /** @type {string[]} */
  const patterns = JSON.parse(read(join(root, 'package.json'))).workspaces;
  return patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const folder = pattern.slice(0, -2);
    return existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [];
  });
}

/** What decides what is installed: the lockfile, every package.json, and the machine that native binaries are chosen for. */
function wanted() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.versions.modules}\n`);
  for (const folder of ['.', ...workspaces()]) hash.update(`${folder}\n${read(join(root, folder, 'package.json'))}\n`);
  return hash.update(read(join(root, 'package-lock.json'))).digest('hex');
}

/** Makes `node_modules` fit the lockfile. Throws when that fails. */
export async function setup() {
  if (read(stamp) === wanted()) return;
  console.log('setup: installing dependencies');
  const clean = await run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true });
  if (!clean.ok) {
    console.log(
      `setup: npm ci ${clean.why}, so npm install is tried\n${clean.output.trim().split('\n').slice(0, 8).join('\n')}`,
    );
    const loose = await run('npm', ['install', '--no-audit', '--no-fund']);
    if (!loose.ok) throw new Error(`npm install ${loose.why}`);
  }
  writeFileSync(stamp, wanted());
  console.log('setup: dependencies installed');
}

if (isMain(import.meta.url)) await setup();
