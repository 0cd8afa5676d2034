import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import type { Drivers } from './world.ts';

/** One mistake: in a file of `src/handshake/`, a piece of its text is another one. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Builds the real drivers with one mistake in them. Throws where the text to be replaced is not there exactly once. */
export async function mutate({ file, from, to }: Mutation): Promise<Drivers> {
  const outDir = await mkdtemp(join(tmpdir(), 'muntin-mutant-'));
  let times = 0;
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('./drivers.ts', import.meta.url)),
      outDir,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'drivers.mjs' } },
    },
    ssr: { noExternal: true },
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform(code, id) {
          if (!id.endsWith(`/src/handshake/${file}`)) return undefined;
          times = code.split(from).length - 1;
          return code.replace(from, to);
        },
      },
    ],
  });
  if (times !== 1) throw new Error(`${file} has ${JSON.stringify(from)} ${times} times: the mutation is out of date`);
  const drivers = (await import(pathToFileURL(join(outDir, 'drivers.mjs')).href)) as Drivers;
  await rm(outDir, { recursive: true });
  return drivers;
}
