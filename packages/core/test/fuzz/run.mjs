// Builds `run.ts`, which is TypeScript, from the sources, and runs it with the options it was given.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const from = fileURLToPath(new URL('./run.ts', import.meta.url));
const outDir = fileURLToPath(new URL('../../node_modules/.cache/fuzz', import.meta.url));
await build({
  configFile: false,
  logLevel: 'error',
  build: { ssr: from, outDir, minify: false, target: 'node20', emptyOutDir: true },
});
const { main } = await import(pathToFileURL(`${outDir}/run.js`).href);
await main(process.argv.slice(2));
