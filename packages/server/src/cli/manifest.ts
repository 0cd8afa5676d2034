import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { MuntinError } from '@muntin/core';
import { manifestOf, readManifest } from '@muntin/core/manifest';
import type { Output } from './cli.ts';

/** `muntin manifest`: writes the manifest of a guest, or checks that the one that is there is the one that would be written. */
export async function writeManifest(args: readonly string[], output: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      host: { type: 'string', multiple: true },
      name: { type: 'string' },
      export: { type: 'string' },
      with: { type: 'string' },
      check: { type: 'boolean' },
      out: { type: 'string' },
    },
  });
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0)
    throw new MuntinError(
      'INVALID_OPTION',
      `muntin manifest takes one module with a contract, and was given ${positionals.length}`,
    );
  if (values.check === true && values.out === undefined)
    throw new MuntinError('INVALID_OPTION', '--check needs --out: the file to compare with');
  const more: unknown = values.with === undefined ? {} : await readJson(values.with);
  const contract = await importContract(path, values.export);
  const manifest = readManifest({
    ...(more as object),
    ...manifestOf(contract),
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.url === undefined ? {} : { start_url: values.url }),
    ...(values.host === undefined ? {} : { hosts: values.host }),
  });
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  if (values.out === undefined) output.out(text.trimEnd());
  else if (values.check !== true) await writeFile(values.out, text);
  else if ((await readFile(values.out, 'utf8')) !== text) {
    output.error(`${values.out} is not what the contract says: write it again`);
    return 1;
  }
  return 0;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new MuntinError('INVALID_OPTION', `--with ${path} is not a file with JSON: ${String(cause)}`, { cause });
  }
}

interface Named {
  readonly name: string;
  readonly version: string;
}

function isContract(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'version' in value && 'guest' in value && 'host' in value;
}

/** The contract that a module exports: by name, or the only one. */
async function importContract(path: string, name: string | undefined): Promise<Named> {
  const exported = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  const found = Object.entries(exported).filter(([key, value]) => isContract(value) && (name ?? key) === key);
  const [, contract] = found[0] ?? [];
  if (found.length === 1 && isContract(contract)) return contract;
  const names = Object.keys(exported).join(', ');
  throw new MuntinError(
    'INVALID_OPTION',
    `${path} has ${found.length} contracts${name === undefined ? '' : ` named ${name}`} (it exports ${names}): say which with --export`,
  );
}
