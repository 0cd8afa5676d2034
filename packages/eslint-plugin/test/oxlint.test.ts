import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const oxlint = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint');
const plugin = fileURLToPath(new URL('../dist/index.js', import.meta.url));

const careless = `
addEventListener('message', (event) => {
  if (event.origin.startsWith('http://localhost:3000') || event.origin === 'null') use(event.data);
});
parent.postMessage('hello', '*');
`;
// As TypeScript has it: what is around an expression there changes nothing of its value.
const typed = `
addEventListener('message', ((event: MessageEvent) => {
  if ((event.origin as string).startsWith('http://localhost:3000') || event.origin! === ('null' satisfies string)) use(event.data);
}) as EventListener);
parent.postMessage('hello', '*' as const);
`;
const careful = `
addEventListener('message', (event) => {
  if (event.origin !== 'https://app.example' || event.source !== parent) return;
  use(event.data);
});
parent.postMessage('hello', 'https://app.example');
`;

/** The rules that oxlint reports, with the plug-in as it is published. */
async function lint(page: string, file = 'page.js'): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'oxlint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const names = ['checked-message', 'exact-origin', 'no-null-origin', 'no-wildcard-target'];
  const rules = Object.fromEntries(names.map((name) => [`muntin/${name}`, 'error']));
  const config = join(folder, '.oxlintrc.json');
  writeFileSync(config, JSON.stringify({ jsPlugins: [plugin], categories: { correctness: 'off' }, rules }));
  writeFileSync(join(folder, file), page);
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, '-c', config, '--format', 'json', folder], (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code).sort();
}

it('reports through oxlint too', { timeout: 60_000 }, async () => {
  expect(await lint(careless)).toEqual(
    ['checked-message', 'exact-origin', 'no-null-origin', 'no-wildcard-target'].map((name) => `muntin(${name})`),
  );
  expect(await lint(typed, 'page.ts')).toEqual(
    ['checked-message', 'exact-origin', 'no-null-origin', 'no-wildcard-target'].map((name) => `muntin(${name})`),
  );
});

it('has nothing to say of code that pins both sides', { timeout: 60_000 }, async () => {
  expect(await lint(careful)).toEqual([]);
});
