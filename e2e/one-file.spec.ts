import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, expectQuiet, test } from './fixtures/engine.ts';

const root = join(import.meta.dirname, '..');
const built = join(root, 'packages', 'guest', 'dist', 'one-file');
const guide = readFileSync(join(root, 'docs', 'guide', 'without-a-bundler.md'), 'utf8');
const integrity = JSON.parse(readFileSync(join(built, 'integrity.json'), 'utf8')) as Record<string, string>;

/** The blocks of the guide in one language, as they are printed. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

interface Page {
  readonly html: string;
  /** The address of the page's own script, and the script. */
  readonly script: readonly [path: string, text: string];
  /** What its policy allows beside files of its own server. */
  readonly inline: string;
}

/** The two pages of the guide, for a host at this origin. The hashes, which the guide leaves out, are those of the build. */
function pagesFor(host: string, hashes: Record<string, string>): Record<'classic' | 'module', Page> {
  const [classic = '', module = ''] = blocks('html').map((html) =>
    html.replaceAll(/(muntin-guest(?:\.\w+)?\.js)(" integrity="|": ")sha384-…/g, (_, file: string, between: string) =>
      [file, between, hashes[file]].join(''),
    ),
  );
  const [classicScript = '', moduleScript = ''] = blocks('js').map((text) =>
    text.replace('https://shell.example', host),
  );
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(module)?.[1] ?? '';
  const hash = `'sha256-${createHash('sha256').update(map).digest('base64')}'`;
  return {
    classic: { html: classic, script: ['/counter.js', classicScript], inline: '' },
    module: { html: module, script: ['/counter.mjs', moduleScript], inline: hash },
  };
}

/** A server that has a page, its script and the built files, and nothing else. */
async function startServer({ html, script: [path, text], inline }: Page): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = pathname.slice(1);
    if (pathname === '/')
      response
        .writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': `default-src 'none'; script-src 'self' ${inline}`,
        })
        .end(html);
    else if (pathname === path || file in integrity)
      response
        .writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' })
        .end(pathname === path ? text : readFileSync(join(built, file)));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Serve = (kind: 'classic' | 'module', hashes: Record<string, string>) => Promise<string>;

const story = test.extend<{ serve: Serve }>({
  /** Serves a page of the guide, for as long as the story goes on; answers with its address. */
  serve: async ({ site }, use) => {
    const servers: { close(): void }[] = [];
    await use(async (kind, hashes) => {
      const server = await startServer(pagesFor(site.host, hashes)[kind]);
      servers.push(server);
      return server.url;
    });
    for (const server of servers) server.close();
  },
});

for (const kind of ['classic', 'module'] as const)
  story(
    `@core the ${kind} page of the guide is a guest without a bundler, under a strict policy`,
    async ({ driver, site, serve }) => {
      const address = await serve(kind, integrity);
      await driver.goto(`${site.host}/one-file-host`);
      expect(await driver.evaluate((url) => oneFileHost.count(url), address)).toBe(5);
      // One line of text, and the margins of its page.
      const heightPx = (): Promise<number | undefined> => driver.evaluate(() => oneFileHost.heightPx());
      await expect.poll(heightPx).toBeGreaterThan(20);
      expect(await heightPx()).toBeLessThan(80);
      expectQuiet(driver, site);
    },
  );

story('a file that is not the one whose hash the page names does not run', async ({ driver, site, serve }) => {
  const wrong = Object.fromEntries(Object.keys(integrity).map((file) => [file, `sha384-${'A'.repeat(64)}`]));
  const address = await serve('classic', wrong);
  await driver.goto(`${site.host}/one-file-host`);
  expect(await driver.evaluate((url) => oneFileHost.count(url), address)).toBe('LINK_CLOSED GUEST_SILENT');
});
