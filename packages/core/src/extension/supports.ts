import { listProcedures } from '../contract/list.ts';
import type { Procedures } from '../contract/types.ts';
import { inspect, invalidOption } from '../errors.ts';
import type { Supportable } from './endpoint.ts';

/**
 * Where the other side serves something, of which it is asked `calls`, procedures under their prefix. Throws `INVALID_OPTION` for what is no
 * extension, and for a procedure that is served nowhere, or under two names.
 */
export function pathOf(what: unknown, calls: readonly (readonly [prefix: string, procedures: Procedures])[]): string {
  if (isSupportable(what)) {
    const found = 'kind' in what ? calls.flatMap(([prefix, all]) => pathsIn(all, what, prefix)) : [what.path];
    if (found.length === 1 && typeof found[0] === 'string') return found[0];
  }
  throw invalidOption(
    `supports was given ${inspect(what)}: give an extension, or one procedure of a contract in use here`,
  );
}

function isSupportable(what: unknown): what is Supportable {
  return typeof what === 'object' && what !== null;
}

function pathsIn(procedures: Procedures, wanted: object, prefix: string): string[] {
  return [...listProcedures(procedures)].flatMap(([path, known]) => (known === wanted ? prefix + path : []));
}
