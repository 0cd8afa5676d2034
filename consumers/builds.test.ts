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
    ['new MuntinError("A", "One sentence. Another.")', 'refer("A", \'\')'],
    ['new MuntinError("A", `The ${one} of ${two}: do this`, { cause })', 'refer("A", `${one} ${two}`, { cause })'],
    ['invalidOption(`title is ${show(title)}: give a string`)', 'invalidOption(`title ${show(title)}`)'],
    ['invalidOption("policy.sandbox has a token: leave it out")', 'invalidOption(`policy.sandbox`)'],
    ['invalidOption(`handlers.${path} is missing`)', 'invalidOption(`handlers.${path}`)'],
    ['invalidOption(`${prefix}${name} is wrong`)', 'invalidOption(`${prefix}${name}`)'],
    ['invalidOption(a ? "one thing" : `the ${b}`)', "invalidOption(a ? '' : `${b}`)"],
    [
      'function f() { const text = `All of ${it}.`; throw new MuntinError("A", text); }',
      'function f() { const text = `${it}`; throw refer("A", text); }',
    ],
    [
      'const hint = "What to do."; throw new MuntinError("A", `${it}: ${hint}`);',
      'const hint = "What to do."; throw refer("A", `${it}`);',
    ],
    [
      'function f() { const text = a ? "one thing" : `the ${b}`; throw new MuntinError(code, `${text}: ${c}`); }',
      "function f() { const text = a ? '' : `${b}`; throw refer(code, `${text} ${c}`); }",
    ],
    [
      'function f() { const why = a ? "one thing" : "another one"; throw new MuntinError("A", `${it} ${why}`); }',
      'function f() { const why = \'\'; throw refer("A", `${it}`); }',
    ],
    ['this.#break("A", `calls: more than ${most} at once`)', 'this.#break("A", `calls ${most}`)'],
  ])('of %s has its facts', (source, short) => {
    expect(shorten(source)).toBe(short);
  });

  it('comes without checks of options', () => {
    expect(shorten('function f() { checkOptions("f", options, kinds); return findWrongOption(o) ?? g(); }')).toBe(
      'function f() { undefined; return undefined ?? g(); }',
    );
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

/** A module of core, as it is for whoever develops and as it is shipped. */
const bothBuildsOf = (name: string, of = 'core') =>
  Promise.all(
    ['dist', 'dist/production'].map((path) => import(pathToFileURL(join(installed, of, path, `${name}.js`)).href)),
  );

describe('what is shipped', () => {
  const texts: Record<string, string> = {};
  const messages: Record<string, unknown> = {};

  beforeAll(async () => {
    for (const condition of ['development', 'production']) {
      const path = await bundle(condition);
      texts[condition] = await readFile(path, 'utf8');
      const { release } = await import(pathToFileURL(path).href);
      try {
        release({});
      } catch (error) {
        messages[condition] = error;
      }
    }
  });

  it('explains an error where one develops', () => {
    expect(messages['development']).toMatchObject({
      code: 'INVALID_OPTION',
      message: 'release was given object, which is not a reference',
    });
  });

  it('has its code and its facts in production, and where to read on', () => {
    expect(messages['production']).toMatchObject({
      code: 'INVALID_OPTION',
      message: 'release object (https://muntin.github.io/muntin/errors/INVALID_OPTION.html)',
    });
  });

  it.each(['core', 'guest', 'host', 'react'])(
    'has a production build of every entry of %s, by default',
    async (name) => {
      const { exports } = JSON.parse(await readFile(join(installed, name, 'package.json'), 'utf8'));
      const entries = Object.entries<Readonly<Record<string, string>>>(exports).filter(
        ([path]) => !path.endsWith('.json'),
      );
      expect(entries.length).toBeGreaterThan(0);
      const places = entries.map(([path, { default: shipped, development, node }]) => [
        path,
        shipped,
        development,
        node,
      ]);
      expect(places).toEqual(
        entries.map(([path, { development = '' }]) => {
          const shipped = development.replace('./dist/', './dist/production/');
          return [path, shipped, development, development];
        }),
      );
    },
  );

  it('has nothing in production that only helps whoever develops, and still all that is exported', async () => {
    for (const name of ['hints', 'options', 'contract/check', 'rpc/check-handlers', 'codec/uncloneable-now']) {
      const [development, production] = await bothBuildsOf(name);
      expect(Object.keys(production).sort()).toEqual(Object.keys(development).sort());
    }
    // The console is silent in production, and a guest tells nobody but its hosts that it is one.
    for (const [name, of] of [
      ['console', 'host'],
      ['trouble', 'guest'],
      ['size/name', 'guest'],
      ['size/check-selector', 'guest'],
    ] as const) {
      const [development, production] = await bothBuildsOf(name, of);
      expect(Object.keys(production).sort()).toEqual(Object.keys(development).sort());
      for (const one of Object.values<() => unknown>(production))
        expect(String(one)).toMatch(/^function \w+\(\) \{( return (false|''); )?\}$/);
    }
    const [development, production] = await bothBuildsOf('hints');
    expect(production.suggest('titel', ['title'])).toBe('');
    expect(development.suggest('titel', ['title'])).toBe('did you mean "title"?');
    const [inDevelopment, inProduction] = await bothBuildsOf('codec/uncloneable-now');
    const value = { a: () => 1 };
    expect(inDevelopment.notCloneableNow(value, 'context', new Error('cause'))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('context.a'),
    });
    const cause = new Error('cause');
    expect(inProduction.notCloneableNow(value, 'context', cause)).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: 'context',
      cause,
    });
  });

  it('looks at contracts and names of options where one develops, and in production at values that would act as others', async () => {
    const [development, production] = await bothBuildsOf('index');
    expect(() => development.contract({ name: '', version: '1.0.0' })).toThrow('name is ""');
    expect(production.contract({ name: '', version: '1.0.0' })).toMatchObject({ name: '' });
    for (const { observable } of [development, production])
      expect(() => observable({ overflow: 'lates' })).toThrow('overflow');
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
          for (const [, code = ''] of (await readFile(join(folderOf, file), 'utf8')).matchAll(/\brefer\(['"](\w+)/g))
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
      expect(() => maker.release({})).toThrow(reader.MuntinError);
      const double = (n: number): number => n * 2;
      const reference = maker.byReference(double);
      expect(reader.byReference(double)).toBe(reference);
      expect(await reference(21)).toBe(42);
      expect(() => reader.release(reference)).not.toThrow();
      expect(() => reader.release(double)).toThrow(maker.MuntinError);
    },
  );
});
