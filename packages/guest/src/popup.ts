import { MuntinError, type Use } from '@muntin/core';
import { checkOptions, type HostEndpoint, originOf, requirePage, windowHost } from '@muntin/core/internal';
import { findParent } from './embedder.ts';
import { type ExposeOptions, readHosts } from './expose.ts';
import { exposeKinds } from './option-kinds.ts';
import { type AnyContract, openShell, type Shell } from './shell.ts';

/**
 * Serves the guest's part of a contract to the page that opened this one with `open`, if that page is one of `hosts`; in a frame, to the
 * page that embeds it. Otherwise as `expose` of `@muntin/guest`. It has an entry of its own because a page that is opened runs with all
 * that its user has there, unlike in a frame, where browsers keep cookies and storage apart: who calls it then is to be decided.
 */
export function expose<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: ExposeOptions<C, List>,
): Shell<C> {
  requirePage('expose()');
  checkOptions('expose', options, exposeKinds);
  const hosts = readHosts(options.hosts, options);
  const opener: Window | null = window.opener ?? null; // jsdom has none
  const isAlone = window.parent === window && opener === null;
  return openShell(
    contract,
    options,
    () => (window.parent === window ? findOpener(opener, hosts) : findParent(window, hosts)),
    isAlone ? options.standalone : undefined,
  );
}

/** Browsers tell nobody the origin of the opener; the referrer, where it is one of `hosts`, saves trying the others. */
function findOpener(opener: Window | null, hosts: readonly string[]): HostEndpoint {
  if (opener === null)
    throw new MuntinError(
      'NOT_EMBEDDED',
      'This page has no opener: it was not opened by a host, or with "noopener", or Cross-Origin-Opener-Policy, of this page or of its host, has cut it off',
    );
  const referrer = originOf(document.referrer);
  return windowHost(opener, hosts.includes(referrer) ? [referrer] : hosts);
}
