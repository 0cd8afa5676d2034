import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { type Plugin, transformWithOxc } from 'vite';

interface Attack {
  readonly attacker?: string;
  readonly does: string;
}

const suites = join(import.meta.dirname, '..', '..', 'e2e');
const files = ['attacks.spec.ts', 'attacks-port.spec.ts', 'attacks-lanes.spec.ts'].map((name) => join(suites, name));

/** Makes `virtual:attacks` from the test suite: the list that the page shows is the list that is played. */
export function attacksPlugin(): Plugin {
  const id = 'virtual:attacks';
  return {
    name: 'quake-desk:attacks',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    async load(resolved) {
      if (resolved !== `\0${id}`) return null;
      for (const file of files) this.addWatchFile(file);
      return `export default ${JSON.stringify(await readAttacks())};`;
    },
  };
}

/** In the order of the files; each as the title of its test has it. */
async function readAttacks(): Promise<readonly Required<Attack>[]> {
  const lists = await Promise.all(files.map(readList));
  return lists.flat().map(({ attacker = 'guest', does }) => ({
    attacker: `${/^[aeiou]/.test(attacker) ? 'An' : 'A'} ${attacker}`,
    does,
  }));
}

/** The list is made by what stands above its end in the file: that is run, and nothing of the tests below. */
async function readList(file: string): Promise<readonly Attack[]> {
  const source = await readFile(file, 'utf8');
  const end = source.indexOf('\n];\n', source.indexOf('\nconst attacks: '));
  const above = source.slice(0, end + 4).replace(/^import .*;$/gm, '');
  const { code } = await transformWithOxc(above, file);
  const attacks: unknown = runInNewContext(`${code}\nattacks;`);
  if (!isList(attacks) || attacks.length === 0) throw new Error(`${file} has no list of attacks`);
  return attacks;
}

function isList(value: unknown): value is readonly Attack[] {
  return Array.isArray(value) && value.every((attack) => typeof attack.does === 'string');
}
