export { attachBroker, type BrokeredFetches, type FetchUse } from './attach.ts';
export type { BrokerOptions, FetchLogEntry } from './broker.ts';
export type { BrokeredFetch } from './client.ts';
export { type FetchGrant, purposeOf } from './grants.ts';
export { type Denial, denialOf, type FetchRule } from './protocol.ts';
