// Chromium with host and guest on different sites, so that a guest has a process of its own, and the server of their pages.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { chromium } from '@playwright/test';
import { findBrowser } from '../scripts/browsers.mjs';
import { dist } from './build.mjs';

/** @typedef {import('@playwright/test').Page} Page */

const loopbackOnly = 'MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.*, EXCLUDE ::1';

/** @param {string} script @returns {string} */
const html = (script) =>
  `<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;

/**
 * Which page of a system: with so many procedures that nobody calls, or with what a case needs and others do not.
 * @typedef {{ procedures?: number, variant?: string | undefined }} Kind
 */

/** @param {string} side @param {Kind} kind @returns {string} the name of the page */
const nameOf = (side, { variant }) => (variant === undefined ? side : `${variant}-${side}`);

/** Serves what was built: `/SYSTEM/host` and `/SYSTEM/guest` are pages, what ends in `.js` their scripts. */
async function startServer() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!pathname.endsWith('.js'))
      return void response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'max-age=3600' })
        .end(html(`${pathname}.js`));
    const file = join(dist, 'pages', normalize(pathname));
    if (!existsSync(file)) return void response.writeHead(404).end();
    const headers = { 'content-type': 'text/javascript', 'cache-control': 'max-age=3600' };
    createReadStream(file).pipe(response.writeHead(200, headers));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return { server, port: address.port };
}

/** Starts server and browser. Whoever starts them closes them. */
export async function startSite() {
  const executablePath = await findBrowser('chromium');
  const { server, port } = await startServer();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [`--host-resolver-rules=${loopbackOnly}`],
  });
  const [host, guest] = [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
  return {
    browser,
    /** @param {string} system @param {Kind} [kind] */
    guestUrl: (system, kind = {}) =>
      `${guest}/${system}/${nameOf('guest', kind)}?host=${encodeURIComponent(host)}&procedures=${kind.procedures ?? 0}`,
    /**
     * A host page in a context of its own, so that no other page shares its processes.
     * @param {string} system
     * @param {Kind} [kind]
     * @returns {Promise<Page>}
     */
    openHost: async (system, kind = {}) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.on('pageerror', (error) => console.error(`${system}: ${error.message}`));
      await page.goto(`${host}/${system}/${nameOf('host', kind)}?procedures=${kind.procedures ?? 0}`);
      return page;
    },
    close: async () => {
      await browser.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Throws unless the page's guest runs in another process than the page: then the browser lists it as a target of type `iframe`.
 * @param {Page} page
 * @param {string} url of the guest
 */
export async function expectOutOfProcess(page, url) {
  const browser = page.context().browser();
  if (browser === null) throw new Error('The page has no browser');
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
  await session.detach();
  if (!targetInfos.some((target) => target.type === 'iframe' && target.url === url))
    throw new Error(`The guest at ${url} is not out of process`);
}

/**
 * Bytes of the JavaScript heap of a page, or of a frame in a process of its own, after everything that nobody refers to has been collected.
 * @param {Page} page
 * @param {import('@playwright/test').Frame} [frame] of that page
 * @returns {Promise<number>}
 */
export async function heapOf(page, frame) {
  const session = await page.context().newCDPSession(frame ?? page);
  await session.send('HeapProfiler.enable');
  for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}
