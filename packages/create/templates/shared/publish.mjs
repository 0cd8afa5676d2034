// Writes what the servers of both pages need beside their files: response headers, and the guest's manifest.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { manifestOf, manifestPath, readManifest } from '@muntin/core/manifest';
import { headers } from '@muntin/server';
import { runnerImport } from 'vite';

const { production: host, csp, guests } = JSON.parse(await readFile('sites.json', 'utf8'));
const { production: guest, csp: guestCsp } = guests.counter;
const { module } = await runnerImport('./contract.ts');

const manifest = readManifest({ ...manifestOf(module.counter), start_url: `${guest}/`, hosts: [host] });
await mkdir('dist/guest/.well-known', { recursive: true });
await writeFile(`dist/guest${manifestPath}`, `${JSON.stringify(manifest, undefined, 2)}\n`);

const lines = (page) => Object.entries(headers(page)).map(([name, value]) => `  ${name}: ${value}\n`);
await writeFile('dist/host/_headers', `/*\n${lines({ role: 'host', guests: [guest], csp }).join('')}`);
await writeFile('dist/guest/_headers', `/*\n${lines({ hosts: [host], csp: guestCsp }).join('')}`);
