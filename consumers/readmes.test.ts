import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the compiler says about every TypeScript block of a page, each as a module of its own beside the installed packages. */
async function compile(page: string): Promise<string> {
  const folder = join(inject('consumers'), `readme-${page.replaceAll('/', '-')}`);
  await mkdir(folder, { recursive: true });
  const text = await readFile(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code);
  expect(blocks.length).toBeGreaterThan(0);
  for (const [index, code] of blocks.entries()) await writeFile(join(folder, `${index}.ts`), code);
  await writeFile(join(folder, 'tsconfig.json'), '{ "extends": "../bundler/tsconfig.json", "include": ["*.ts"] }');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder], (error, stdout) =>
      resolve(error === null ? '' : stdout || error.message),
    );
  });
}

it.each(['core', 'host', 'guest'])('the samples in the README of %s compile as they are printed', async (name) => {
  expect(await compile(`packages/${name}/README.md`)).toBe('');
});
