import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { build, createLogger, createServer, preview, type ViteDevServer } from 'vite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type MuntinOptions, muntin, muntinGuest } from '../src/index.ts';
import { findPort, makeFolder } from './sites.ts';

const page = '<!doctype html><title>page</title><script type="module" src="/main.ts"></script>';
const hostFiles = {
  'host/index.html': page,
  'host/main.ts': "import { guests } from 'virtual:muntin/origins'; document.title = guests.ticker;",
};
const guestFiles = {
  'guest/index.html': page,
  'guest/main.ts': `import { expose as serve } from '@muntin/guest';
import { host } from 'virtual:muntin/origins';
import { ticker } from './contract.ts';
export const shell = serve(ticker, { hosts: [host], handlers: { quote: ({ symbol }) => symbol.length } });`,
  'guest/contract.ts': "export { ticker } from '../contract.ts';",
  'contract.ts': `import { contract, query } from '@muntin/core';
export const ticker = contract({ name: 'acme/ticker', version: '1.0.0', guest: { quote: query() } });`,
  'guest/other.ts': "import { standIn } from '@muntin/guest/standalone'; export const made = standIn;",
};

async function makeOptions(): Promise<MuntinOptions> {
  return {
    origin: `http://localhost:${await findPort()}`,
    production: 'https://shell.example',
    guests: {
      ticker: {
        root: '../guest',
        origin: `http://127.0.0.1:${await findPort()}`,
        production: 'https://ticker.example',
        csp: { connect: ['https://prices.example'] },
      },
    },
  };
}

async function serve(folder: string, options: MuntinOptions): Promise<{ server: ViteDevServer; said: string[] }> {
  const said: string[] = [];
  const customLogger = createLogger('info');
  for (const kind of ['info', 'error'] as const) customLogger[kind] = (text) => void said.push(text);
  const server = await createServer({
    root: join(folder, 'host'),
    configFile: false,
    customLogger,
    plugins: [muntin(options)],
    optimizeDeps: { noDiscovery: true },
  });
  onTestFinished(() => server.close());
  await server.listen();
  await fetch(`${options.origin}/`); // waits for the guests
  return { server, said };
}

const originOf = (options: MuntinOptions): string => options.guests['ticker']?.origin ?? '';

describe('while one develops', () => {
  it('serves host and guest on their origins, with the headers that each has in production', async () => {
    const options = await makeOptions();
    const { said } = await serve(await makeFolder({ ...hostFiles, ...guestFiles }), options);
    const host = await fetch(`${options.origin}/`);
    const guest = await fetch(`${originOf(options)}/`);
    expect([host.status, guest.status]).toEqual([200, 200]);
    expect(said.join()).toContain(`ticker: ${originOf(options)}/`);
    const policies = [host, guest].map(({ headers }) => headers.get('Content-Security-Policy') ?? '');
    expect(policies[0]).toContain(`frame-src ${originOf(options)};`);
    expect(policies[0]).toContain("frame-ancestors 'none';");
    expect(policies[1]).toContain(`frame-ancestors ${options.origin};`);
    expect(policies[1]).toContain('https://prices.example');
    for (const [index, answer] of [host, guest].entries()) {
      expect(policies[index]).not.toContain('unsafe-inline');
      expect(answer.headers.get('Origin-Agent-Cluster')).toBe('?1');
      // What Vite puts into the page may run, by this nonce, and by nothing else.
      const nonce = /nonce="([^"]+)"/.exec(await answer.text())?.[1] ?? 'none';
      expect(policies[index]).toContain(`script-src 'self' 'nonce-${nonce}'`);
      expect(answer.headers.has('Access-Control-Allow-Origin')).toBe(false);
    }
  });

  it('lets each page import the origins of development', async () => {
    const options = await makeOptions();
    await serve(await makeFolder({ ...hostFiles, ...guestFiles }), options);
    for (const origin of [options.origin, originOf(options)]) {
      const text = await (await fetch(`${origin}/@id/__x00__virtual:muntin/origins`)).text();
      expect(text).toContain(`host = "${options.origin}"`);
      expect(text).toContain(`{"ticker":"${originOf(options)}"}`);
    }
  });

  it('makes the module that calls expose one that is replaced while it runs, under the name that it has there', async () => {
    const options = await makeOptions();
    await serve(await makeFolder({ ...hostFiles, ...guestFiles }), options);
    const main = await (await fetch(`${originOf(options)}/main.ts`)).text();
    expect(main.match(/const serve = __muntin\.follow\(/g)).toHaveLength(1);
    expect(main).toContain('import.meta.hot.accept(__muntin.replaced)');
    expect((await fetch(`${originOf(options)}/other.ts`)).status).toBe(200);
    expect(await (await fetch(`${originOf(options)}/other.ts`)).text()).not.toContain('__muntin');
    const hot = /from "([^"]*hot\.ts[^"]*)"/.exec(main)?.[1] ?? 'none';
    expect((await fetch(`${originOf(options)}${hot}`)).status).toBe(200);
  });

  it('does so once where the configuration of the guest has the plugin, too', async () => {
    const options = await makeOptions();
    const folder = await makeFolder(guestFiles);
    const server = await createServer({
      root: join(folder, 'guest'),
      configFile: false,
      logLevel: 'silent',
      plugins: [muntinGuest('ticker', options), muntinGuest('ticker', options)],
      optimizeDeps: { noDiscovery: true },
    });
    onTestFinished(() => server.close());
    const { code = '' } = (await server.transformRequest('/main.ts')) ?? {};
    expect(code.match(/__muntin_follow\(/g)).toHaveLength(1);
  });

  it('says which guest has no server when its port is taken, and serves the host', async () => {
    const options = await makeOptions();
    const taken = createTcpServer().listen(Number(new URL(originOf(options)).port), '127.0.0.1');
    onTestFinished(() => void taken.close());
    const { said } = await serve(await makeFolder({ ...hostFiles, ...guestFiles }), options);
    expect((await fetch(`${options.origin}/`)).status).toBe(200);
    expect(said.join()).toContain(`The guest ticker is not served on ${originOf(options)}: Port`);
  });

  it('ends the servers of the guests with that of the host', async () => {
    const options = await makeOptions();
    const { server } = await serve(await makeFolder({ ...hostFiles, ...guestFiles }), options);
    expect((await fetch(originOf(options))).status).toBe(200);
    await server.close();
    await expect(fetch(originOf(options))).rejects.toThrow('fetch failed');
  });
});

