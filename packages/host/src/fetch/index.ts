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
export { explainFetchFailure, type FailedRequest, type FetchFailure, type FetchFailureCause } from './explain.ts';

/**
 * Lets guests fetch through this page, by grants, and this page through them. Put it into `use` of a mount, or of several: each has a log and
 * counts of its own.
 *
 * ```ts
 * const network = fetchBroker({ grants: [{ origin: 'https://api.example', paths: ['/v1/*'] }] });
 * const widget = mount(ticker, { url, into, title, use: [network] });
 * const response = await network.of(widget).fetch('https://partner.example/api/me'); // through the guest, by its grants
 * ```
 *
 * Throws `INVALID_OPTION` for an unknown option or a wrong grant, naming it, its value and the remedy.
 */
export function fetchBroker(options: BrokerOptions = {}): FetchUse {
  return attachBroker('host', options);
}
