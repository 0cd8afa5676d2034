import { isProcedure } from './define.ts';
import type { Procedure, Procedures } from './types.ts';

/** Every procedure of one side with its path, as in `chart.zoom`, in the order in which the contract has them. */
export function listProcedures(tree: Procedures): Map<string, Procedure> {
  const found = new Map<string, Procedure>();
  const visit = (group: Procedures, prefix: string): void => {
    for (const [name, entry] of Object.entries(group)) {
      const path = prefix + name;
      if (isProcedure(entry)) found.set(path, entry);
      else visit(entry, `${path}.`);
    }
  };
  visit(tree, '');
  return found;
}
