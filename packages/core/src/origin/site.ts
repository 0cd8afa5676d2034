// Chromium and Safari know sites themselves (HTML Standard, 7.1.1.1 Sites): their list of public suffixes is the one that counts there.
interface PlatformOrigin {
  isSameSite(other: PlatformOrigin): boolean;
}

interface PlatformOriginConstructor {
  from(url: string): PlatformOrigin;
}

/** Whether two host names belong to one site, whatever the scheme: they are equal, or have the same registrable domain. */
export type SiteOf = (hostA: string, hostB: string) => boolean;

/** Asks the browser where it can be asked, else the list of public suffixes, which is loaded then. */
export async function loadSiteOf(): Promise<SiteOf> {
  const platform = platformOrigin();
  if (platform !== undefined)
    return (hostA, hostB) => platform.from(`https://${hostA}`).isSameSite(platform.from(`https://${hostB}`));
  const { getDomain } = await import('tldts');
  const domainOf = (host: string): string => {
    const bare = host.replace(/\.$/, '');
    // Companies that give names below theirs to strangers (github.io) are on the list too, as in browsers.
    const domain = getDomain(bare, { allowPrivateDomains: true, validateHostname: false });
    return domain === null ? host : `${domain}${host.slice(bare.length)}`; // a trailing dot is part of the name
  };
  return (hostA, hostB) => hostA === hostB || domainOf(hostA) === domainOf(hostB);
}

function platformOrigin(): PlatformOriginConstructor | undefined {
  const found: unknown = Reflect.get(globalThis, 'Origin');
  if (!isConstructor(found)) return undefined;
  try {
    const [one, other] = [found.from('https://a.example.com'), found.from('https://b.example.com')];
    return one.isSameSite(other) ? found : undefined;
  } catch {
    return undefined; // another thing of that name
  }
}

function isConstructor(value: unknown): value is PlatformOriginConstructor {
  return typeof value === 'function' && 'from' in value && typeof value.from === 'function';
}
