// Serves the built desk, its widgets and "Across origins" on origins of this machine, as many parties would on the web.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { jsonpPage } from '@muntin/host/jsonp';
import { diagnoseCors, headers as pageHeaders } from '@muntin/server';
import sirv from 'sirv';
import { fillIn, holdPulse, names, places, usualUrls, widgets } from './places.mjs';

/** @typedef {import('./places.mjs').AppName} AppName */
/** @typedef {import('./places.mjs').Urls} Urls */
/** @typedef {import('node:http').RequestListener} Answer */
/** @typedef {{ readonly server: Server, readonly host: string }} Ear */
/** Where an app is served: at one port of both loopback addresses. @typedef {{ readonly port: number, readonly ears: readonly Ear[] }} Door */
/** @typedef {import('node:http').Server} Server */

/**
 * Starts a server for each on loopback: on its usual port, or on a free one where that is taken or `free` is asked for. With `only`, some are
 * served; the others know them by their usual ports, so these have to be free.
 * @param {{ ports?: 'usual' | 'free', only?: readonly AppName[] }} [options]
 * @returns {Promise<{ urls: Record<AppName, string>, close: () => Promise<void> }>}
 */
export async function startDemo({ ports = 'usual', only = names } = {}) {
  const pages = await readPages(only);
  const doors = /** @type {Record<AppName, Door>} */ ({});
  const outages = new Outages();
  const close = async () => {
    outages.end();
    await Promise.all(Object.values(doors).map(shut));
  };
  try {
    /** @type {Partial<Record<AppName, Answer>>} */
    const apps = {};
    /** @type {Record<AppName, string>} */
    const urls = { ...usualUrls };
    for (const name of only) {
      const { host, port } = places[name];
      const opened = await listen((request, response) => apps[name]?.(request, response), ports === 'free' ? 0 : port);
      doors[name] = opened;
      if (only !== names && opened.port !== port)
        throw new Error(`port ${port} of ${name} is taken: QUAKE_DESK_PORT=5100 begins elsewhere`);
      urls[name] = `http://${host}:${opened.port}`;
    }
    for (const name of only) apps[name] = app(name, pages[name], urls);
    const { across, shell } = apps;
    apps.shell = (request, response) => {
      if (!answerOutage(request, response, { doors, outages, origin: urls.shell })) shell?.(request, response);
    };
    const frame = await jsonpPage();
    const files = sirv(fileURLToPath(new URL('../across/dist', import.meta.url)));
    apps.across = (request, response) => {
      if (!answerAcross(request, response, { frame, files, origin: urls.across })) across?.(request, response);
    };
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How long a server is away that the desk has taken down. */
const outageMs = 10_000;

/** Servers that are away, and come back. */
class Outages {
  /** @type {Map<Door, NodeJS.Timeout>} */
  #timers = new Map();
  #isOver = false;

  /** Cuts what is connected, and lets nobody in for a while; one that is away already stays away for longer. @param {Door} door */
  async begin(door) {
    clearTimeout(this.#timers.get(door));
    await shut(door);
    clearTimeout(this.#timers.get(door)); // another has come meanwhile
    if (this.#isOver) return;
    const back = () => {
      this.#timers.delete(door);
      for (const { server, host } of door.ears) bind(server, door.port, host).catch(console.error);
    };
    this.#timers.set(door, setTimeout(back, outageMs));
  }

  end() {
    this.#isOver = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}

/**
 * The desk may take the server of a widget down, to show what happens then. Nobody else may: a widget's request has the widget's origin, or
 * none, and is refused.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{ doors: Record<AppName, Door>, outages: Outages, origin: string }} site
 */
function answerOutage(request, response, { doors, outages, origin }) {
  const { pathname } = addressOf(request, origin);
  const name = widgets.find((widget) => pathname === `/outages/${widget}`);
  if (name === undefined) return false;
  if (request.method !== 'POST') answer(response, 405, { Allow: 'POST' }, 'Only POST\n');
  else if (request.headers.origin !== origin) answer(response, 403, {}, 'Only the desk itself\n');
  else void outages.begin(doors[name]).then(() => answer(response, 204, {}, ''));
  return true;
}

/**
 * What was asked for. A path that begins with two slashes is one, and no address of another server.
 * @param {import('node:http').IncomingMessage} request
 * @param {string} origin
 */
function addressOf({ url = '/' }, origin) {
  return new URL(url.startsWith('/') ? origin + url : origin);
}

/**
 * @param {readonly AppName[]} only
 * @returns {Promise<Record<AppName, string>>}
 */
async function readPages(only) {
  const read = async (/** @type {AppName} */ name) => {
    try {
      return await readFile(new URL(`../${name}/dist/index.html`, import.meta.url), 'utf8');
    } catch (cause) {
      throw new Error(`demo/${name} has not been built: run "npm run build -w @quake-desk/${name}" first`, { cause });
    }
  };
  const pages = await Promise.all(only.map(async (name) => [name, await read(name)]));
  return Object.fromEntries(pages);
}

/**
 * @param {AppName} name
 * @param {string} page
 * @param {Urls} urls
 */
function app(name, page, urls) {
  const common = headersOf(name, urls);
  const html = Buffer.from(fillIn(page, name, urls));
  const files = sirv(fileURLToPath(new URL(`../${name}/dist`, import.meta.url)), {
    extensions: [],
    setHeaders: (response, path) => {
      for (const [key, value] of Object.entries(common)) response.setHeader(key, value);
      // Vite puts a digest of the content into the name of all that is in assets/.
      response.setHeader(
        'Cache-Control',
        path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  return (
    /** @type {import('node:http').IncomingMessage} */ request,
    /** @type {import('node:http').ServerResponse} */ response,
  ) => {
    const { pathname } = addressOf(request, urls[name]);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead) return answer(response, 405, { ...common, Allow: 'GET, HEAD' }, 'Only GET and HEAD\n');
    if (pathname === '/pulse' && widgets.includes(name)) return holdPulse(response, urls, common);
    if (pathname === '/' || pathname === '/index.html')
      return answer(
        response,
        200,
        { ...common, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' },
        html,
      );
    files(request, response, () => answer(response, 404, common, 'Not found\n'));
  };
}

/** @param {Urls} urls */
function guestsOf(urls) {
  return widgets.map((widget) => urls[widget]);
}

/**
 * Everything is closed but what the page needs: its own files, and frames of exactly the widgets in exactly the shell.
 * @param {AppName} name
 * @param {Urls} urls
 * @returns {Readonly<Record<string, string>>}
 */
function headersOf(name, urls) {
  switch (name) {
    case 'shell':
      // It asks the server of a widget that does not come whether it is there; it opens the wall in a window of its
      // own; and where Trusted Types are required, nobody can start a worker from an address without a policy of their own.
      return pageHeaders({
        role: 'host',
        guests: guestsOf(urls),
        csp: { connect: guestsOf(urls) },
        popups: true,
        trustedTypes: false,
      });
    case 'across': {
      const { port } = new URL(urls.across);
      const senders = ['shop.localhost', 'shop.localhost.evil.localhost'].map((host) => `http://${host}:${port}`);
      return pageHeaders({
        role: 'host',
        guests: [...senders, urls.across],
        csp: { connect: [pricesOf(urls.across)] },
      });
    }
    case 'hostile':
      // Its accomplice is another name of this server.
      return pageHeaders({
        hosts: [urls.shell, urls.naive, urls.hostile],
        csp: { frame: [urls.hostile.replace('localhost', 'localhost.evil.localhost')] },
      });
    case 'naive':
      // Naive: it lets itself do everything. Only who may embed it is said, for that is not what is shown.
      return { 'Content-Security-Policy': `frame-ancestors ${urls.shell}` };
    case 'depths': // Vue makes a policy for Trusted Types of its own
    case 'lab': // it starts a worker
      return pageHeaders({ hosts: [urls.shell], trustedTypes: false });
    case 'energy': {
      // Without an origin, it loads its own files as everybody does: to WebKit 'self' is nobody then. And it has no agent cluster by origin.
      const own = [urls.energy];
      const { 'Origin-Agent-Cluster': _, ...others } = pageHeaders({
        hosts: [urls.shell],
        csp: { script: own, style: own, img: own },
      });
      return { ...others, 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
    }
    case 'wall':
      return pageHeaders({ hosts: [urls.shell], popups: true });
    default:
      return pageHeaders({ hosts: [urls.shell] });
  }
}

/**
 * What "Across origins" has beside its page: the pages that are made wrong on purpose, with the headers that let them be, the endpoint whose
 * script looks for a cookie, and the page that jails it.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{ frame: Awaited<ReturnType<typeof jsonpPage>>, files: ReturnType<typeof sirv>, origin: string }} site
 */
function answerAcross(request, response, { frame, files, origin }) {
  const { pathname, searchParams } = addressOf(request, origin);
  const books = origin.replace('localhost', 'books.localhost');
  const all = acrossNames.map((name) => origin.replace('localhost', name)).join(' ');
  /** Whose files these pages load beside their own. @type {Readonly<Record<string, { script?: string, all?: string }>>} */
  const reach = {
    '/classic.html': { script: books },
    '/sender.html': {},
    '/trier.html': { script: all, all },
    '/witness.html': {},
  };
  if (pathname === '/prices') answerPrices(request, response, searchParams.get('has') ?? '', origin);
  else if (pathname === '/diagnose') void diagnose(response, searchParams.get('has') ?? '', origin);
  else if (pathname === '/jsonp-frame') answer(response, 200, frame.headers, frame.body);
  else if (pathname === '/book')
    answer(response, 200, { 'Content-Type': 'text/javascript' }, bookScript(searchParams.get('callback') ?? ''));
  else if (pathname === '/witness.js')
    answer(response, 200, { 'Content-Type': 'text/javascript' }, 'globalThis.witnessRan = true;\n');
  else if (Object.hasOwn(reach, pathname)) {
    const wider = reach[pathname] ?? {};
    const policy = `default-src 'none'; script-src 'self' ${wider.script ?? ''}; connect-src ${wider.all ?? "'none'"}; frame-src ${wider.all ?? "'none'"}; style-src 'self'; font-src 'self'; img-src 'self'; frame-ancestors ${origin}`;
    response.setHeader('Content-Security-Policy', policy);
    files(request, response, () => answer(response, 404, {}, 'Not found\n'));
  } else return false;
  return true;
}

/** The names that the server of "Across origins" has: to a browser, as many strangers. */
const acrossNames = ['localhost', 'shop.localhost', 'shop.localhost.evil.localhost', 'books.localhost', '127.0.0.1'];

/**
 * The server of the prices, under another name of the page's: to a browser, a stranger.
 * @param {string} across
 */
function pricesOf(across) {
  return across.replace('localhost', '127.0.0.1');
}

/**
 * A server that allows what a visitor lets it allow. Nothing is kept: the address says it, so visitors do not meet.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} has
 * @param {string} origin
 */
function answerPrices(request, response, has, origin) {
  const causes = has.split(',');
  const isPreflight = request.method === 'OPTIONS';
  const headers = {
    ...(causes.includes('ORIGIN_MISSING') ? { 'Access-Control-Allow-Origin': origin, Vary: 'Origin' } : {}),
    ...(isPreflight && causes.includes('METHOD_NOT_ALLOWED') ? { 'Access-Control-Allow-Methods': 'PUT' } : {}),
    ...(isPreflight && causes.includes('HEADER_NOT_ALLOWED') ? { 'Access-Control-Allow-Headers': 'X-Order' } : {}),
  };
  if (isPreflight) response.writeHead(204, headers).end();
  else answer(response, 200, { ...headers, 'Cache-Control': 'no-store' }, '20.00 €');
}

/**
 * What `npx muntin cors` says of that server.
 * @param {import('node:http').ServerResponse} response
 * @param {string} has
 * @param {string} origin
 */
async function diagnose(response, has, origin) {
  const { ok, cause, advice } = await diagnoseCors({
    url: `${pricesOf(origin)}/prices?has=${encodeURIComponent(has)}`,
    origin,
    method: 'PUT',
    headers: { 'X-Order': '7' },
    timeoutMs: 3000,
  });
  answer(
    response,
    200,
    { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    JSON.stringify({ ok, cause, advice }),
  );
}

/** @param {string} callback */
function bookScript(callback) {
  const name = callback.replace(/[^\w$]/g, '');
  return `(() => {
  let found = 'nothing: there is no page';
  try { found = document.cookie; } catch {}
  ${name}({ title: 'Dune', found });
})();`;
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {Readonly<Record<string, string>>} headers
 * @param {string | Buffer} body
 */
function answer(response, status, headers, body) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/**
 * Listens on both loopback addresses, since a browser may take `localhost` for either: on the second one a stranger's server could
 * otherwise answer under our name. Where there is no IPv6, the first has to do.
 * @param {import('node:http').RequestListener} handler
 * @param {number} wanted
 * @returns {Promise<Door>}
 */
async function listen(handler, wanted, attempts = 5) {
  const first = createServer(handler);
  const port = await bind(first, wanted, '127.0.0.1').catch((/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EADDRINUSE' || wanted === 0) throw error;
    return bind(first, 0, '127.0.0.1');
  });
  const second = createServer(handler);
  try {
    await bind(second, port, '::1');
    return {
      port,
      ears: [
        { server: first, host: '127.0.0.1' },
        { server: second, host: '::1' },
      ],
    };
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')
      return { port, ears: [{ server: first, host: '127.0.0.1' }] };
    await stop(first);
    if (code !== 'EADDRINUSE' || attempts === 0) throw error;
    return listen(handler, 0, attempts - 1);
  }
}

/**
 * @param {Server} server
 * @param {number} port
 * @param {string} host
 * @returns {Promise<number>}
 */
function bind(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** @param {Door} door */
async function shut({ ears }) {
  await Promise.all(ears.map(({ server }) => stop(server)));
}

/** @param {Server} server */
function stop(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { urls, close } = await startDemo();
  console.log(`Quake desk   ${urls.shell}\n`);
  for (const name of [...widgets, 'across'])
    console.log(`  ${name.padEnd(8)}   ${urls[/** @type {AppName} */ (name)]}`);
  console.log('\nCtrl+C ends it.');
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      void close().then(() => process.exit(0));
    });
}