it('a build has the origins of production, and nothing that only serves development', async () => {
  const options = await makeOptions();
  const folder = await makeFolder({ ...hostFiles, ...guestFiles });
  const texts: string[] = [];
  for (const [name, plugin] of [
    ['host', muntin(options)],
    ['guest', muntinGuest('ticker', options)],
  ] as const) {
    const made = await build({
      root: join(folder, name),
      configFile: false,
      logLevel: 'error',
      plugins: [plugin],
      build: { write: false, minify: false, rolldownOptions: { external: /^(@muntin|rxjs)/ } },
    });
    if (Array.isArray(made) || !('output' in made)) throw new Error('there is no output');
    texts.push(made.output.map((part) => ('code' in part ? part.code : String(part.source))).join('\n'));
  }
  expect(texts[0]).toContain('https://ticker.example');
  expect(texts[1]).toContain('https://shell.example');
  expect(texts.join()).not.toMatch(/localhost|127\.0\.0\.1|__muntin|nonce=/);
});

it('a preview of a build has the policies of the origins that were built in', async () => {
  const options = await makeOptions();
  const folder = await makeFolder({ 'host/dist/index.html': page, 'guest/dist/index.html': page });
  const policies: string[] = [];
  for (const [name, plugin, origin] of [
    ['host', muntin(options), options.origin],
    ['guest', muntinGuest('ticker', options), originOf(options)],
  ] as const) {
    const server = await preview({
      root: join(folder, name),
      configFile: false,
      logLevel: 'silent',
      plugins: [plugin],
    });
    onTestFinished(() => server.close());
    policies.push((await fetch(`${origin}/`)).headers.get('Content-Security-Policy') ?? '');
  }
  expect(policies[0]).toContain('frame-src https://ticker.example;');
  expect(policies[1]).toContain('frame-ancestors https://shell.example;');
  for (const policy of policies) expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policies.join()).not.toMatch(/localhost|127\.0\.0\.1|nonce|ws:/);
});

it('a host that opens windows, and a guest that is one, keep hold of each other', async () => {
  const { guests, ...others } = await makeOptions();
  const { ticker } = guests;
  if (ticker === undefined) throw new Error('there is no guest');
  const options = { ...others, popups: true, guests: { ticker: { ...ticker, popups: true } } };
  await serve(await makeFolder({ ...hostFiles, ...guestFiles }), options);
  const opener = async (origin = ''): Promise<string | null> =>
    (await fetch(`${origin}/`)).headers.get('Cross-Origin-Opener-Policy');
  expect(await opener(options.origin)).toBe('same-origin-allow-popups');
  expect(await opener(ticker.origin)).toBe('unsafe-none');
});

describe('a wrong option is named, with its value and the remedy', () => {
  const ticker = { root: '../guest', origin: 'http://127.0.0.1:5174' };
  it.each([
    [{ guests: {} }, 'guests is {}: give at least one'],
    [
      { guests: { ticker: { ...ticker, origin: 'http://127.0.0.1:5174/' } } },
      'guests.ticker.origin is "http://127.0.0.1:5174/": give an exact',
    ],
    [{ guests: { ticker: { ...ticker, origin: 'http://127.0.0.1:5173' } } }, 'the host has this port'],
    [{ guests: { ticker, other: ticker } }, 'ticker has this port'],
    [{ guests: { ticker: { ...ticker, origin: 'https://ticker.example' } } }, 'it is served without TLS'],
    [undefined, 'muntin is given undefined: give an object'],
    [{ guest: { ticker } }, 'muntin has no option "guest": did you mean "guests"?'],
    [{ guests: { ticker: 'http://127.0.0.1:5174' } }, 'guests.ticker is given "http://127.0.0.1:5174"'],
    [
      { guests: { ticker: { ...ticker, prodution: 'https://ticker.example' } } },
      'guests.ticker has no option "guests.ticker.prodution": did you mean "production"?',
    ],
    [
      { production: 'https://a.example', guests: { ticker: { ...ticker, production: 'https://a.example' } } },
      'guests.ticker.production is "https://a.example": the host is published there',
    ],
    [{ guests: { ticker: { ...ticker, origin: 'http://localhost' } } }, 'give it with a port'],
    [
      { guests: { ticker: { ...ticker, production: 'ticker.example' } } },
      'guests.ticker.production is "ticker.example"',
    ],
    [{ guests: { ticker }, https: { key: '', cert: '' } }, 'it is served over TLS'],
  ] as const)('%j', (options, message) => {
    expect(() => muntin(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('a guest that is not one of them', () => {
    expect(() => muntinGuest('tickr', { guests: { ticker } })).toThrow('name is "tickr": give one of guests: ticker');
  });
});
