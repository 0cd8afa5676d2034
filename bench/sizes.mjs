// What a page pays for a system: the smallest host and guest that make one call, built as for production.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { buildScript, dist } from './build.mjs';

/** @typedef {{ min: number, gzip: number, brotli: number }} Size in bytes */

/**
 * @param {readonly string[]} systems
 * @returns {Promise<Record<string, { host: Size, guest: Size }>>}
 */
export async function measureSizes(systems) {
  console.log('Sizes');
  rmSync(join(dist, 'minimal'), { recursive: true, force: true });
  /** @type {Record<string, { host: Size, guest: Size }>} */
  const sizes = {};
  for (const system of systems)
    sizes[system] = { host: await sizeOf(system, 'host'), guest: await sizeOf(system, 'guest') };
  return sizes;
}

/** @param {string} system @param {string} page @returns {Promise<Size>} */
async function sizeOf(system, page) {
  const entry = join(import.meta.dirname, 'minimal', system, `${page}.ts`);
  const built = await buildScript(entry, join(dist, 'minimal', system), page);
  if (!('output' in built)) throw new Error('Vite has built something else than a script');
  const chunks = new Map(built.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])));
  // What is imported only when it is used is not paid for at the start.
  const needed = new Set([`${page}.js`]);
  for (const name of needed) for (const more of chunks.get(name)?.imports ?? []) needed.add(more);
  const scripts = [...needed].map((name) => Buffer.from(chunks.get(name)?.code ?? ''));
  const sum = (/** @type {(script: Buffer) => number} */ measure) =>
    scripts.reduce((total, script) => total + measure(script), 0);
  return {
    min: sum((script) => script.length),
    gzip: sum((script) => gzipSync(script, { level: 9 }).length),
    brotli: sum((script) => brotliCompressSync(script).length),
  };
}
