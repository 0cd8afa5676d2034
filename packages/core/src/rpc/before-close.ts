import { mutation } from '../contract/define.ts';
import type { Served } from '../contract/types.ts';
import type { Caller } from './caller.ts';

// No contract can name it.
const path = 'muntin:beforeClose';
const procedure = mutation();

/** What a guest serves beside its contract, so that it can save before it is taken away. */
export function serveBeforeClose(handler: () => unknown): Served {
  return { path, procedure, handler: () => Promise.resolve(handler()).then(() => undefined) };
}

/** Asks the guest to save, and waits for no longer than `askMs` milliseconds. Never rejects: a guest that has nothing to say goes. */
export async function beforeClose(caller: Caller, askMs: number): Promise<void> {
  await caller.call(path, procedure, undefined, { timeoutMs: askMs }).catch(() => undefined);
}
