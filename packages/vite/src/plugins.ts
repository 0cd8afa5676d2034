import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { headers } from '@muntin/server';
import MagicString from 'magic-string';
import {
  createServer,
  defaultClientConditions,
  type Plugin,
  searchForWorkspaceRoot,
  type UserConfig,
  type ViteDevServer,
} from 'vite';
import { invalid, type MuntinOptions, type Origins, readSites, type Site, type Sites } from './options.ts';

const originsId = 'virtual:muntin/origins';
const hotId = 'virtual:muntin/hot';
/** What runs in the guest's page, beside this file. */
const hotFile = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './hot.ts' : './hot.js', import.meta.url));
/** Where `expose` comes from. A worker is not reached by hot replacement. */
const guestEntries = new Set(['@muntin/guest', '@muntin/guest/popup']);

/**
 * For the configuration of the host: serves it on its origin, and with it each guest on its own, by a server with the guest's folder and
 * configuration. All send the headers that they have in production, with a nonce for what Vite puts into the page. They begin and end
 * together; a guest's port that is taken is told, and not replaced, since its origin is written down.
 *
 * `virtual:muntin/origins` has the origins: those of development while one develops, those of production in a build.
 *
 * @throws MuntinError `INVALID_OPTION`, naming the option, its value and the remedy.
 */
export function muntin(options: MuntinOptions): Plugin {
  const sites = readSites(options);
  const page: PageHeaders = ({ guests: origins }, isDeveloped) =>
    headers({
      role: 'host',
      guests: Object.values(origins),
      csp: needsOf(sites.host, isDeveloped),
      popups: sites.host.popups,
      trustedTypes: !isDeveloped || options.trustedTypes === true,
    });
  const guests = new Guests(options);
  return {
    ...basis('muntin', sites, sites.host, page, options),
    configureServer: (server) => {
      // In a test runner or another server there is nobody who visits.
      const { httpServer } = server;
      if (httpServer === null) return;
      httpServer.once('listening', () => guests.start(server));
      server.middlewares.use((_request, _response, next) => void guests.started.then(() => next(), next));
    },
    closeBundle: () => guests.close(),
  };
}

/**
 * For the configuration of a guest, which {@link muntin} starts and which is built by itself: its origin, its headers, and
 * `virtual:muntin/origins`. {@link muntin} adds it where a guest has no configuration.
 *
 * A module of the guest that imports `expose` is replaced while it runs: the session goes on with the handlers of the new one. What the old
 * one had subscribed to by way of the shell, while it was evaluated, ends; modules that import the shell keep theirs. Everything else that the module does, it does again: undo it in
 * `import.meta.hot.dispose`, or do it in another module. Where more than the handlers has changed, `expose` begins a new session in the same
 * document.
 *
 * @throws MuntinError `INVALID_OPTION`, naming the option, its value and the remedy.
 */
export function muntinGuest(name: string, options: MuntinOptions): Plugin {
  const sites = readSites(options);
  const site = sites.guests.get(name);
  if (site === undefined) throw invalid('name', name, `give one of guests: ${[...sites.guests.keys()].join(', ')}`);
  const page: PageHeaders = ({ host }, isDeveloped) =>
    headers({
      hosts: [host],
      csp: needsOf(site, isDeveloped),
      popups: site.popups,
      trustedTypes: !isDeveloped || options.trustedTypes === true,
    });
  let isServed = false;
  return {
    ...basis('muntin:guest', sites, site, page, options),
    // After TypeScript and JSX have become JavaScript.
    enforce: 'post',
    configResolved: ({ command }) => {
      isServed = command === 'serve';
    },
    transform(code, id) {
      // A guest's own configuration has this plugin, too, where the host's has started it.
      if (
        !isServed ||
        code.includes('__muntin_follow') ||
        !code.includes('@muntin/guest') ||
        /\/node_modules\/|[?&]worker/.test(id)
      )
        return null;
      const text = new MagicString(code);
      const followed = followExpose(this.parse(code).body, text);
      if (followed.length === 0) return null;
      text.prepend(
        `import { follow as __muntin_follow } from '${hotId}';\nconst __muntin = __muntin_follow(import.meta.hot);\n${followed.join('')}`,
      );
      // Said here, too: Vite looks for it in the text of a module.
      text.append('\n__muntin.evaluated();\nif (import.meta.hot) import.meta.hot.accept(__muntin.replaced);\n');
      return { code: text.toString(), map: text.generateMap({ hires: 'boundary' }) };
    },
  };
}

/** The headers of a page, where host and guests have these origins. */
type PageHeaders = (origins: Origins, isDeveloped: boolean) => Readonly<Record<string, string>>;

/** What both have: origin, headers, settings and the module with the origins. */
function basis(
  name: string,
  sites: Sites,
  site: Site,
  page: PageHeaders,
  { https }: MuntinOptions,
): Plugin & Pick<Required<Plugin>, 'name'> {
  let text = '';
  return {
    name,
    config: (config, { command, isPreview }) => {
      const isDeveloped = command === 'serve' && isPreview !== true;
      // A build has those of production, and is previewed with what it has.
      const origins = sites.origins[isDeveloped ? 'serve' : 'build'];
      text = `export const host = ${JSON.stringify(origins.host)};\nexport const guests = Object.freeze(${JSON.stringify(origins.guests)});\n`;
      const root = resolve(config.root ?? '.');
      return {
        // Two servers that prepare dependencies in one folder would take each other's away.
        ...(config.cacheDir === undefined
          ? { cacheDir: join(packageOf(root), 'node_modules', '.vite', site.name) }
          : {}),
        ...settings(site, page(origins, isDeveloped), isDeveloped, https, root),
      };
    },
    resolveId: (id) => (id === originsId ? `\0${originsId}` : id === hotId ? hotFile : null),
    load: (id) => (id === `\0${originsId}` ? text : null),
  };
}

