// Builds every package, demo and fixture, each after what it depends on.
import { isMain, run } from './run.mjs';

/** @param {{ quiet?: boolean }} [options] */
export const build = (options) => run('turbo', ['run', 'build', '--output-logs=errors-only'], options);

if (isMain(import.meta.url)) process.exitCode = (await build()).code;
