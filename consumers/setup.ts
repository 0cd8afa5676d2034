import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/** The packages that are published. */
const published = ['core', 'host', 'guest', 'react', 'element', 'testing', 'server'];

/** Those that are packed for new projects, which install them. */
const tools = ['vite', 'create'];

/** What samples of the guide use beside our packages. */
const used = ['valibot', 'decimal.js', 'solid-js', '@angular/core', '@tanstack/react-query', 'penpal'];

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder that holds the consumers, outside of the repository, with our packed packages installed. */
    readonly consumers: string;
    /** What can be installed without a network, by name: our packed packages, and all that they depend on. */
    readonly packages: Readonly<Record<string, string>>;
  }
}

/** Packs our packages as npm publishes them and installs them for the consumers. Returns how to clean up. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'muntin-consumers-'));
  for (const name of await fixtures()) await cp(join(here, name), join(folder, name), { recursive: true });
  const packages = Object.fromEntries(await Promise.all(published.map((name) => pack(name, folder))));
  const packedTools = Object.fromEntries(await Promise.all(tools.map((name) => pack(name, folder))));
  const needed = await theirs([...published, ...tools]);
  const { 'create-muntin': create = '' } = packedTools;
  const dependencies = {
    ...(await theirs(published)),
    ...packages,
    'create-muntin': create,
    ...pick(needed, '@clack/'),
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  // From tarballs and folders alone: it works without a network.
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...flags, '--cache', join(folder, '.npm')], { cwd: folder });
  provide('consumers', folder);
  provide('packages', { ...needed, ...packages, ...packedTools });
  return () => rm(folder, { recursive: true, force: true });
}

async function fixtures(): Promise<readonly string[]> {
  const entries = await readdir(here, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function pack(name: string, folder: string): Promise<readonly [string, string]> {
  const cwd = join(root, 'packages', name);
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd });
  const [made]: readonly { readonly filename: string; readonly name: string }[] = JSON.parse(stdout);
  if (made === undefined) throw new Error(`npm pack has made nothing of ${name}`);
  return [made.name, `file:${join(folder, made.filename)}`];
}

function pick(all: Readonly<Record<string, string>>, scope: string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(scope)));
}

/** What our packages depend on, with what that depends on, as the repository has it installed; and what the consumers use. */
async function theirs(names: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visitAll = async (folder: string): Promise<void> => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
      await readFile(join(folder, 'package.json'), 'utf8'),
    );
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      // Types are optional for those who write no TypeScript: these consumers do.
      const isOptional = peerDependenciesMeta?.[name]?.optional === true && !name.startsWith('@types/');
      if (isOptional || name.startsWith('@muntin/')) continue;
      if (Object.hasOwn(found, name)) continue;
      const place = find(name, folder);
      found[name] = `file:${place}`;
      await visitAll(place);
    }
  };
  for (const name of names) await visitAll(join(root, 'packages', name));
  for (const name of used) {
    const place = find(name, root);
    found[name] = `file:${place}`;
    await visitAll(place);
  }
  return found;
}

/** Where a package is that is imported from a folder: beside it, or further up. */
function find(name: string, from: string): string {
  const place = join(from, 'node_modules', name);
  if (existsSync(place)) return realpathSync(place);
  if (dirname(from) === from) throw new Error(`${name} is not installed`);
  return find(name, dirname(from));
}
