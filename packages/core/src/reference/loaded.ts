// What is loaded when something first needs it; see `lazy.ts`.
export { pathOf } from '../extension/supports.ts';
export { walk } from '../link/walk.ts';
export { whyOnlyOnce } from '../rpc/once.ts';
export { openReferenceTable, ReferenceBatchSender } from './batch-sender.ts';
export { keepAround } from './lift.ts';
export { WaitingLanes } from './waiting-lanes.ts';
