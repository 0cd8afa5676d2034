import { parseOrigin } from '@muntin/core';
import { type CspKind, canBeSource, cspSchemes, originOfSource } from '@muntin/core/internal';
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

const kinds = Object.keys(cspSchemes) as readonly CspKind[]; // its keys are exactly those

/** The sources of every kind, checked. Throws `INVALID_OPTION`. */
export function readSources(needs: CspNeeds = {}): Readonly<Record<CspKind, readonly string[]>> {
  for (const kind of Object.keys(needs))
    if (!Object.hasOwn(cspSchemes, kind)) throw invalidOption('csp', kind, `the kinds ${kinds.join(', ')}`);
  const of = (kind: CspKind): readonly string[] => {
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

function readSource(kind: CspKind, source: unknown): string {
  if (typeof source !== 'string') throw invalidOption(`csp.${kind}`, source, 'exact origins');
  if (cspSchemes[kind].includes(source)) return source;
  readOrigin(`csp.${kind}`, originOfSource(kind, source));
  return source;
}

/** An exact origin that a policy can name. Throws `INVALID_OPTION`. */
export function readOrigin(option: string, given: string): string {
  const origin = parseOrigin(given);
  if (!canBeSource(origin)) throw invalidOption(option, origin, 'a name in place of the IPv6 address');
  return origin;
}
