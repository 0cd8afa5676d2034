/** The kinds of what a page loads, by which a policy names sources. */
export type CspKind = 'connect' | 'font' | 'frame' | 'img' | 'media' | 'script' | 'style' | 'worker';

/** Schemes that a kind may have as a whole: what is loaded with them does not run with the page's rights, or is the page's own. */
export const cspSchemes: Readonly<Record<CspKind, readonly string[]>> = {
  connect: ['blob:', 'data:'],
  font: ['data:'],
  frame: [],
  img: ['blob:', 'data:'],
  media: ['blob:', 'data:'],
  script: [],
  style: [],
  worker: ['blob:'],
};

/** The origin by whose rules a source is judged: the address of a socket has a scheme of its own, and else is an origin like others. */
export function originOfSource(kind: CspKind, source: string): string {
  return kind === 'connect' ? source.replace(/^ws/, 'http') : source;
}

/** Whether a policy can name an origin: no source expression can be an IPv6 address (CSP Level 3, 2.3.1), and browsers ignore it. */
export function canBeSource(origin: string): boolean {
  return !origin.includes('[');
}
