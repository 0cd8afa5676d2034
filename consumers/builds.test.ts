import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { shorten } from '../scripts/production.mjs';

const folder = inject('consumers');
const installed = join(folder, 'node_modules', '@muntin');

describe('a short error', () => {
  it.each([
    ['new MuntinError("A", "One sentence. Another.")', 'new MuntinError("A", `docs/errors.md#A`)'],
    [
      'new MuntinError("A", `The ${one} of ${two}: do this`, { cause })',
      'new MuntinError("A", `${one} ${two} (docs/errors.md#A)`, { cause })',
    ],
    [
      'invalidOption(`title is ${show(title)}: give a string`)',
      'invalidOption(`title ${show(title)} (docs/errors.md#INVALID_OPTION)`)',
    ],
    [
      'invalidOption("policy.sandbox has a token: leave it out")',
      'invalidOption(`policy.sandbox (docs/errors.md#INVALID_OPTION)`)',
    ],
    [
      'invalidOption(`handlers.${path} is missing`)',
      'invalidOption(`handlers.${path} (docs/errors.md#INVALID_OPTION)`)',
    ],
    ['invalidOption(`${prefix}${name} is wrong`)', 'invalidOption(`${prefix}${name} (docs/errors.md#INVALID_OPTION)`)'],
    [
      'invalidOption(a ? "one thing" : `the ${b}`)',
      'invalidOption(a ? `docs/errors.md#INVALID_OPTION` : `${b} (docs/errors.md#INVALID_OPTION)`)',
    ],
    [
      'function f() { const text = `All of ${it}.`; throw new MuntinError("A", text); }',
      'function f() { const text = `${it} (docs/errors.md#A)`; throw new MuntinError("A", text); }',
    ],
    [
      'const hint = "What to do."; throw new MuntinError("A", `${it}: ${hint}`);',
      'const hint = "What to do."; throw new MuntinError("A", `${it} (docs/errors.md#A)`);',
    ],
  ])('of %s has its facts', (source, short) => {
    expect(shorten(source)).toBe(short);
  });

  it.each([
    'new MuntinError(code, message)',
    'new MuntinError("A", error.message)',
    'new Error(`The ${one} is there for whoever reads it`)',
    'const text = "A sentence of the module."; export function f() { throw new MuntinError("A", text); }',
  ])('is not made of %s', (source) => {
    expect(shorten(source)).toBe(source);
  });
});

/** What a bundler that sets this condition makes of an app that uses every package. */
async function bundle(condition: string): Promise<string> {
  const entry = join(folder, `${condition}.js`);
  await writeFile(
    entry,
    `export { contract, isErrorOf, MuntinError, byReference, release } from '@muntin/core';
     export { mount } from '@muntin/host';
     export { expose } from '@muntin/guest';`,
  );
  const result = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['module', 'browser', condition] },
    build: {
      lib: { entry, formats: ['es'], fileName: `bundled-${condition}` },
      outDir: 'bundles',
      emptyOutDir: false,
      minify: true,
    },
  });
  expect(result).toBeDefined();
  return join(folder, 'bundles', `bundled-${condition}.js`);
}

describe('what is shipped', () => {
  const texts: Record<string, string> = {};
  const messages: Record<string, unknown> = {};

  beforeAll(async () => {
    for (const condition of ['development', 'production']) {
      const path = await bundle(condition);
      texts[condition] = await readFile(path, 'utf8');
      const { contract } = await import(pathToFileURL(path).href);
      try {
        contract({ name: '', version: '1.0.0' });
      } catch (error) {
        messages[condition] = error;
      }
    }
  });

  it('explains an error where one develops', () => {
    expect(messages['development']).toMatchObject({
      code: 'INVALID_OPTION',
      message: 'name is "": give a contract a name such as "acme/ticker"',
    });
  });

  it('has its code and its facts in production, and where to read on', () => {
    expect(messages['production']).toMatchObject({
      code: 'INVALID_OPTION',
      message: 'name "" (docs/errors.md#INVALID_OPTION)',
    });
  });

  it('has nothing in production that only helps whoever develops, and still all that is exported', async () => {
    const [development, production] = await Promise.all(
      ['dist', 'dist/production'].map((path) => import(pathToFileURL(join(installed, 'core', path, 'hints.js')).href)),
    );
    expect(Object.keys(production).sort()).toEqual(Object.keys(development).sort());
    expect(production.suggest('titel', ['title'])).toBe('');
    expect(development.suggest('titel', ['title'])).toBe('did you mean "title"?');
  });

  it('is smaller in production', () => {
    expect(texts['production']?.length).toBeLessThan((texts['development']?.length ?? 0) * 0.99);
  });

  it('points to a code that the documentation has', async () => {
    const docs = await readFile(join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'errors.md'), 'utf8');
    const codes = new Set<string>();
    for (const name of await readdir(installed)) {
      const folderOf = join(installed, name, 'dist', 'production');
      for (const file of await readdir(folderOf, { recursive: true }).catch(() => []))
        if (file.endsWith('.js'))
          for (const [, code = ''] of (await readFile(join(folderOf, file), 'utf8')).matchAll(
            /docs\/errors\.md#(\w+)/g,
          ))
            codes.add(code);
    }
    expect(codes.size).toBeGreaterThan(20);
    expect([...codes].filter((code) => !docs.includes(`\`${code}\``))).toEqual([]);
  });
});

describe('two built copies of core in one page', () => {
  const copies = ['dist', 'dist/production'];

  it.each(copies.flatMap((from) => copies.map((to) => [from, to] as const)))(
    'what is made by %s is known to %s',
    async (from, to) => {
      const [maker, reader] = await Promise.all(
        [from, to].map((path) => import(pathToFileURL(join(installed, 'core', path, 'index.js')).href)),
      );
      const error = new maker.MuntinError('outOfStock', 'None left', { data: { left: 0 } });
      expect(error).toBeInstanceOf(reader.MuntinError);
      expect(reader.isErrorOf({ errors: { outOfStock: {} } }, error)).toBe(true);
      expect(() => maker.contract({})).toThrow(reader.MuntinError);
      const double = (n: number): number => n * 2;
      const reference = maker.byReference(double);
      expect(reader.byReference(double)).toBe(reference);
      expect(await reference(21)).toBe(42);
      expect(() => reader.release(reference)).not.toThrow();
      expect(() => reader.release(double)).toThrow(maker.MuntinError);
    },
  );
});
