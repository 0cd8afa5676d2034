import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { oldPages } from './pages.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const outDir = here('../../node_modules/.cache/old-pages');
const run = promisify(execFile);

/** What a session in such a page leads to. Fails where anything is thrown that nobody catches. */
async function play(name: string, when: 'before' | 'after'): Promise<string> {
  return (await run(process.execPath, [`${outDir}/run.js`, name, when])).stdout;
}

describe('a whole session', () => {
  let expected = '';

  beforeAll(async () => {
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { vitest: here('./no-runner.ts') } },
      build: { ssr: here('./run.ts'), outDir, minify: false, target: 'node20', emptyOutDir: true },
    });
    expected = await play('untouched', 'after');
  }, 60_000);

  it.each(Object.keys(oldPages))(
    'is what it is elsewhere in a page with %s',
    async (name) => {
      expect(await play(name, 'after')).toBe(expected);
    },
    30_000,
  );

  it.each(Object.keys(oldPages))(
    'is what it is elsewhere where it is loaded into a page with %s',
    async (name) => {
      const seen = await play(name, 'before');
      // Why something cannot be cloned is found by cloning: there it is said with less.
      const withoutReasons = (text: string): string =>
        text.replaceAll(/'?"?VALUE_NOT_CLONEABLE: [^\n]*/g, 'VALUE_NOT_CLONEABLE');
      expect(withoutReasons(seen)).toBe(withoutReasons(expected));
    },
    30_000,
  );
});
