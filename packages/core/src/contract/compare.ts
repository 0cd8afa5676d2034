import { compatibility } from './define.ts';
import type { Contract } from './types.ts';

/** Why the contract of a peer does not fit ours, naming both and what is missing; `undefined` when it fits. */
export function compareContracts(
  own: Contract,
  peer: { readonly name: string; readonly version: string },
  wanted: Iterable<string>,
  serves: readonly string[],
): string | undefined {
  const mine = compatibility(own.version);
  if (own.name === peer.name && mine !== undefined && mine === compatibility(peer.version)) return undefined;
  const missing = [...wanted].filter((path) => !serves.includes(path));
  const lacks = missing.length > 0 ? `; it does not serve ${missing.slice(0, 8).join(', ')}` : '';
  const text = `The host has the contract ${own.name} ${own.version}, the guest ${peer.name} ${peer.version}${lacks}`;
  return text.slice(0, 1024); // a guest reads no longer refusal
}
