export type { CommonOptions, Mounted, MountStats } from './guest-mount.ts';
export type { MountState, MountStateName } from './lifecycle.ts';
export { type AttachOptions, attach, type Mount, type MountOptions, mount } from './mount.ts';
export type { Policy } from './policy/policy.ts';
