import { compatibility } from '../contract/compare.ts';
import { inspect, invalidOption, type MuntinError } from '../errors.ts';
import { isGrantableHeader, isGrantableMethod } from '../fetch/grant-rules.ts';
import { whyRefused } from '../fetch/pattern-cost.ts';
import { isAcceptable } from '../origin.ts';
import { type CspKind, canBeSource, cspSchemes, originOfSource } from './csp.ts';

/** Something that a guest wants, and why, for whoever has to agree. */
export interface Wish {
  /** A procedure of the host, as in `open`, or a browser feature, as in `clipboard-write`. */
  readonly name: string;
  /** Why, as a sentence for people. */
  readonly purpose: string;
}

/** A request that a guest wants its host to make, as a grant of brokered fetch has it. */
export interface FetchWish {
  readonly origin: string;
  readonly paths: readonly string[];
  readonly methods?: readonly string[];
  readonly headers?: readonly string[];
  readonly purpose: string;
}

/** A picture of the guest, as a Web App Manifest has it. */
export interface ManifestIcon {
  /** Relative to the manifest where it is relative. */
  readonly src: string;
  readonly sizes?: string;
  readonly type?: string;
  readonly purpose?: string;
}

/**
 * What a guest's server says about it in `/.well-known/muntin.json`. `name`, `short_name`, `description`, `start_url`, `icons`, `lang` and
 * `categories` mean what they mean in a Web App Manifest; `appId`, `publisher` and `supportEmail` what they mean in FDC3's app directory.
 */
export interface Manifest {
  /** The name for people. */
  readonly name: string;
  readonly contract: { readonly name: string; readonly version: string };
  /** Where the guest's page is, relative to the manifest where it is relative; on the manifest's own origin. */
  readonly start_url: string;
  /** The exact origins that may embed it. */
  readonly hosts: readonly string[];
  readonly short_name?: string;
  readonly description?: string;
  readonly lang?: string;
  readonly categories?: readonly string[];
  readonly icons?: readonly ManifestIcon[];
  readonly appId?: string;
  readonly publisher?: string;
  readonly supportEmail?: string;
  /** Procedures of the host that the guest wants to call. */
  readonly grants?: readonly Wish[];
  /** Requests that it wants the host to make for it. */
  readonly fetch?: readonly FetchWish[];
  /** Browser features for its frame (`allow`). */
  readonly permissions?: readonly Wish[];
  /** Sandbox tokens beside those of every guest, as in `allow-forms`. */
  readonly sandbox?: readonly Wish[];
  /** Whose files it loads beside its own, by kind, as exact origins: for the headers of its own server. */
  readonly csp?: Readonly<Partial<Record<CspKind, readonly string[]>>>;
}

/** Where a manifest is, on every server. */
export const manifestPath = '/.well-known/muntin.json';

/** The part of a manifest that a contract says. */
export function manifestOf({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string;
}): Pick<Manifest, 'name' | 'contract'> {
  return { name, contract: { name, version } };
}

/** Why the contract of a manifest does not fit ours; `undefined` where it does. */
export function findMisfit(own: Manifest['contract'], { name, version }: Manifest['contract']): string | undefined {
  const fits = own.name === name && compatibility(own.version) === compatibility(version);
  return fits ? undefined : `This page has the contract ${own.name} ${own.version}, the manifest ${name} ${version}`;
}

/** Checks one field and answers it; throws with the path where it is wrong. */
type Reader<T> = (value: unknown, path: string) => T;

function wrong(path: string, value: unknown, remedy: string): MuntinError<'INVALID_OPTION'> {
  return invalidOption(`The manifest's ${path} is ${inspect(value)}: give ${remedy}`);
}

const maxItems = 100;

// People read these texts and agree to what they say: nothing in them starts a line, is invisible, or turns the direction of what follows.
// What joins letters, or picks a form of the one before it, is part of words and of emoji.
const plain =
  // oxlint-disable-next-line no-misleading-character-class -- single ones are meant
  /^(?=.*[\p{L}\p{N}\p{P}\p{S}])(?:[\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\u{e0100}-\u{e01ef}]|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])*$/u;

const text =
  (
    max: number,
    pattern?: RegExp,
    remedy = `a text of 1 to ${max} characters, without those for control and direction`,
  ): Reader<string> =>
  (value, path) => {
    if (typeof value === 'string' && value !== '' && value.length <= max && (pattern ?? plain).test(value))
      return value;
    throw wrong(path, value, remedy);
  };

const list =
  <T>(item: Reader<T>, min = 0): Reader<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > maxItems)
      throw wrong(path, value, `a list of ${min} to ${maxItems}`);
    const items: T[] = [];
    for (let at = 0; at < value.length; at++) items.push(item(value[at], `${path}[${at}]`));
    return items;
  };

