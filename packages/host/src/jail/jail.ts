import type { OriginOptions, Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, isAcceptable, type OptionKinds } from '@muntin/core/internal';
import { tryUrl } from '../address.ts';
import { type Mount, mount, type SrcdocOptions } from '../mount.ts';
import { mountKinds } from '../option-kinds.ts';

type AnyContract = Parameters<typeof mount>[0];

/** Options of {@link jail}: those of `mount` for a page that is given as text, and what is in that page. */
export type JailOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = Omit<
  SrcdocOptions<C, List>,
  'srcdoc' | 'opaque'
> & {
  /** The tag: the address of the script of the third party. It is loaded when `runtime` has run. */
  readonly src: string | URL;
  /**
   * Your own script for the frame, a module: it calls `expose` of `@muntin/guest` and gives the tag what it expects in a page, such as
   * `window.dataLayer`. Its server has to allow every origin (`Access-Control-Allow-Origin: *`), for the frame has none.
   */
  readonly runtime: string | URL;
  /** Exact origins that the tag may load from and send to, beside its own and that of `runtime`. @defaultValue none */
  readonly reach?: readonly string[];
};

const { srcdoc: _text, opaque: _opaque, url: _url, ...common } = mountKinds;
const jailKinds: OptionKinds<JailOptions<AnyContract>> = { ...common, src: 'any', runtime: 'any', reach: 'any' };

/**
 * Runs a third-party tag (analytics, advertising, chat) in an opaque frame instead of the page. What it gets of the page is the contract: its
 * data layer. It reads no cookie, no storage and no DOM of yours, and its policy names the servers that it may speak to. Send
 * `Content-Security-Policy: frame-src`, too: only your own policy keeps a frame from going elsewhere. Throws `INVALID_OPTION`.
 */
export function jail<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: JailOptions<C, List>,
): Mount<C> {
  checkOptions('jail', options, jailKinds);
  const { src, runtime, reach, ...rest } = options;
  const relaxed = { allowInsecure: options.allowInsecure === true };
  const srcdoc = pageOf(
    readScript('src', src, relaxed),
    readScript('runtime', runtime, relaxed),
    readReach(reach, relaxed),
  );
  // What is left of the options is what `mount` takes beside the text, which the compiler cannot see through a generic `Omit`.
  return mount(contract, { ...rest, srcdoc, opaque: true } as unknown as SrcdocOptions<C>);
}

function pageOf(tag: URL, runtime: URL, reach: readonly string[]): string {
  const all = [...new Set([runtime.origin, tag.origin, ...reach])].join(' ');
  const theirs = [...new Set([tag.origin, ...reach])].join(' ');
  const policy = [
    "default-src 'none'",
    `script-src ${all}`,
    `style-src 'unsafe-inline' ${theirs}`,
    ...['connect-src', 'font-src', 'frame-src', 'img-src', 'media-src'].map((directive) => `${directive} ${theirs}`),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy" content="${policy}"><script type="module" src="${quote(runtime)}"></script><script defer src="${quote(tag)}"></script><body></body>`;
}

function quote({ href }: URL): string {
  return href.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

function readScript(name: string, given: unknown, options: OriginOptions): URL {
  const url = typeof given === 'string' || given instanceof URL ? tryUrl(given) : undefined;
  const isScript = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (isScript && isAcceptable(url.origin, options)) return url;
  throw invalidOption(
    `${name} is ${inspect(given)}: give the https address of a script, without user-info; plain http takes allowInsecure: true`,
  );
}

function readReach(reach: unknown, options: OriginOptions): readonly string[] {
  const example = 'give exact origins, as in ["https://cdn.example"]';
  if (reach === undefined) return [];
  if (!Array.isArray(reach)) throw invalidOption(`reach is ${inspect(reach)}: ${example}`);
  return reach.map((origin: unknown) => {
    if (isAcceptable(origin, options)) return origin;
    throw invalidOption(`reach has ${inspect(origin)}: ${example}`);
  });
}
