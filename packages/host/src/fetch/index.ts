export {
  type BrokeredFetch,
  type BrokerOptions,
  createBroker,
  type Denial,
  type FetchBroker,
  type FetchCall,
  type FetchGrant,
  type FetchHead,
  type FetchLogEntry,
  type FetchRule,
  fetchProcedure,
  fetchThrough,
  purposeOf,
} from '@muntin/core/fetch';
export { explainFetchFailure, type FailedRequest, type FetchFailure, type FetchFailureCause } from './explain.ts';
