import { MuntinError, parseOrigin } from '@muntin/core';
import { checkOptions, type OptionKinds } from '@muntin/core/internal';
import type { CspNeeds } from '@muntin/server';

/** A key and its certificate, in PEM, as `mkcert` writes them. One certificate has to name every host name that is served. */
export interface Https {
  /** The private key. */
  readonly key: string | Buffer;
  /** The certificate, with those that it needs. */
  readonly cert: string | Buffer;
}

/** Where one guest is developed and published. */
export interface GuestSite {
  /** The folder of its `index.html`, from the root of the host. */
  readonly root: string;
  /**
   * Its exact origin while it is developed, with a port of its own, as in `'http://127.0.0.1:5174'`. A name other than the host's puts it
   * on another site, as most guests are: `127.0.0.1` and names under `localhost` need no set-up.
   */
  readonly origin: string;
  /** Its exact origin where it is published: what a build is given. @defaultValue `origin` */
  readonly production?: string;
  /** Whose files and data it loads beside its own, as `headers` of `@muntin/server` takes them. @defaultValue nobody's */
  readonly csp?: CspNeeds;
  /** Whether it is a window that the host opens, or opens windows of other origins itself. @defaultValue false */
  readonly popups?: boolean;
}

/** Options of {@link muntin} and {@link muntinGuest}: host and guests are described once, and each configuration is given the same. */
export interface MuntinOptions {
  /** The guests, by the names under which `virtual:muntin/origins` has them. */
  readonly guests: Readonly<Record<string, GuestSite>>;
  /** The exact origin of the host while it is developed. @defaultValue `'http://localhost:5173'`, and `https:` with `https` */
  readonly origin?: string;
  /** Its exact origin where it is published: what a build is given. @defaultValue `origin` */
  readonly production?: string;
  /** Serves everything over TLS while it is developed. Every `origin` has to begin with `https:`, then. @defaultValue none */
  readonly https?: Https;
  /** Whose files and data the host loads beside its own, as `headers` of `@muntin/server` takes them. @defaultValue nobody's */
  readonly csp?: CspNeeds;
  /** Whether the host opens windows of other origins and talks to them. @defaultValue false */
  readonly popups?: boolean;
  /**
   * Whether scripts may only put text into the pages while they are developed. Vite's own overlay of errors is HTML, so it is missing then.
   * What a build is previewed with has it. @defaultValue false
   */
  readonly trustedTypes?: boolean;
}

/** One page, as its own server has it. */
export interface Site {
  /** How it is called in messages: the name of the guest, or `host`. */
  readonly name: string;
  /** Where it is served while it is developed. */
  readonly origin: string;
  /** The name that the server listens on. */
  readonly hostname: string;
  readonly port: number;
  readonly csp: CspNeeds | undefined;
  readonly popups: boolean;
}

/** The sites of an application, checked. */
export interface Sites {
  readonly host: Site;
  readonly guests: ReadonlyMap<string, Site>;
  /** What `virtual:muntin/origins` has, while one develops and in a build. */
  readonly origins: Readonly<Record<'serve' | 'build', Origins>>;
}

/** What `virtual:muntin/origins` has. */
export interface Origins {
  readonly host: string;
  readonly guests: Readonly<Record<string, string>>;
}

const kinds: OptionKinds<MuntinOptions> = {
  guests: 'object',
  origin: 'any',
  production: 'any',
  https: 'object',
  csp: 'object',
  popups: 'boolean',
  trustedTypes: 'boolean',
};
const guestKinds: OptionKinds<GuestSite> = {
  root: 'any',
  origin: 'any',
  production: 'any',
  csp: 'object',
  popups: 'boolean',
};

/** Reads the options of an application. Throws `INVALID_OPTION`, naming the option, its value and the remedy. */
export function readSites(options: MuntinOptions): Sites {
  checkOptions('muntin', options, kinds);
  const { guests, https } = options;
  if (typeof guests !== 'object' || guests === null || Object.keys(guests).length === 0)
    throw invalid(
      'guests',
      guests,
      "give at least one, as in { ticker: { root: '../ticker', origin: 'http://127.0.0.1:5174' } }",
    );
  const own = options.origin ?? (https === undefined ? 'http://localhost:5173' : 'https://localhost:5173');
  const host = readSite('host', 'origin', own, options, https);
  const seen = new Map([[host.port, 'the host']]);
  const sites = new Map<string, Site>();
  for (const [name, guest] of Object.entries(guests)) {
    checkOptions(`guests.${name}`, guest, guestKinds, `guests.${name}.`);
    if (typeof guest.root !== 'string')
      throw invalid(`guests.${name}.root`, guest.root, 'give the folder of its index.html');
    const site = readSite(name, `guests.${name}.origin`, guest.origin, guest, https);
    const other = seen.get(site.port);
    if (other !== undefined)
      throw invalid(`guests.${name}.origin`, guest.origin, `${other} has this port: each server needs one of its own`);
    seen.set(site.port, name);
    sites.set(name, site);
  }
  const published = (option: string, origin: string | undefined, otherwise: string): string =>
    origin === undefined ? otherwise : readOrigin(option, origin);
  const builtHost = published('production', options.production, host.origin);
  const publishedGuest = (name: string, otherwise: string): string => {
    const option = `guests.${name}.production`;
    const origin = published(option, guests[name]?.production, otherwise);
    if (origin === builtHost)
      throw invalid(option, origin, 'the host is published there: a guest needs an origin of its own');
    return origin;
  };
  return {
    host,
    guests: sites,
    origins: {
      serve: { host: host.origin, guests: Object.fromEntries([...sites].map(([name, { origin }]) => [name, origin])) },
      build: {
        host: builtHost,
        guests: Object.fromEntries([...sites].map(([name, { origin }]) => [name, publishedGuest(name, origin)])),
      },
    },
  };
}

function readSite(
  name: string,
  option: string,
  given: unknown,
  { csp, popups = false }: Pick<GuestSite, 'csp' | 'popups'>,
  https: unknown,
): Site {
  const origin = readOrigin(option, given);
  const { protocol, hostname, port } = new URL(origin);
  const wanted = https === undefined ? 'http:' : 'https:';
  if (protocol !== wanted)
    throw invalid(
      option,
      given,
      https === undefined
        ? 'it is served without TLS: begin it with http:, or give `https`'
        : 'it is served over TLS: begin it with https:',
    );
  if (port === '') throw invalid(option, given, 'give it with a port, as in http://127.0.0.1:5174');
  return { name, origin, hostname, port: Number(port), csp, popups };
}

function readOrigin(option: string, given: unknown): string {
  try {
    return parseOrigin(String(given));
  } catch (cause) {
    throw invalid(option, given, 'give an exact origin, as in http://127.0.0.1:5174', cause);
  }
}

/** Makes the error for a wrong option. */
export function invalid(
  option: string,
  value: unknown,
  remedy: string,
  cause?: unknown,
): MuntinError<'INVALID_OPTION'> {
  const shown = JSON.stringify(value) ?? String(value);
  return new MuntinError('INVALID_OPTION', `${option} is ${shown.slice(0, 200)}: ${remedy}`, { cause });
}
