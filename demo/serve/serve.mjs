// Serves the built desk, its widgets and "Across origins" on origins of this machine, as many parties would on the web.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { jsonpPage } from '@muntin/host/jsonp';
import { headers as pageHeaders } from '@muntin/server';
import sirv from 'sirv';

/** @typedef {'shell' | 'map' | 'chart' | 'table' | 'hostile' | 'across'} AppName */
/** @typedef {{ readonly host: string, readonly port: number }} Place */
/** @typedef {import('node:http').Server} Server */

/**
 * Where each app lives. Three names are three sites, so a browser puts map and chart into processes of their own; the table is on
 * the shell's site, but on another origin: that, too, has to be kept apart. The hostile one is a site of its own. The page "Across origins" is
 * answered under several names of its port.
 * @type {Readonly<Record<AppName, Place>>}
 */
const places = {
  shell: { host: 'localhost', port: 4100 },
  map: { host: '127.0.0.1', port: 4101 },
  chart: { host: 'chart.localhost', port: 4102 },
  table: { host: 'localhost', port: 4103 },
  hostile: { host: 'hostile.localhost', port: 4104 },
  across: { host: 'localhost', port: 4105 },
};

/** @type {readonly AppName[]} */
const names = ['shell', 'map', 'chart', 'table', 'hostile', 'across'];
/** @type {readonly AppName[]} */
const widgets = ['map', 'chart', 'table', 'hostile'];

/**
 * Starts the six servers on loopback. A port that is taken is replaced by a free one; 0 asks for a free one at once.
 * @param {{ ports?: Partial<Record<AppName, number>> }} [options]
 * @returns {Promise<{ urls: Record<AppName, string>, close: () => Promise<void> }>}
 */
export async function startDemo({ ports = {} } = {}) {
  const pages = await readPages();
  /** @type {Server[]} */
  const servers = [];
  const close = async () => {
    await Promise.all(servers.map(stop));
  };
  try {
    /** @type {Partial<Record<AppName, (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void>>} */
    const apps = {};
    /** @type {Record<AppName, string>} */
    const urls = { shell: '', map: '', chart: '', table: '', hostile: '', across: '' };
    for (const name of names) {
      const { host, port } = places[name];
      const opened = await listen((request, response) => apps[name]?.(request, response), ports[name] ?? port);
      servers.push(...opened.servers);
      urls[name] = `http://${host}:${opened.port}`;
    }
    for (const name of names) apps[name] = app(name, pages[name], urls);
    const across = apps.across;
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

/** @returns {Promise<Record<AppName, string>>} */
async function readPages() {
  const read = async (/** @type {AppName} */ name) => {
    try {
      return await readFile(new URL(`../${name}/dist/index.html`, import.meta.url), 'utf8');
    } catch (cause) {
      throw new Error(`demo/${name} has not been built: run "npm run build -w @quake-desk/${name}" first`, { cause });
    }
  };
  const [shell, map, chart, table, hostile, across] = await Promise.all([
    read('shell'),
    read('map'),
    read('chart'),
    read('table'),
    read('hostile'),
    read('across'),
  ]);
  return { shell, map, chart, table, hostile, across };
}

/**
 * @param {AppName} name
 * @param {string} page
 * @param {Readonly<Record<AppName, string>>} urls
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
    const { pathname } = new URL(request.url ?? '/', urls[name]);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead) return answer(response, 405, { ...common, Allow: 'GET, HEAD' }, 'Only GET and HEAD\n');
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

/**
 * Tells a page at serve time what it cannot know when it is built: the shell, where the widgets are; a widget, who may embed it.
 * @param {string} page
 * @param {AppName} name
 * @param {Readonly<Record<AppName, string>>} urls
 */
function fillIn(page, name, urls) {
  if (name === 'across') return page;
  const values =
    name === 'shell'
      ? Object.fromEntries(
          [...widgets, 'across'].map((linked) => [linked, `${urls[/** @type {AppName} */ (linked)]}/`]),
        )
      : { hosts: urls.shell };
  let filled = page;
  for (const [key, value] of Object.entries(values)) {
    const empty = `<meta name="quake-desk:${key}" content="" />`;
    if (!filled.includes(empty)) throw new Error(`demo/${name}/dist/index.html has no ${empty}: build it again`);
    filled = filled.replace(empty, `<meta name="quake-desk:${key}" content="${value}" />`);
  }
  return filled;
}

/**
 * Everything is closed but what the page needs: its own files, and frames of exactly the widgets in exactly the shell.
 * @param {AppName} name
 * @param {Readonly<Record<AppName, string>>} urls
 * @returns {Readonly<Record<string, string>>}
 */
function headersOf(name, urls) {
  if (name === 'across') {
    const { port } = new URL(urls.across);
    const senders = ['shop.localhost', 'shop.localhost.evil.localhost'].map((host) => `http://${host}:${port}`);
    return pageHeaders({ role: 'host', guests: [...senders, urls.across] });
  }
  return name === 'shell'
    ? pageHeaders({ role: 'host', guests: widgets.map((widget) => urls[widget]) })
    : pageHeaders({ hosts: [urls.shell] });
}

/**
 * What "Across origins" has beside its page: the pages that are made wrong on purpose, with the headers that let them be, the endpoint whose
 * script looks for a cookie, and the page that jails it.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{ frame: Awaited<ReturnType<typeof jsonpPage>>, files: ReturnType<typeof sirv>, origin: string }} site
 */
function answerAcross(request, response, { frame, files, origin }) {
  const { pathname, searchParams } = new URL(request.url ?? '/', origin);
  const books = origin.replace('localhost', 'books.localhost');
  if (pathname === '/jsonp-frame') answer(response, 200, frame.headers, frame.body);
  else if (pathname === '/book')
    answer(response, 200, { 'Content-Type': 'text/javascript' }, bookScript(searchParams.get('callback') ?? ''));
  else if (pathname === '/classic.html' || pathname === '/sender.html') {
    const scripts = pathname === '/classic.html' ? `'self' ${books}` : "'self'";
    const policy = `default-src 'none'; script-src ${scripts}; style-src 'self'; font-src 'self'; img-src 'self'; frame-ancestors ${origin}`;
    response.setHeader('Content-Security-Policy', policy);
    files(request, response, () => answer(response, 404, {}, 'Not found\n'));
  } else return false;
  return true;
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
 * @returns {Promise<{ port: number, servers: Server[] }>}
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
    return { port, servers: [first, second] };
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return { port, servers: [first] };
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
