import { checkOptions, findNearest, type OptionKinds } from '@muntin/core/internal';
import type { Manifest } from '@muntin/core/manifest';
import { checkList, invalidOption } from '../rules/invalid.ts';
import { type CspNeeds, readOrigin, readSources } from './sources.ts';

/** What a page needs, beside its own files. */
interface Page {
  /** Whose files and data it loads beside its own, by kind, as exact origins. @defaultValue nobody's */
  readonly csp?: CspNeeds;
  /**
   * Browser features that the page uses, as in `[{ name: 'camera' }]`; a host also says `for` which guests, as origins. All others that are
   * known are closed. @defaultValue none
   */
  readonly permissions?: readonly { readonly name: string; readonly for?: readonly string[] }[];
  /** Cross-origin isolation (`SharedArrayBuffer`, exact clocks). Everything that the page embeds has to agree. @defaultValue false */
  readonly isolated?: boolean;
  /** Whether the page opens windows of other origins and talks to them, or is such a window. @defaultValue false */
  readonly popups?: boolean;
  /**
   * Whether scripts may only put text into the page, unless a policy of theirs has made it HTML. A list names the policies that they may
   * make, as in `['dompurify']`; without one they may make none. @defaultValue true
   */
  readonly trustedTypes?: boolean | readonly string[];
}

/** A page that mounts guests. */
export interface HostPage extends Page {
  readonly role: 'host';
  /** The exact origins of the guests. */
  readonly guests: readonly string[];
  /** Who may embed this page itself. @defaultValue nobody */
  readonly hosts?: readonly string[];
}

/** A page that is mounted. A manifest is one. */
export interface GuestPage extends Page {
  readonly role?: 'guest';
  /** The exact origins of the pages that may embed this one, as `expose` has them. */
  readonly hosts: readonly string[];
}

const pageKinds: OptionKinds<HostPage | GuestPage> = {
  role: ['host', 'guest'],
  guests: 'any',
  hosts: 'any',
  csp: 'object',
  permissions: 'any',
  isolated: 'boolean',
  popups: 'boolean',
  trustedTypes: 'any',
};

/** What a manifest has beside them, which its reader checks. */
const manifestKinds: OptionKinds<Omit<Manifest, keyof GuestPage>> = {
  name: 'any',
  contract: 'any',
  start_url: 'any',
  short_name: 'any',
  description: 'any',
  lang: 'any',
  categories: 'any',
  icons: 'any',
  appId: 'any',
  publisher: 'any',
  supportEmail: 'any',
  grants: 'any',
  fetch: 'any',
  sandbox: 'any',
};

/** Features that reach devices, people's data or money. A page that does not name one has not got it. */
const guarded = [
  'accelerometer',
  'camera',
  'clipboard-read',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'serial',
  'usb',
];

/**
 * The response headers for a host or guest page, and for every file of its server: a Content-Security-Policy that allows the page's own
 * files, the named origins, and frames of exactly its guests in exactly its hosts; a Permissions-Policy; isolation from other windows and origins.
 *
 * @throws MuntinError `INVALID_OPTION`, naming the option, its value and the remedy.
 */
export function headers(page: HostPage | GuestPage): Readonly<Record<string, string>> {
  checkPage(page);
  const { isolated = false, popups = false } = page;
  const isHost = page.role === 'host';
  return Object.freeze({
    'Content-Security-Policy': policyOf(page),
    'Permissions-Policy': permissionsOf(page),
    'Cross-Origin-Opener-Policy': popups ? (isHost ? 'same-origin-allow-popups' : 'unsafe-none') : 'same-origin',
    ...(isolated ? { 'Cross-Origin-Embedder-Policy': 'require-corp' } : {}),
    'Cross-Origin-Resource-Policy': isolated && !isHost ? 'cross-origin' : 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'Referrer-Policy': 'strict-origin',
    'X-Content-Type-Options': 'nosniff',
  });
}

