import { execFile } from 'node:child_process';
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { listEntries } from './installed.ts';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(dirname(here), 'node_modules');
const folder = inject('consumers');
const installed = join(folder, 'node_modules');

/** What the compiler of the repository says in a consumer's folder; empty where nothing is wrong. */
async function compile(consumer: string): Promise<string> {
  return new Promise((resolve) => {
    const tsc = join(modules, 'typescript', 'bin', 'tsc');
    execFile(process.execPath, [tsc, '-p', join(folder, consumer)], (error, stdout) =>
      resolve(error === null ? '' : stdout || error.message),
    );
  });
}

const consumers = ['bundler', 'disposable', 'node16', 'rxjs-lowest', 'vite'];

beforeAll(async () => {
  const entries = await listEntries(folder);
  const everyExport = [
    "import { type Equal, type NamesOfAny, verify } from './verify.js';",
    ...entries.map((entry, index) => `import type * as entry${index} from '${entry}';`),
    ...entries.map((_, index) => `verify<Equal<NamesOfAny<typeof entry${index}>, never>>(true);`),
  ];
  for (const name of consumers) {
    for (const file of ['usage.ts', 'verify.ts']) await cp(join(here, file), join(folder, name, file));
    await writeFile(join(folder, name, 'every-export.ts'), everyExport.join('\n'));
  }
  for (const name of ['vite', 'rxjs-lowest']) await symlink(join(modules, name), join(installed, name));
});

it.each(consumers)('the published types compile and mean the same in the consumer "%s"', async (name) => {
  expect(await compile(name)).toBe('');
});

describe('a type that has become any', () => {
  it.each([
    ['host', "readonly guest: Client<C['guest']>", 'readonly guest: any'],
    ['guest', "readonly host: Client<C['host']>", 'readonly host: any'],
    [
      'core',
      'export declare function shareRemote<T>(stream: Observable<T>): Observable<T>',
      'export declare function shareRemote<T>(stream: Observable<T>): any',
    ],
  ])('is found in %s', async (name, type, any) => {
    const dist = join(installed, '@muntin', name, 'dist');
    const originals = new Map<string, string>();
    for (const file of await readdir(dist, { recursive: true })) {
      const text = file.endsWith('.d.ts') ? await readFile(join(dist, file), 'utf8') : '';
      if (text.includes(type)) originals.set(join(dist, file), text);
    }
    expect(originals.size).toBeGreaterThan(0);
    for (const [path, text] of originals) await writeFile(path, text.replace(type, any));
    try {
      expect(await compile('bundler')).toMatch(/error TS/);
    } finally {
      for (const [path, text] of originals) await writeFile(path, text);
    }
  });
});
