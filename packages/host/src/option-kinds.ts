import type { OptionKinds } from '@muntin/core/internal';
import type { AttachOptions, MountOptions, SrcdocOptions } from './mount.ts';
import type { AnyContract, CommonOptions, Reconnect, UnmountOptions } from './mounted.ts';
import type { OpenOptions } from './open.ts';
import type { WorkerOptions } from './worker.ts';

// What a mount can be given, in every shape. `any`: it is checked where it is used, with a message of its own.

const commonKinds: OptionKinds<CommonOptions & { handlers?: unknown; context?: unknown }> = {
  handlers: 'object',
  context: 'any',
  use: 'array',
  limits: 'object',
  codec: 'object',
  handshakeTimeoutMs: 'number',
  unresponsiveMs: 'number',
  onUnresponsive: 'any',
  giveUpMs: 'number',
  reconnect: 'any',
  askServer: 'boolean',
  debug: 'boolean',
  allowInsecure: 'boolean',
  onHandlerError: 'function',
};

/** Of `mount`. */
export const mountKinds: OptionKinds<MountOptions<AnyContract> | SrcdocOptions<AnyContract>> = /* @__PURE__ */ (() => ({
  ...commonKinds,
  into: 'any',
  title: 'any',
  policy: 'object',
  url: 'any',
  srcdoc: 'any',
  opaque: 'boolean',
}))();

/** Of `attach`. */
export const attachKinds: OptionKinds<AttachOptions<AnyContract>> = /* @__PURE__ */ (() => ({
  ...commonKinds,
  frame: 'any',
  origin: 'any',
}))();

/** Of `open`. */
export const openKinds: OptionKinds<OpenOptions<AnyContract>> = /* @__PURE__ */ (() => ({
  ...commonKinds,
  url: 'any',
  features: 'any',
}))();

/** Of `mountWorker`. */
export const workerKinds: OptionKinds<WorkerOptions<AnyContract>> = /* @__PURE__ */ (() => ({
  ...commonKinds,
  worker: 'any',
}))();

/** Of the option `reconnect`. */
export const reconnectKinds: OptionKinds<Reconnect> = { retries: 'number', delayMs: 'number', maxDelayMs: 'number' };

/** Of `unmount`. */
export const unmountKinds: OptionKinds<UnmountOptions> = { askMs: 'number' };
