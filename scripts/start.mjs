// From a fresh clone to the running demo: dependencies, build, server. What fits already is left alone. With `--develop`, its pages are
// served from their sources.
import { build } from './build.mjs';
import { run } from './run.mjs';
import { setup } from './setup.mjs';

const develop = process.argv.includes('--develop');
const serve = () =>
  develop ? run('npm', ['run', 'dev', '--workspace', '@quake-desk/shell']) : run('node', ['demo/serve/serve.mjs']);

await setup();
const built = await build();
process.exitCode = built.ok ? (await serve()).code : built.code;
