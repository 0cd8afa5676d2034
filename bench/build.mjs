// Builds the pages: one host and one guest for each system, each a single script, as Vite builds for production.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { cases } from './cases.mjs';

const folder = import.meta.dirname;
export const dist = join(folder, 'dist');

/** The systems, in alphabetical order; each has a folder. */
export const systems = readdirSync(join(folder, 'systems'));

/** What pages of some cases have more than the others, and load with everything else. */
const variants = Object.values(cases).flatMap((each) => ('variant' in each ? [each.variant.name] : []));

/** @param {string} system @returns {string} where its sources are */
const folderOf = (system) => join(folder, 'systems', system === against ? 'muntin' : system);

/** @param {string} system @param {string} variant @returns {boolean} */
export const hasVariant = (system, variant) => existsSync(join(folderOf(system), `${variant}-host.ts`));

/** Muntin as another checkout of this repository has built it, for comparison; see `--against`. */
export const against = 'against';

/**
 * @param {string} root of that checkout
 * @returns {Record<string, string>} where its packages are
 */
const packagesOf = (root) => ({
  '@muntin/core/internal': join(root, 'packages/core/dist/internal.js'),
  '@muntin/core/superjson': join(root, 'packages/core/dist/codec/superjson.js'),
  '@muntin/core': join(root, 'packages/core/dist/index.js'),
  '@muntin/host': join(root, 'packages/host/dist/index.js'),
  '@muntin/guest': join(root, 'packages/guest/dist/index.js'),
});

/**
 * @param {string} entry a script
 * @param {string} outDir
 * @param {string} name of the file that is built
 * @param {{ minify?: boolean, alias?: Record<string, string> }} [options] without `minify`, names stay as they are in the source
 */
export function buildScript(entry, outDir, name, { minify = true, alias = {} } = {}) {
  return build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    resolve: { alias },
    build: {
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      minify,
      rolldownOptions: {
        input: { [name]: entry },
        output: { entryFileNames: '[name].js', chunkFileNames: `${name}-[hash].js` },
      },
    },
  });
}

/**
 * @param {readonly string[]} names the systems to build
 * @param {{ minify?: boolean, root?: string | undefined }} [options] root: of the checkout that the system `against` is built from
 */
export async function buildPages(names, { minify = true, root } = {}) {
  rmSync(join(dist, 'pages'), { recursive: true, force: true });
  for (const name of names) {
    const own = variants.filter((variant) => hasVariant(name, variant));
    for (const page of ['', ...own.map((variant) => `${variant}-`)].flatMap((kind) => [`${kind}host`, `${kind}guest`]))
      await buildScript(join(folderOf(name), `${page}.ts`), join(dist, 'pages', name), page, {
        minify,
        alias: name === against && root !== undefined ? packagesOf(root) : {},
      });
  }
}
