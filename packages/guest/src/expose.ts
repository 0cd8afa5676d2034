import type { AddedBy, GuestPart, Origin, OriginOptions, Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, isAcceptable, originOf, requirePage } from '@muntin/core/internal';
import { findParent } from './embedder.ts';
import { exposeKinds } from './option-kinds.ts';
import { type AnyContract, type CommonOptions, openShell, type Shell, type StandIn } from './shell.ts';

/** Options of {@link expose}. */
export type ExposeOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> & {
  /** The exact origins of the pages that may embed and call this guest, as in `['https://shell.example']`. */
  readonly hosts: readonly string[];
  /** Accepts hosts over plain `http:` that are not on loopback. Anyone on the network can then be such a host. @defaultValue false */
  readonly allowInsecure?: boolean;
  /** A stand-in for the host, made by `standIn`: used only when the page is not in a frame. @defaultValue none */
  readonly standalone?: StandIn;
} & GuestPart<C, AddedBy<List>>;

/**
 * Serves the guest's part of a contract to the page that embeds this one, if that page is one of `hosts`; nobody else gets a byte.
 * Returns at once. Throws `INVALID_OPTION` for a wrong option, naming it, its value and the remedy; why there is no host is told by
 * `ready`, `state$` and every call.
 */
export function expose<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: ExposeOptions<C, List>,
): Shell<C> {
  requirePage('expose()');
  checkOptions('expose', options, exposeKinds);
  const hosts = readHosts(options.hosts, options);
  return openShell(
    contract,
    options,
    () => findParent(window, hosts),
    window.parent === window ? options.standalone : undefined,
  );
}

/** The pins. In short: `explainOrigin` of @muntin/core would say more, and is larger than all of this. */
export function readHosts(hosts: readonly unknown[], options: OriginOptions): readonly Origin[] {
  const example = 'as in ["https://shell.example"]';
  if (!Array.isArray(hosts) || hosts.length === 0)
    throw invalidOption(
      `hosts is ${Array.isArray(hosts) ? 'empty' : inspect(hosts)}: list the exact origins of the pages that may embed this guest, ${example}`,
    );
  return hosts.map((host: unknown) => {
    if (isAcceptable(host, options)) return host;
    const exact = originOf(String(host));
    throw invalidOption(
      `hosts has ${inspect(host)}: give exact https origins, ${isAcceptable(exact, options) ? inspect(exact) : example}`,
    );
  });
}
