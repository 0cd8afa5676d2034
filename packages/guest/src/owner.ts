import type { Live } from '@muntin/core';
import type { GuestState } from './shell.ts';

/** Whether the owner of an extension is a shell, which has states. */
export function hasStates(owner: unknown): owner is { readonly state$: Live<GuestState> } {
  return typeof owner === 'object' && owner !== null && 'state$' in owner;
}
