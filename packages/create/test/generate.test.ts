import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { generate } from '../src/generate.ts';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'create-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('fills in what it was given, and leaves the history of the folder as it is', async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, '.git', 'hooks'), { recursive: true });
  const hook = join(folder, '.git', 'hooks', 'commit-msg');
  await writeFile(hook, 'git log --format=%name%');
  await generate({ folder, template: 'vanilla-ts', name: 'my-widget' });
  expect(await readFile(hook, 'utf8')).toBe('git log --format=%name%');
  expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-widget' });
});

it.each([
  [{ template: 'angular' }, 'there is no template "angular"'],
  [{ name: '../x' }, '"../x" is no name of a package'],
  [{ host: 'https://shell.example/' }, 'is no origin of the host'],
  [{ guest: 'http://w.example' }, 'is no origin of the guest'],
  [{ guest: 'https://*.example' }, 'is no origin of the guest'],
  [{ host: 'https://shell.example.' }, 'is no origin of the host'],
  [{ host: 'https://[::1]' }, 'is no origin of the host'],
  [{ host: 'https://a.example', guest: 'https://a.example' }, 'are both https://a.example'],
])('refuses %o, and makes nothing', async (given, message) => {
  const folder = join(await makeFolder(), 'new');
  await expect(generate({ folder, template: 'vanilla-ts', ...given } as never)).rejects.toThrow(message);
  await expect(readFile(join(folder, 'package.json'))).rejects.toThrow('ENOENT');
});

it('refuses a folder that has something in it', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'mine.txt'), '');
  await expect(generate({ folder, template: 'vanilla-ts' })).rejects.toThrow('is not empty (mine.txt)');
});

it.each(['mine.txt', join('mine.txt', 'new')])('refuses %s, which is a file or in one', async (name) => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'mine.txt'), '');
  const target = join(folder, name);
  await expect(generate({ folder: target, template: 'vanilla-ts' })).rejects.toThrow(`${target} is a file, or in one`);
});
