import { anyCall, listProcedures } from '../contract/define.ts';
import type { Procedures, Served } from '../contract/types.ts';
import { invalidOption, show } from '../errors.ts';
import { suggest } from '../options.ts';

/** What every peer serves first, and no contract can name: a sign of life. */
const ping: Served = { path: '', procedure: anyCall, handler: () => undefined };

/**
 * Pairs each procedure of one side with its handler. Throws `INVALID_OPTION` for a handler that is missing, is not a function, or
 * serves no procedure.
 */
export function pairHandlers(procedures: Procedures, handlers: object = {}): readonly Served[] {
  const found = new Map<string, unknown>();
  const visit = (group: object, prefix: string): void => {
    for (const [name, entry] of Object.entries<unknown>({ ...group })) {
      if (typeof entry === 'object' && entry !== null) visit(entry, `${prefix}${name}.`);
      else found.set(prefix + name, entry);
    }
  };
  visit(handlers, '');
  const served = [...listProcedures(procedures)].map(([path, procedure]) => {
    const handler = found.get(path);
    found.delete(path);
    if (!isHandler(handler))
      throw invalidOption(
        handler === undefined
          ? `handlers.${path} is missing: the contract says that this side serves it`
          : `handlers.${path} is ${show(handler)}: give a function`,
      );
    return { path, procedure, handler };
  });
  for (const path of found.keys())
    throw invalidOption(
      `handlers.${path} serves no procedure of this side of the contract: ${suggest(
        path,
        served.map((one) => one.path),
      )}`,
    );
  return [ping, ...served];
}

function isHandler(value: unknown): value is Served['handler'] {
  return typeof value === 'function';
}
