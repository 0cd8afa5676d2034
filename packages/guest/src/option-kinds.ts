import type { OptionKinds } from '@muntin/core/internal';
import type { ExposeOptions } from './expose.ts';
import type { AnyContract, CommonOptions } from './shell.ts';
import type { WorkerExposeOptions } from './worker.ts';

// What a guest can be given, in every shape. `any`: it is checked where it is used, with a message of its own.

const commonKinds: OptionKinds<CommonOptions & { handlers?: unknown }> = {
  handlers: 'object',
  use: 'array',
  limits: 'object',
  codec: 'object',
  handshakeTimeoutMs: 'number',
  beforeClose: 'function',
  debug: 'boolean',
  onHandlerError: 'function',
};

/** Of `expose` in a frame and in a popup. */
export const exposeKinds: OptionKinds<ExposeOptions<AnyContract>> = /* @__PURE__ */ (() => ({
  ...commonKinds,
  hosts: 'any',
  allowInsecure: 'boolean',
  standalone: 'function',
}))();

/** Of `expose` in a worker. */
export const workerKinds: OptionKinds<WorkerExposeOptions<AnyContract>> = commonKinds;
