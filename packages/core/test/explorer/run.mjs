// Runs `run.ts`, which is TypeScript, against the sources.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const path = fileURLToPath(new URL("./run.ts", import.meta.url));
const { module } = await runnerImport(path, {
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: ['@muntin/source'] },
});
await module.main(process.argv.slice(2));
