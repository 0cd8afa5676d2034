// What is loaded when a value first needs it; see `lazy.ts`.
export { walk } from '../link/walk.ts';
export { whyOnlyOnce } from '../rpc/once.ts';
export { openReferenceTable, ReferenceBatchSender } from './batch-sender.ts';
export { keepAround } from './lift.ts';
export { WaitingLanes } from './waiting-lanes.ts';