function checkPage(page: HostPage | GuestPage): void {
  const isManifest = typeof page === 'object' && page !== null && 'contract' in page;
  if (isManifest) checkOptions('headers', withoutNews(page), { ...manifestKinds, ...pageKinds });
  else checkOptions('headers', page, pageKinds);
  if (page.role !== 'host' && 'guests' in page && page.guests !== undefined)
    throw invalidOption(
      'guests',
      page.guests,
      'role: "host" beside it, where hosts says who may embed this page in turn; a guest frames nobody',
    );
}

/** A later version of manifests may have more members. What is written nearly like an option is none of them. */
function withoutNews(page: object): object {
  const isKnown = (name: string): boolean =>
    Object.hasOwn(manifestKinds, name) || findNearest(name, Object.keys(pageKinds)) !== undefined;
  return Object.fromEntries(Object.entries(page).filter(([name]) => isKnown(name)));
}

function policyOf(page: HostPage | GuestPage): string {
  const guests = page.role === 'host' ? readOrigins('guests', page.guests) : [];
  const hosts = page.role === 'host' && page.hosts === undefined ? [] : readOrigins('hosts', page.hosts);
  const { frame, ...needs } = readSources(page.csp);
  const directives: Readonly<Record<string, readonly string[]>> = {
    'default-src': [],
    'script-src': ["'self'", ...needs.script],
    'style-src': ["'self'", ...needs.style],
    'font-src': ["'self'", ...needs.font],
    'img-src': ["'self'", ...needs.img],
    'connect-src': ["'self'", ...needs.connect],
    ...(needs.media.length > 0 ? { 'media-src': ["'self'", ...needs.media] } : {}),
    ...(needs.worker.length > 0 ? { 'worker-src': ["'self'", ...needs.worker] } : {}),
    'frame-src': [...guests, ...frame],
    'frame-ancestors': hosts,
    'base-uri': [],
    'form-action': [],
  };
  return [
    ...Object.entries(directives).map(([name, sources]) => `${name} ${[...new Set(sources)].join(' ') || "'none'"}`),
    ...trustedTypesOf(page),
  ].join('; ');
}

function trustedTypesOf({ trustedTypes = true }: Page): readonly string[] {
  if (trustedTypes === false) return [];
  const names = trustedTypes === true ? [] : trustedTypes;
  const remedy = 'true, false or a list of names of policies, as in ["dompurify"]';
  for (const name of readList('trustedTypes', remedy, names))
    if (typeof name !== 'string' || !/^[-#=\w/@.%]+$/.test(name)) throw invalidOption('trustedTypes', name, remedy);
  return ["require-trusted-types-for 'script'", `trusted-types ${names.join(' ') || "'none'"}`];
}

function permissionsOf({ permissions = [] }: Page): string {
  const allowed = new Map<string, readonly string[]>();
  for (const permission of readList('permissions', 'a list, as in [{ name: "camera" }]', permissions)) {
    if (typeof permission !== 'object' || permission === null)
      throw invalidOption('permissions', permission, 'objects with names of features, as in { name: "camera" }');
    const { name, for: guests = [] } = permission;
    if (typeof name !== 'string' || !/^[a-z][a-z-]{0,63}$/.test(name))
      throw invalidOption('permissions', name, 'names of features, as in { name: "camera" }');
    if (allowed.has(name)) throw invalidOption('permissions', name, 'it once, with all origins in its `for`');
    allowed.set(name, [
      'self',
      ...readList('permissions', 'a list of origins', guests).map((origin) => `"${readOrigin('permissions', origin)}"`),
    ]);
  }
  const names = [...new Set([...guarded, ...allowed.keys()])].sort();
  return names.map((name) => `${name}=(${(allowed.get(name) ?? []).join(' ')})`).join(', ');
}

function readOrigins(option: string, origins: readonly string[] | undefined): readonly string[] {
  const list = readList(option, 'a list of origins', origins);
  if (list.length === 0) throw invalidOption(option, origins, 'the exact origins, as in ["https://shell.example"]');
  return list.map((origin) => readOrigin(option, origin));
}

function readList<T>(option: string, remedy: string, list: readonly T[] = []): readonly T[] {
  checkList(option, list, remedy);
  return list;
}
