import { createServer, runnerImport } from 'vite';
import { fileURLToPath } from 'node:url';
const r = await runnerImport(fileURLToPath(new URL('./probe.ts', import.meta.url)), { configFile:false, resolve:{conditions:['@muntin/source']}, logLevel:'error' });
r.module.main(process.argv.slice(2));
