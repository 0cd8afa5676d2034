// Writes packages/guest/dist/one-file: the guest SDK in one file each, for pages that no bundler makes. It has all that `@muntin/core`, `@muntin/guest`
// and `@muntin/guest/size` export, so that an import map leads all three to it, and with it RxJS. `integrity.json` has the hashes that pages name.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './run.mjs';

const contents = ['core', 'guest', 'guest/size'].map((entry) => `export * from '@muntin/${entry}';`).join('\n');

/** @type {readonly { name: string, format: 'esm' | 'iife', condition: 'production' | 'development' }[]} */
const files = [
  { name: 'muntin-guest.js', format: 'esm', condition: 'production' },
  { name: 'muntin-guest.iife.js', format: 'iife', condition: 'production' },
  { name: 'muntin-guest.dev.js', format: 'esm', condition: 'development' },
];

const to = join(root, 'packages', 'guest', 'dist', 'one-file');

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
/** @type {Record<string, string>} */
const integrity = {};
for (const { name, format, condition } of files) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, 'packages', 'guest') },
    bundle: true,
    minify: condition === 'production',
    format,
    ...(format === 'iife' ? { globalName: 'Muntin' } : {}),
    platform: 'browser',
    target: 'es2022',
    write: false,
    legalComments: 'inline',
    conditions: [condition, 'es2015'], // the second: RxJS without tslib
    define: { 'process.env.NODE_ENV': JSON.stringify(condition) },
    // A script that is no module has no address: nothing of it is loaded later, so none is asked for.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  for (const { contents: bytes } of outputFiles) {
    writeFileSync(join(to, name), bytes);
    integrity[name] = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
  }
}
writeFileSync(join(to, 'integrity.json'), `${JSON.stringify(integrity, null, 2)}\n`);
