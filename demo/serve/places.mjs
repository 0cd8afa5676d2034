// Where each app of the demo lives, and what its page is told of the others: for what is built as for what is developed.

/** @typedef {'shell' | 'map' | 'chart' | 'table' | 'hostile' | 'naive' | 'across' | 'strongest' | 'depths' | 'lab' | 'energy' | 'wall'} AppName */
/** @typedef {Readonly<Record<AppName, string>>} Urls */
/** @typedef {{ readonly host: string, readonly port: number }} Place */

/**
 * Three names are three sites, so a browser puts map and chart into processes of their own; the table is on
 * the shell's site, but on another origin: that, too, has to be kept apart. The hostile one is a site of its own, and has an accomplice under
 * another name of its port; so is the naive page that it breaks into. The page "Across origins" is answered under several names of its port.
 * @param {number} first the port of the shell; the others have those that follow
 * @returns {Readonly<Record<AppName, Place>>}
 */
function placesFrom(first) {
  return {
    shell: { host: 'localhost', port: first },
    map: { host: '127.0.0.1', port: first + 1 },
    chart: { host: 'chart.localhost', port: first + 2 },
    table: { host: 'localhost', port: first + 3 },
    hostile: { host: 'hostile.localhost', port: first + 4 },
    naive: { host: 'naive.localhost', port: first + 6 },
    across: { host: 'localhost', port: first + 5 },
    strongest: { host: 'tribune.localhost', port: first + 7 },
    depths: { host: 'tiefsee.localhost', port: first + 8 },
    lab: { host: 'richter.localhost', port: first + 9 },
    energy: { host: 'anonymous.localhost', port: first + 10 },
    wall: { host: 'wall.localhost', port: first + 11 },
  };
}

const usualPort = Number(process.env['QUAKE_DESK_PORT'] ?? 4100);
export const places = placesFrom(usualPort);

export const names = /** @type {AppName[]} */ (Object.keys(places));
/** What the desk embeds. @type {readonly AppName[]} */
export const widgets = names.filter((name) => name !== 'shell' && name !== 'across');

/**
 * Where each is if nobody else has its port.
 * @param {number} first the port of the shell
 */
export function urlsFrom(first) {
  const urls = Object.entries(placesFrom(first)).map(([name, { host, port }]) => [name, `http://${host}:${port}`]);
  return /** @type {Urls} */ (Object.fromEntries(urls));
}

export const usualUrls = urlsFrom(usualPort);

/**
 * What a page is told at serve time, since it cannot know it when it is built: the shell, where the widgets are; a widget, who may embed it.
 * @param {AppName} name
 * @param {Urls} urls
 * @returns {Readonly<Record<string, string>>}
 */
function factsFor(name, urls) {
  if (name === 'across') return {};
  if (name === 'shell')
    return Object.fromEntries(
      [...widgets, 'across'].map((linked) => [linked, `${urls[/** @type {AppName} */ (linked)]}/`]),
    );
  if (name === 'hostile') return { hosts: `${urls.shell} ${urls.naive}` };
  if (name === 'naive') return { hosts: urls.shell, hostile: `${urls.hostile}/#classic` };
  return { hosts: urls.shell };
}

/**
 * @param {string} page
 * @param {AppName} name
 * @param {Urls} urls
 */
export function fillIn(page, name, urls) {
  let filled = page;
  for (const [key, value] of Object.entries(factsFor(name, urls))) {
    const empty = `<meta name="quake-desk:${key}" content="" />`;
    if (!filled.includes(empty)) throw new Error(`the page of demo/${name} has no ${empty}: build it again`);
    filled = filled.replace(empty, `<meta name="quake-desk:${key}" content="${value}" />`);
  }
  return filled;
}

/**
 * An answer without an end, which only the desk may read: when it ends all the same, this server has gone.
 * @param {import('node:http').ServerResponse} response
 * @param {Urls} urls
 * @param {Readonly<Record<string, string>>} [headers]
 */
export function holdPulse(response, { shell }, headers = {}) {
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
    'Access-Control-Allow-Origin': shell,
    'Cache-Control': 'no-store',
  });
  if (response.req.method === 'HEAD') response.end();
  else response.write('here\n');
}
