export { type BrokerOptions, createBroker, type FetchBroker, type FetchLogEntry } from './broker.ts';
export { type BrokeredFetch, fetchThrough } from './client.ts';
export { type FetchGrant, purposeOf } from './grants.ts';
export { type Denial, type FetchCall, type FetchHead, type FetchRule, fetchProcedure } from './protocol.ts';
