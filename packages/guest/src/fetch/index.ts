import { attachBroker, type BrokerOptions, type FetchUse } from '@muntin/core/fetch';

export {
  type BrokeredFetch,
  type BrokeredFetches,
  type BrokerOptions,
  type Denial,
  denialOf,
  type FetchGrant,
  type FetchLogEntry,
  type FetchRule,
  type FetchUse,
  purposeOf,
} from '@muntin/core/fetch';

/**
 * Lets this page fetch through its host, and the host through this page, by grants. Put it into `use` of `expose`.
 *
 * ```ts
 * const network = fetchBroker();
 * const shell = expose(ticker, { hosts, handlers, use: [network] });
 * const response = await network.of(shell).fetch('https://api.example/v1/quotes');
 * ```
 *
 * Throws `INVALID_OPTION` for an unknown option or a wrong grant, naming it, its value and the remedy.
 */
export function fetchBroker(options: BrokerOptions = {}): FetchUse {
  return attachBroker('guest', options);
}
