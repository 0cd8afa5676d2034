import { MuntinError } from '../errors.ts';
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
  const { message } = new MuntinError('CONTRACT_MISMATCH', text);
  return message.slice(0, 1024); // a guest reads no longer refusal
}

/**
 * The part of a semantic version that has to be equal on both sides: the major version; below 1.0.0 the minor one too.
 * `undefined` when the text is not a version. Source: Semantic Versioning 2.0.0, items 2, 4 and 8.
 */
export function compatibility(version: string): string | undefined {
  const [, major, minor] =
    /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})([-+][\w.+-]{1,64})?$/.exec(version) ?? [];
  return major === '0' ? `0.${minor}` : major;
}