type Fields = Readonly<Record<string, readonly ['required' | 'optional', Reader<unknown>]>>;

/** An object of our own with these fields; others are left out, for a later version may have them. */
const record =
  (fields: Fields): Reader<Readonly<Record<string, unknown>>> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, value, 'an object');
    const made: Record<string, unknown> = {};
    for (const [name, [need, read]] of Object.entries(fields)) {
      const field: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      if (field !== undefined || need === 'required') made[name] = read(field, path === '' ? name : `${path}.${name}`);
    }
    return made;
  };

const origin: Reader<string> = (value, path) => {
  if (isAcceptable(value)) return value;
  throw wrong(path, value, 'an exact origin such as "https://shell.example"');
};
const sourceOf =
  (kind: CspKind): Reader<string> =>
  (value, path) => {
    if (typeof value !== 'string') return origin(value, path);
    if (cspSchemes[kind].includes(value)) return value;
    const named = origin(originOfSource(kind, value), path);
    if (!canBeSource(named)) throw wrong(path, value, 'a name in place of the IPv6 address');
    return value;
  };
const thatIs =
  (fits: (value: unknown) => value is string, remedy: string): Reader<string> =>
  (value, path) => {
    if (fits(value)) return value;
    throw wrong(path, value, remedy);
  };
const version: Reader<string> = (value, path) => {
  if (typeof value === 'string' && compatibility(value) !== undefined) return value;
  throw wrong(path, value, 'a semantic version such as "1.0.0"');
};
const short = text(256);
const sentence = text(1000);
const address = text(2048, /^[!-~]+$/, 'an address without white space');
const word = (remedy: string): Reader<string> => text(64, /^[a-z][a-z-]*$/, remedy);
const wish = (name: Reader<string>): Reader<Readonly<Record<string, unknown>>> =>
  record({ name: ['required', name], purpose: ['required', sentence] });

const anyPath = text(1024, /^\/[!-~]*$/, 'a path that begins with "/", in ASCII and without spaces');
// Whoever takes a wish for a grant tries what the guest asks for on the guest's own pattern.
const pattern: Reader<string> = (value, at) => {
  const read = anyPath(value, at);
  const why = whyRefused(read);
  if (why !== undefined)
    throw wrong(at, value, `a pattern that is clear, and cheap to try, such as "/v1/*/:id"; of this one ${why}`);
  return read;
};

/** One answer for each name: a second wish for it would stand beside another reason. */
const wishes =
  (name: Reader<string>): Reader<readonly unknown[]> =>
  (value, at) => {
    const found = list(wish(name))(value, at);
    const names = found.map((one) => one['name']);
    for (const [index, given] of names.entries())
      if (names.indexOf(given) < index) throw wrong(`${at}[${index}].name`, given, 'each name once');
    return found;
  };

const readFields = record({
  name: ['required', short],
  contract: ['required', record({ name: ['required', short], version: ['required', version] })],
  start_url: ['required', address],
  hosts: ['required', list(origin, 1)],
  short_name: ['optional', short],
  description: ['optional', sentence],
  lang: ['optional', text(64)],
  categories: ['optional', list(short)],
  icons: [
    'optional',
    list(
      record({
        src: ['required', address],
        sizes: ['optional', short],
        type: ['optional', short],
        purpose: ['optional', short],
      }),
    ),
  ],
  appId: ['optional', short],
  publisher: ['optional', short],
  supportEmail: ['optional', short],
  grants: ['optional', wishes(short)],
  fetch: [
    'optional',
    list(
      record({
        origin: ['required', origin],
        paths: ['required', list(pattern, 1)],
        methods: ['optional', list(thatIs(isGrantableMethod, 'a method in upper case that a browser sends'))],
        headers: ['optional', list(thatIs(isGrantableHeader, 'a header that a page may set'))],
        purpose: ['required', sentence],
      }),
    ),
  ],
  permissions: ['optional', wishes(word('the name of a feature'))],
  sandbox: ['optional', wishes(word('a sandbox token'))],
  csp: [
    'optional',
    record({
      connect: ['optional', list(sourceOf('connect'))],
      font: ['optional', list(sourceOf('font'))],
      frame: ['optional', list(sourceOf('frame'))],
      img: ['optional', list(sourceOf('img'))],
      media: ['optional', list(sourceOf('media'))],
      script: ['optional', list(sourceOf('script'))],
      style: ['optional', list(sourceOf('style'))],
      worker: ['optional', list(sourceOf('worker'))],
    }),
  ],
});

/**
 * Reads what claims to be a manifest into an object of our own; fields that it does not know are left out.
 *
 * @throws MuntinError `INVALID_OPTION`, naming the field, its value and the remedy.
 */
export function readManifest(value: unknown): Manifest {
  return readFields(value, '') as unknown as Manifest; // its readers have made exactly this
}
