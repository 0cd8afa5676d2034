import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';
import { muntin } from '@muntin/vite';
import { createServer } from 'vite';
import { expect, test } from './fixtures/engine.ts';

const page =
  '<!doctype html><meta charset="utf-8" /><link rel="icon" href="/icon.svg" /><script type="module" src="/main.ts"></script><main></main>';
const files = {
  'contract.ts': `import { contract, observable, query } from '@muntin/core';
export const ticker = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  guest: { quote: query<void, string>(), counts: observable<void, number>() },
});`,
  'host/index.html': page,
  'host/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'host/main.ts': `import { mount } from '@muntin/host';
import { guests } from 'virtual:muntin/origins';
import { ticker } from '../contract.ts';
const widget = mount(ticker, { url: guests.ticker + '/', into: document.body, title: 'Ticker' });
const states: string[] = [];
widget.state$.subscribe(({ name }) => states.push(name));
let last = -1;
widget.guest.counts().subscribe((count) => (last = count));
Object.assign(globalThis, {
  ask: () => widget.guest.quote(),
  see: () => ({ states, last }),
});`,
  'guest/index.html': page,
  'guest/style.css': 'main { color: rgb(1, 2, 3); }',
  'guest/main.ts': `import { expose } from '@muntin/guest';
import { host } from 'virtual:muntin/origins';
import { interval } from 'rxjs';
import { ticker } from '../contract.ts';
import { answer } from './answer.ts';
import './style.css';
expose(ticker, { hosts: [host], handlers: { quote: () => answer, counts: () => interval(20) } });`,
  'guest/answer.ts': "export const answer = 'first';",
};

async function findPort(): Promise<number> {
  const server = createTcpServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Two folders with a page each, inside the repository, where its packages are found. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(import.meta.dirname, '.vite-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

test('a guest is edited while its session lives, under the policies of production', async ({ driver }) => {
  test.slow(); // Vite prepares RxJS for both pages first.
  const folder = await makeFolder();
  const origin = `http://localhost:${await findPort()}`;
  const options = { origin, guests: { ticker: { root: '../guest', origin: `http://127.0.0.1:${await findPort()}` } } };
  const server = await createServer({
    root: join(folder, 'host'),
    configFile: false,
    logLevel: 'error',
    plugins: [muntin(options)],
  });
  try {
    await server.listen();
    await driver.goto(`${origin}/`);
    const ask = (): Promise<string> =>
      driver.evaluate(() => (globalThis as unknown as { ask(): Promise<string> }).ask());
    const see = (): Promise<{ states: string[]; last: number }> =>
      driver.evaluate(() => (globalThis as unknown as { see(): { states: string[]; last: number } }).see());
    await expect.poll(() => driver.evaluate(() => 'ask' in globalThis)).toBe(true);
    expect(await ask()).toBe('first');
    await expect.poll(async () => (await see()).last).toBeGreaterThan(3);
    const before = await see();
    // A style, which Vite puts into the page by itself, is there under the policy.
    expect(
      await driver.frameEvaluate(
        'iframe',
        () => getComputedStyle(document.querySelector('main') ?? document.body).color,
      ),
    ).toBe('rgb(1, 2, 3)');

    await writeFile(join(folder, 'guest', 'answer.ts'), "export const answer = 'second';");
    await expect.poll(ask).toBe('second');
    const main = join(folder, 'guest', 'main.ts');
    await writeFile(main, (await readFile(main, 'utf8')).replace('() => answer', '() => `${answer} of main`'));
    await expect.poll(ask).toBe('second of main');

    const after = await see();
    // No state since: it is the same session, and the stream that ran has counted on in it.
    expect(after.states).toEqual(before.states);
    await expect.poll(async () => (await see()).last).toBeGreaterThan(after.last);
    expect(driver.complaints).toEqual([]);
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
