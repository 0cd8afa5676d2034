import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly bugs?: string;
  readonly license?: string;
  readonly files?: readonly string[];
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly engines?: { readonly node?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

const read = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

const whole = read('.');
const folders = readdirSync(join(root, 'packages'))
  .map((name) => `packages/${name}`)
  .filter((folder) => existsSync(join(root, folder, 'package.json')) && read(folder).private !== true);

it('there are packages to look at', () => {
  expect(folders.length).toBeGreaterThan(6);
});

describe.each(folders)('what npm shows of %s', (folder) => {
  const own = read(folder);

  it('leads to one site, one repository and one list of issues', () => {
    expect(own.homepage).toBe(whole.homepage);
    expect(own.bugs).toBe(whole.bugs);
    expect(own.repository).toEqual({ ...whole.repository, directory: folder });
    expect(own.license).toBe(whole.license);
    expect(own.engines?.node).toMatch(/^>=20(\.\d+)?$/);
    expect(own.publishConfig).toEqual({ access: 'public', provenance: true });
  });

  it('says what it is', () => {
    expect(own.description).toMatch(/^[A-Z<].{30,200}\.$/);
    expect(own.keywords).toContain('muntin');
    expect(own.keywords?.length).toBeGreaterThan(3);
  });

  it('is published with its code, its licence and a README that says how it is installed', () => {
    expect(own.files).toContain('dist');
    expect(existsSync(join(root, folder, 'LICENSE'))).toBe(true);
    const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
    expect(readme.startsWith(`# ${own.name}\n`)).toBe(true);
    expect(readme).toMatch(
      own.name === 'create-muntin' ? /npm create muntin/ : new RegExp(`npm install .*${own.name}`),
    );
    expect(readme).toMatch(/^```(?:ts|tsx|js|sh)$/m);
    expect(readme).toMatch(/MIT licence\.\n$/);
    expect(readme).toContain('../../README.md');
  });

  it('names no place outside of itself', () => {
    expect(readFileSync(join(root, folder, 'package.json'), 'utf8')).not.toMatch(/"\.\.\/|\/tmp\//);
  });
});
