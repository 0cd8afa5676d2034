export type { MountState, MountStateName } from './lifecycle.ts';
export { type AttachOptions, attach, type Mount, type MountOptions, type MountStats, mount } from './mount.ts';
export type { Policy } from './policy/policy.ts';
