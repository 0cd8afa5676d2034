import { parseOrigin } from '@muntin/core';
import { checkList, invalidOption } from '../rules/invalid.ts';

/** Whose files and data a page loads beside its own: exact origins, by kind. `data:` and `blob:` where they cannot run. */
export interface CspNeeds {
  readonly connect?: readonly string[];
  readonly font?: readonly string[];
  readonly frame?: readonly string[];
  readonly img?: readonly string[];
  readonly media?: readonly string[];
  readonly script?: readonly string[];
  readonly style?: readonly string[];
  readonly worker?: readonly string[];
}

type Kind = keyof CspNeeds;

/** Schemes that a kind may have as a whole: what is loaded with them does not run with the page's rights, or is the page's own. */
const schemes: Readonly<Record<Kind, readonly string[]>> = {
  connect: ['blob:', 'data:'],
  font: ['data:'],
  frame: [],
  img: ['blob:', 'data:'],
  media: ['blob:', 'data:'],
  script: [],
  style: [],
  worker: ['blob:'],
};

const kinds = Object.keys(schemes) as readonly Kind[];

/** The sources of every kind, checked. Throws `INVALID_OPTION`. */
export function readSources(needs: CspNeeds = {}): Readonly<Record<Kind, readonly string[]>> {
  for (const kind of Object.keys(needs))
    if (!Object.hasOwn(schemes, kind)) throw invalidOption('csp', kind, `the kinds ${kinds.join(', ')}`);
  const of = (kind: Kind): readonly string[] => {
    const list = needs[kind] ?? [];
    checkList(`csp.${kind}`, list, 'a list, as in ["https://api.example"]');
    return list.map((source) => readSource(kind, source));
  };
  return {
    connect: of('connect'),
    font: of('font'),
    frame: of('frame'),
    img: of('img'),
    media: of('media'),
    script: of('script'),
    style: of('style'),
    worker: of('worker'),
  };
}

function readSource(kind: Kind, source: unknown): string {
  if (typeof source !== 'string') throw invalidOption(`csp.${kind}`, source, 'exact origins');
  if (schemes[kind].includes(source)) return source;
  const socket = kind === 'connect' ? /^ws(s?:.*)$/.exec(source)?.[1] : undefined;
  // A socket's address has a scheme of its own, and else is an origin like others.
  readOrigin(`csp.${kind}`, socket === undefined ? source : `http${socket}`);
  return source;
}

/** An exact origin that a policy can name. Throws `INVALID_OPTION`. */
export function readOrigin(option: string, given: string): string {
  const origin = parseOrigin(given);
  // No source expression of a policy can name one (CSP Level 3, 2.3.1): browsers ignore it, without a word.
  if (origin.includes('[')) throw invalidOption(option, origin, 'a name in place of the IPv6 address');
  return origin;
}
