import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '..');

it('custom-elements.json is what the sources say: npm run manifest writes it', { timeout: 60_000 }, async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'muntin-manifest-'));
  await promisify(execFile)('npm', ['run', '--silent', 'manifest', '--', '--outdir', relative(folder, outdir)], {
    cwd: folder,
  });
  const [made, kept] = await Promise.all(
    [outdir, folder].map(
      async (at): Promise<unknown> => JSON.parse(await readFile(join(at, 'custom-elements.json'), 'utf8')),
    ),
  );
  await rm(outdir, { recursive: true });
  expect(kept).toEqual(made);
  expect(kept).toMatchObject({ modules: expect.arrayContaining([expect.objectContaining({ path: 'src/index.ts' })]) });
});
