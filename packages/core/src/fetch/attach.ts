import type { Extensible, Use } from '../extension/endpoint.ts';
import { type Attached, type Extension, extension } from '../extension/extension.ts';
import { type BrokerOptions, createBroker, type FetchBroker, type FetchLogEntry } from './broker.ts';
import { type BrokeredFetch, fetchThrough } from './client.ts';
import { fetchProcedure } from './protocol.ts';

/** The fetches of one mount or shell. */
export interface BrokeredFetches {
  /**
   * `fetch`, through the other side: it takes whole addresses, `method`, `headers`, `body` and `signal`; what else a `RequestInit` says is up
   * to the other side's grant. Resolves with a real `Response`, whose body is read from the other side while it is read here. Rejects with
   * `DENIED` (see {@link denialOf}), `FETCH_FAILED`, the signal's reason, or as any stream does: `PROCEDURE_NOT_FOUND` where the other side
   * has no `fetchBroker` in `use`, `LINK_CLOSED` when it goes. Throws `TypeError` where `fetch` does.
   */
  readonly fetch: BrokeredFetch;
  /** What the other side has asked this one for: the last 1,000 requests, oldest first, those that are open included. */
  readonly log: readonly Readonly<FetchLogEntry>[];
}

/** What `fetchBroker` returns, for `use`. */
export interface FetchUse extends Use {
  /** For `supports`: whether the other side fetches, too. */
  readonly path: string;
  /** The fetches of a mount or shell. Throws `INVALID_OPTION` for one that does not use it. */
  of(owner: Extensible): BrokeredFetches;
}

type Side = { readonly fetch: typeof fetchProcedure };

const fetching: Extension<Side, Side> = extension('muntin/fetch', {
  host: { fetch: fetchProcedure },
  guest: { fetch: fetchProcedure },
});

/**
 * One side's broker, as an extension. Each mount or shell that uses it has a log, places and counts of its own, which outlive the documents of
 * its other side.
 */
export function attachBroker(side: 'host' | 'guest', options: BrokerOptions): FetchUse {
  createBroker(options); // whoever writes a wrong grant hears of it here
  const brokers = new WeakMap<object, FetchBroker>();
  const serve = ({ client }: { readonly client: object }): { readonly fetch: FetchBroker['fetch'] } => {
    const broker = createBroker(options);
    brokers.set(client, broker);
    return { fetch: broker.fetch };
  };
  const attached: Attached<Side> = side === 'host' ? fetching.onHost(serve) : fetching.onGuest(serve);
  return Object.freeze({
    'muntin.install': attached['muntin.install'],
    path: fetching.path,
    of: (owner: Extensible) => {
      const client = attached.of(owner);
      return { fetch: fetchThrough(client.fetch), log: brokers.get(client)?.log ?? [] };
    },
  });
}