/** The nearest folder with a `package.json`. */
function packageOf(folder: string): string {
  for (let each = folder; dirname(each) !== each; each = dirname(each))
    if (existsSync(join(each, 'package.json'))) return each;
  return folder;
}

function settings(
  site: Site,
  common: Readonly<Record<string, string>>,
  isDeveloped: boolean,
  https: MuntinOptions['https'],
  root: string,
): UserConfig {
  const nonce = randomBytes(16).toString('base64');
  const place = {
    // A name under `localhost` is this machine to a browser, and nothing to a resolver.
    host: site.hostname.endsWith('.localhost') ? 'localhost' : site.hostname.replace(/^\[|\]$/g, ''),
    port: site.port,
    strictPort: true,
    // What one developer's page may read, every page may that is open in the same browser.
    cors: false,
    ...(https === undefined ? {} : { https: { key: https.key, cert: https.cert } }),
  };
  return {
    // RxJS without tslib. Vite's own come behind, and stay.
    resolve: { conditions: ['es2015', ...defaultClientConditions], dedupe: ['rxjs'] },
    // Guests in workers are modules that load others on use.
    worker: { format: 'es' },
    ...(isDeveloped ? { html: { cspNonce: nonce } } : {}),
    server: {
      ...place,
      headers: isDeveloped ? withNonce(common, nonce) : common,
      ...(isDeveloped
        ? { fs: { allow: [searchForWorkspaceRoot(process.cwd()), searchForWorkspaceRoot(root), dirname(hotFile)] } }
        : {}),
    },
    preview: { ...place, headers: common },
  };
}

/** What Vite puts into a page while it is developed, scripts and styles alike, may run; nothing else that is inline. */
function withNonce(common: Readonly<Record<string, string>>, nonce: string): Record<string, string> {
  const policy = common['Content-Security-Policy'] ?? '';
  return {
    ...common,
    'Content-Security-Policy': policy.replace(/\b(script|style)-src 'self'/g, `$& 'nonce-${nonce}'`),
  };
}

/** The socket by which Vite tells of changes is an origin of its own to some browsers. */
function needsOf({ csp = {}, origin }: Site, isDeveloped: boolean): NonNullable<Site['csp']> {
  return isDeveloped ? { ...csp, connect: [...(csp.connect ?? []), origin.replace(/^http/, 'ws')] } : csp;
}

/** The parts of a module's tree that are looked at. */
interface Tree {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly source?: unknown;
  readonly specifiers?: unknown;
}

/** Renames what is imported as `expose`, and returns the lines that give its name to what follows the module. */
function followExpose(body: readonly Tree[], text: MagicString): string[] {
  return body.flatMap(({ type, source, specifiers }) => {
    if (type !== 'ImportDeclaration' || !guestEntries.has(textOf(source, 'value')) || !Array.isArray(specifiers))
      return [];
    return specifiers.flatMap((specifier: unknown, index) => {
      if (textOf(fieldOf(specifier, 'imported'), 'name') !== 'expose') return [];
      const local = textOf(fieldOf(specifier, 'local'), 'name');
      const [start, end] = [fieldOf(specifier, 'start'), fieldOf(specifier, 'end')];
      if (typeof start !== 'number' || typeof end !== 'number') return [];
      const imported = `__muntin_${index}_${local}`;
      text.overwrite(start, end, `expose as ${imported}`);
      return [`const ${local} = __muntin.follow(${imported});\n`];
    });
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}

/** The servers of the guests, for the time of the host's. */
class Guests {
  readonly #options: MuntinOptions;
  readonly #servers: ViteDevServer[] = [];
  #isClosed = false;
  #tell: () => void = () => undefined;
  /** Fulfilled when each guest is served, or has said why not: nobody who visits the host comes too early for its guests. */
  readonly started: Promise<void> = new Promise((done) => {
    this.#tell = done;
  });

  constructor(options: MuntinOptions) {
    this.#options = options;
  }

  start(host: ViteDevServer): void {
    this.#isClosed = false;
    const { logger, root, mode } = host.config;
    const one = async ([name, guest]: readonly [string, MuntinOptions['guests'][string]]): Promise<void> => {
      try {
        const server = await createServer({
          root: resolve(root, guest.root),
          mode,
          logLevel: 'warn',
          clearScreen: false,
          plugins: [muntinGuest(name, this.#options)],
        });
        if (this.#isClosed) return await server.close();
        this.#servers.push(server);
        await server.listen();
        logger.info(`  ➜  ${name}: ${guest.origin}/`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        logger.error(`The guest ${name} is not served on ${guest.origin}: ${why}`, { timestamp: true });
      }
    };
    void Promise.all(Object.entries(this.#options.guests).map(one)).then(this.#tell);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#servers.splice(0).map((server) => server.close()));
  }
}
