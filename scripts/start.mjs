// From a fresh clone to the running demo: dependencies, build, server. What fits already is left alone.
import { build } from './build.mjs';
import { run } from './run.mjs';
import { setup } from './setup.mjs';

await setup();
const built = await build();
process.exitCode = built.ok ? (await run('node', ['demo/serve/serve.mjs'])).code : built.code;
