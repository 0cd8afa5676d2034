// What a page downloads before it can call: an entry that makes its own contract, and all that it imports statically, as a bundler ships it
// (esbuild, and Vite; minified, brotli; what is loaded later is counted for itself). Beside it, what each import adds, and what others cost, measured the
// same way. Fails where an entry is over its limit in `.size-entries.json`; with `--write` the README and the guide get their tables.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { build as buildWithVite } from 'vite';
import { root } from './run.mjs';

/**
 * `goal`: the ceiling that is wanted; `limit`: just above what is reached, so that growth is noticed.
 * @typedef {{ name: string, contract: string, code: string, limit: number, goal: number }} Entry
 */
/**
 * What an import adds to an entry, or what another entry has beyond it; with the limit of what was promised, where something was.
 * @typedef {{ name: string, on: string, code?: string, as?: string, limit?: number }} Import
 */

/** @type {{ contracts: Record<string, string>, entries: Entry[], peers: { name: string, code: string }[], imports: Import[] }} */
const { contracts, entries, peers, imports } = JSON.parse(readFileSync(join(root, '.size-entries.json'), 'utf8'));

/** @typedef {{ atOnce: number, later: number }} Bytes what a page loads before its script runs, and what the script imports when it runs */

/** @param {string} code @returns {Promise<Bytes>} */
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
  const bytes = { atOnce: 0, later: 0 };
  for (const { path, contents } of outputFiles)
    bytes[chunks.has(basename(path)) ? 'atOnce' : 'later'] += brotliCompressSync(contents).length;
  return bytes;
}

/**
 * The same, as an app with Vite ships it: the chunk of the entry keeps what later chunks share with it.
 * @param {string} code @returns {Promise<number>} what is loaded at once
 */
async function measureWithVite(code) {
  const entry = 'virtual:entry';
  const result = await buildWithVite({
    root,
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['production', 'es2015', 'module', 'browser'] },
    plugins: [
      { name: 'entry', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) },
    ],
    build: { write: false, target: 'es2022', modulePreload: { polyfill: false }, rolldownOptions: { input: entry } },
  });
  if (!('output' in result)) throw new Error('Vite has built something else');
  const chunks = new Map(result.output.flatMap((each) => (each.type === 'chunk' ? [[each.fileName, each]] : [])));
  const first = new Set([...chunks.values()].filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  // What is added to a set while it is walked is walked, too.
  for (const name of first) for (const next of chunks.get(name)?.imports ?? []) first.add(next);
  return [...first].reduce((sum, name) => sum + brotliCompressSync(chunks.get(name)?.code ?? '').length, 0);
}

/** @param {string} name @returns {string} an entry's code, with its contract */
function codeOf(name) {
  const entry = entries.find((each) => each.name === name);
  if (entry === undefined) throw new Error(`.size-entries.json has no entry ${name}`);
  return `${contracts[entry.contract] ?? ''}\n${entry.code}`;
}

const thousands = new Intl.NumberFormat('en');
/** @param {number} bytes */
const show = (bytes) => thousands.format(bytes);

/** @type {Map<string, Bytes>} */
const sizes = new Map();
for (const { name, limit, goal } of entries) {
  const measured = await measure(codeOf(name));
  sizes.set(name, measured);
  const bytes = measured.atOnce;
  const isOver = bytes > limit;
  console.log(`${isOver ? 'OVER' : 'ok'} ${name}: ${show(bytes)} bytes (limit ${show(limit)}, ceiling ${show(goal)})`);
  if (isOver) process.exitCode = 1;
}

/** @type {[name: string, bytes: number][]} */
const others = [];
for (const { name, code } of peers) others.push([name, (await measure(code)).atOnce]);
for (const [name, bytes] of others) console.log(`   ${name}: ${show(bytes)} bytes`);

/** @type {Map<string, number>} */
const withVite = new Map();
for (const { name } of entries) withVite.set(name, await measureWithVite(codeOf(name)));
for (const { name, code } of peers) withVite.set(name, await measureWithVite(code));
for (const [name, bytes] of withVite) console.log(`   with Vite, ${name}: ${show(bytes)} bytes`);

/** Less than that is how well the same chunks are compressed beside others. */
const leastLater = 50;
/** @type {[name: string, bytes: number, later: string][]} */
const added = [];
for (const { name, on, code = '', as, limit = Infinity } of imports) {
  const whole = await measure(as === undefined ? `${codeOf(on)}\n${code}` : codeOf(as));
  const base = sizes.get(on) ?? { atOnce: 0, later: 0 };
  const bytes = whole.atOnce - base.atOnce;
  const laterBytes = whole.later - base.later;
  const later = laterBytes < leastLater ? '' : show(laterBytes);
  added.push([name, bytes, later]);
  const isOver = bytes > limit;
  console.log(
    `${isOver ? 'OVER' : limit === Infinity ? '  ' : 'ok'} ${name} adds ${show(bytes)} bytes${limit === Infinity ? '' : ` (limit ${show(limit)})`}${later && `, and ${later} later`}`,
  );
  if (isOver) process.exitCode = 1;
}

if (process.argv.includes('--write')) {
  /** @param {readonly (readonly string[])[]} rows */
  const table = (rows) => rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
  /** @param {string} file @param {string} text what stands between its two marks */
  const write = (file, text) => {
    const path = join(root, file);
    const page = readFileSync(path, 'utf8');
    const made = page.replace(
      /(<!-- sizes: [^>]*-->).*(<!-- \/sizes -->)/s,
      (_, begin, end) => `${begin}\n\n${text}\n\n${end}`,
    );
    if (!made.includes(text)) throw new Error(`${file} has no <!-- sizes: … --> … <!-- /sizes -->`);
    writeFileSync(path, made);
    execFileSync('npx', ['biome', 'check', '--write', path], { stdio: 'inherit' });
  };
  write(
    'README.md',
    table([
      ['what a page downloads at once, in bytes', 'with Vite', 'with esbuild', 'ceiling'],
      ['---', '--:', '--:', '--:'],
      ...[
        ...entries.map(({ name, goal }) => ({ name, bytes: sizes.get(name)?.atOnce ?? 0, goal: show(goal) })),
        ...others.map(([name, bytes]) => ({ name, bytes, goal: '' })),
      ].map(({ name, bytes, goal }) => [name, show(withVite.get(name) ?? 0), show(bytes), goal]),
    ]),
  );
  write(
    'docs/guide/bundle-size.md',
    table([
      ['import', 'adds', 'loads later'],
      ['---', '--:', '--:'],
      ...added.map(([name, bytes, later]) => [name, show(bytes), later]),
    ]),
  );
}
