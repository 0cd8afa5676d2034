// What a page downloads before it can call: an entry that makes its own contract, and all that it imports statically, as a bundler ships it
// (esbuild, minified, brotli; what is loaded on use is not counted). Fails where an entry is over its limit in `.size-entries.json`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './run.mjs';

/** @typedef {{ name: string, contract: string, code: string, limit: number, goal: number }} Entry */

/** @type {{ contracts: Record<string, string>, entries: Entry[] }} */
const { contracts, entries } = JSON.parse(readFileSync(join(root, '.size-entries.json'), 'utf8'));

/** @param {string} code @returns {Promise<number>} bytes */
async function measure(code) {
  const outdir = mkdtempSync(join(tmpdir(), 'muntin-size-'));
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir,
    write: false,
    metafile: true,
    conditions: ['production', 'es2015'], // the second: RxJS without tslib
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  rmSync(outdir, { recursive: true });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const chunks = new Set(['stdin.js']);
  // What is added to a set while it is walked is walked, too.
  for (const chunk of chunks)
    for (const { kind, path } of outputs.get(chunk)?.imports ?? [])
      if (kind === 'import-statement') chunks.add(basename(path));
  const loaded = outputFiles.filter(({ path }) => chunks.has(basename(path)));
  return loaded.reduce((bytes, { contents }) => bytes + brotliCompressSync(contents).length, 0);
}

for (const { name, contract, code, limit, goal } of entries) {
  const bytes = await measure(`${contracts[contract] ?? ''}\n${code}`);
  const isOver = bytes > limit;
  console.log(`${isOver ? 'OVER' : 'ok'} ${name}: ${bytes} bytes (limit ${limit}, goal ${goal})`);
  if (isOver) process.exitCode = 1;
}
