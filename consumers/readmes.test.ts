import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { expect, inject, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What the compiler says about every TypeScript block of a page, each as a module of its own beside the installed packages. What a block
 * uses and does not make itself, `consumers/guide/PAGE.ts` declares. A block whose first line is `// NAME.ts` is that file, which the blocks
 * behind it can import, until the page shows a new version of it.
 */
async function compile(page: string): Promise<string> {
  const name = page.replaceAll('/', '-');
  const folder = join(inject('consumers'), `samples-${name}`);
  await mkdir(folder, { recursive: true });
  const text = await readFile(join(root, page), 'utf8');
  // Also those that are part of a list.
  const blocks = [...text.matchAll(/^( *)```(tsx?)\n(.*?)^ *```/gms)];
  let version = 0;
  const named = new Set<string>();
  for (const [index, [, indent = '', ending, code = '']] of blocks.entries()) {
    const sample = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const [, file] = /^\/\/ ([\w-]+\.tsx?)\n/.exec(sample) ?? [];
    if (file !== undefined && named.has(file)) {
      version++;
      named.clear();
    }
    if (file !== undefined) named.add(file);
    const place = join(folder, `${version}`);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, file ?? `${index}.${ending}`), sample);
  }
  const around = join(root, 'consumers', 'guide', aroundOf(page));
  if (existsSync(around)) await copyFile(around, join(folder, 'around.ts'));
  // A page about Node has its types, others have those of a browser alone.
  const ofNode = text.includes("from 'node:")
    ? { compilerOptions: { types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] } }
    : {};
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../guide/tsconfig.json', include: ['**/*.ts', '**/*.tsx'], ...ofNode }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', folder], (error, stdout) =>
      resolve(error === null ? '' : stdout || error.message),
    );
  });
}

/** What declares what a page uses and does not make. READMEs share one file. */
const aroundOf = (page: string): string => `${basename(page, '.md')}.ts`;

const inFolder = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.includes('/node_modules/') && !path.includes('/.pages/'));
/** Every page that people read: README files, guides, decisions, the site's own. */
const everyPage = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}/README.md`)
    // The blocks of that one are files of one project, which import each other: `e2e/vite.spec.ts` has such a project.
    .filter((path) => path !== 'packages/vite/README.md' && existsSync(join(root, path))),
  ...inFolder('docs').filter((path) => !path.startsWith('docs/site/dist/')),
];
const pages = everyPage.filter((page) => /^ *```tsx?$/m.test(readFileSync(join(root, page), 'utf8')));

it.each(pages)('the samples in %s compile as they are printed', async (page) => {
  expect(await compile(page)).toBe('');
});

it('the tests that docs/guide/testing.md shows pass', async () => {
  const text = await readFile(join(root, 'docs', 'guide', 'testing.md'), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].flatMap(([, code = '']) =>
    code.includes("from 'node:test'") ? [code] : [],
  );
  expect(blocks.length).toBeGreaterThan(1);
  for (const [index, block] of blocks.entries()) {
    const file = join(inject('consumers'), `shown-${index}.test.mjs`);
    await writeFile(file, (await transform(block, { loader: 'ts' })).code);
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file]);
    expect(stdout).toMatch(/^# pass 1$/m);
  }
});

it('has samples to compile, and declares nothing for pages that are not there', async () => {
  const all = await Promise.all(pages.map((page) => readFile(join(root, page), 'utf8')));
  expect(all.join('\n').match(/^```ts$/gm)?.length ?? 0).toBeGreaterThan(90);
  const declared = readdirSync(join(root, 'consumers', 'guide')).filter((name) => name.endsWith('.ts'));
  const known = new Set(pages.map(aroundOf));
  expect(declared.filter((name) => !known.has(name))).toEqual([]);
});
