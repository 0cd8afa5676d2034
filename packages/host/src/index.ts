export type { MountState, MountStateName } from './lifecycle.ts';
export { type AttachOptions, attach, type Mount, type MountOptions, mount, type SrcdocOptions } from './mount.ts';
export type { CommonOptions, Mounted, MountStats, Reconnect, UnmountOptions } from './mounted.ts';
export { type OpenOptions, open, type Popup } from './open.ts';
export type { Policy } from './policy/policy.ts';
export { mountWorker, type WorkerMount, type WorkerOptions } from './worker.ts';
