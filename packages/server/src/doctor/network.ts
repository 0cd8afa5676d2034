import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Whether browsers take a host for this machine without asking anyone (Secure Contexts, 3.1; RFC 6761, 6.3). */
export function isLoopbackHost(host: string): boolean {
  return /^(.+\.)?localhost\.?$|^127(\.\d+){3}$|^\[::1\]$/.test(host);
}

const local = new BlockList();
for (const [address, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  local.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  local.addSubnet(address, prefix, 'ipv6');

/** Whether an address is this machine or in the local network (Local Network Access, "IP address space"). */
export function isLocalAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  return family !== 0 && local.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a page of this origin came from the public network, as far as its name tells; an origin that cannot be resolved did. */
export async function isPublicOrigin(origin: string): Promise<boolean> {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  if (isLoopbackHost(hostname)) return false;
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return !isLocalAddress(bare);
  const found = await lookup(bare).catch(() => undefined);
  return found === undefined || !isLocalAddress(found.address);
}
