import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { requireBrowser } from '../scripts/browsers.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = inject('consumers');
const packages = inject('packages');
const bin = join(folder, 'node_modules', 'create-muntin', 'dist', 'bin.js');

/** Runs a program, and resolves with what it has said. Rejects with all of it where it fails. */
function run(command: string, args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, ...more, CI: '1', NO_COLOR: '1' };
  // What a test runner tells the processes that it starts is not for the one of the project.
  for (const name of Object.keys(env)) if (/^(FORCE_COLOR|VITEST|NODE_ENV|npm_)/.test(name)) delete env[name];
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { cwd, env, timeout: 110_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`);
      else reject(new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}\n${error.message}`));
    });
  });
}

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** `npm install`, from tarballs and from what the repository has installed, in place of a registry. */
async function install(cwd: string): Promise<void> {
  const path = join(cwd, 'package.json');
  const wanted: PackageJson = JSON.parse(await readFile(path, 'utf8'));
  const local = (name: string): string => packages[name] ?? `file:${realpathSync(join(root, 'node_modules', name))}`;
  const names = new Set([...Object.keys(wanted.dependencies), ...Object.keys(wanted.devDependencies)]);
  // What our packages need is found without a registry only if it is named.
  const dependencies = Object.fromEntries([...names, ...Object.keys(packages)].map((name) => [name, local(name)]));
  await writeFile(path, JSON.stringify({ ...wanted, dependencies, devDependencies: {} }));
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...flags, '--cache', join(cwd, '.npm')], cwd);
  await writeFile(path, JSON.stringify(wanted, undefined, 2));
}

/** Follows commands as they are printed, in an empty folder. */
async function follow(commands: readonly string[], start: string): Promise<{ cwd: string; said: string }> {
  let cwd = start;
  let said = '';
  for (const command of commands) {
    const [program = '', ...args] = command.split(' ');
    if (program === 'cd') cwd = join(cwd, args[0] ?? '');
    else if (command === 'npm install') await install(cwd);
    else if (command.startsWith('npm create muntin@latest '))
      said += await run(process.execPath, [bin, ...args.slice(2).filter((arg) => arg !== '--')], cwd);
    else said += await run(program, args, cwd);
  }
  return { cwd, said };
}

const steps = (template: string): readonly string[] => [
  `npm create muntin@latest my-widget -- --template ${template} --name @acme/my-widget --host https://shell.acme.example --guest https://w.example`,
  'cd my-widget',
  'npm install',
  'npm test',
  'npm run build',
];

/** The commands of the README by which one starts. */
async function readStart(): Promise<readonly string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [block = ''] = /^npm create muntin@latest[^`]*/m.exec(readme) ?? [];
  const lines = block.split('\n').map((line) => line.replace(/\s+#.*$/, '').trim());
  // What serves until it is stopped is no part of a test.
  return lines.filter((line) => line !== '' && line !== 'npm run dev');
}

describe('a new project', () => {
  const made = new Map<string, { cwd: string; said: string } | Error>();
  const startOf = async (name: string, commands: readonly string[]): Promise<void> => {
    const start = join(folder, 'new', name);
    await mkdir(start, { recursive: true });
    made.set(name, await follow(commands, start).catch((error: Error) => error));
  };

  beforeAll(async () => {
    await Promise.all([startOf('README', await readStart()), startOf('vanilla-ts', steps('vanilla-ts'))]);
  }, 240_000);

  it('the README says how to begin, with the template that is not tried beside it', async () => {
    const commands = await readStart();
    expect(commands[0]).toContain('--template react-ts');
    expect(commands).toEqual(expect.arrayContaining(['npm install', 'npm test', 'npm run build']));
  });

  it.each(['README', 'vanilla-ts'])('installs, passes its own tests and builds: %s', async (name) => {
    const end = made.get(name);
    if (end === undefined || end instanceof Error) throw end ?? new Error('nothing was made');
    expect(end.said).toMatch(/Tests {2}2 passed \(2\)/);
    for (const file of ['host/index.html', 'host/_headers', 'guest/index.html', 'guest/_headers'])
      expect(existsSync(join(end.cwd, 'dist', file))).toBe(true);
  });

  // One after the other: both serve on the ports that the template names.
  it('plays its own story in a browser, host and guest each on its origin', async () => {
    const path = await requireBrowser('chromium');
    for (const name of ['README', 'vanilla-ts']) {
      const end = made.get(name);
      if (end === undefined || end instanceof Error) throw end ?? new Error('nothing was made');
      expect(await run('npm', ['run', 'e2e'], end.cwd, { CHROMIUM_PATH: path })).toMatch(/^ +1 passed/m);
    }
  }, 120_000);

  it('has the headers and the manifest of the origins that it was given', async () => {
    const end = made.get('vanilla-ts');
    if (end === undefined || end instanceof Error) throw end ?? new Error('nothing was made');
    const read = (path: string): Promise<string> => readFile(join(end.cwd, 'dist', path), 'utf8');
    expect(await read('host/_headers')).toContain('frame-src https://w.example;');
    expect(await read('guest/_headers')).toContain('frame-ancestors https://shell.acme.example;');
    // What a page loads beside its own files is allowed where it is published, too.
    const sites = JSON.parse(await readFile(join(end.cwd, 'sites.json'), 'utf8')) as { guests: { counter: object } };
    const { counter } = sites.guests;
    const wider = {
      ...sites,
      csp: { connect: ['https://api.acme.example'] },
      guests: { counter: { ...counter, csp: { img: ['https://img.acme.example'] } } },
    };
    await writeFile(join(end.cwd, 'sites.json'), JSON.stringify(wider));
    await run('node', ['publish.mjs'], end.cwd);
    expect(await read('host/_headers')).toContain("connect-src 'self' https://api.acme.example;");
    expect(await read('guest/_headers')).toContain("img-src 'self' https://img.acme.example;");
    expect(JSON.parse(await read('guest/.well-known/muntin.json'))).toEqual({
      name: 'acme/my-widget',
      contract: { name: 'acme/my-widget', version: '1.0.0' },
      start_url: 'https://w.example/',
      hosts: ['https://shell.acme.example'],
    });
  });

  it('names versions that are the ones that it was tried with', async () => {
    for (const template of ['vanilla-ts', 'react-ts']) {
      const path = join(root, 'packages', 'create', 'templates', template, 'package.json');
      const { dependencies, devDependencies }: PackageJson = JSON.parse(await readFile(path, 'utf8'));
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        const installed = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'));
        expect(`${name} ${version}`).toBe(`${name} ${installed.version}`);
      }
    }
  });
});

it.each([
  [['--template', 'vue'], 'there is no template "vue": give one of vanilla-ts, react-ts'],
  [['--name', 'My Widget'], '"My Widget" is no name of a package'],
  [['--host', 'https://shell.example/'], 'is no origin of the host'],
  [['--guest', 'http://widget.example'], 'is no origin of the guest'],
  [['--host', 'https://widget.example'], "a guest on its host's origin is not kept apart from it"],
  [['one', 'two'], 'are named: give one'],
] as const)('create-muntin %j makes nothing, and says why', async (args, message) => {
  const cwd = join(folder, 'refused');
  await mkdir(cwd, { recursive: true });
  await expect(run(process.execPath, [bin, ...args], cwd)).rejects.toThrow(message);
  expect(existsSync(join(cwd, 'my-widget'))).toBe(false);
});
