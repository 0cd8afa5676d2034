import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every entry point that the installed packages have for applications, as they import it. */
export async function listEntries(folder: string): Promise<readonly string[]> {
  const installed = join(folder, 'node_modules', '@muntin');
  const found: string[] = [];
  for (const name of await readdir(installed)) {
    const { exports } = JSON.parse(await readFile(join(installed, name, 'package.json'), 'utf8'));
    for (const path of Object.keys(exports)) if (!path.endsWith('.json')) found.push(`@muntin/${name}${path.slice(1)}`);
  }
  return found;
}
