import type { Procedures } from '../contract/types.ts';
import { invalidOption } from '../errors.ts';
import { suggest } from '../hints.ts';

// What only helps whoever develops. Production builds have it without a body: see scripts/production.mjs.

/**
 * A misspelt handler is a mistake; a class has methods of its own beside its handlers. `isRoot` says what every object inherits from.
 * Throws `INVALID_OPTION` for a function that serves no procedure.
 */
export function checkHandlers(
  procedures: Procedures,
  group: object,
  prefix: string,
  isRoot: (value: unknown) => boolean,
): void {
  const prototype: unknown = Object.getPrototypeOf(group);
  if (prototype !== null && !isRoot(prototype)) return;
  for (const [name, entry] of Object.entries<unknown>({ ...group }))
    if (!Object.hasOwn(procedures, name) && (typeof entry === 'function' || hasFunction(entry)))
      throw invalidOption(
        `handlers.${prefix}${name} serves no procedure of this side of the contract: ${suggest(name, Object.keys(procedures))}`,
      );
}

function hasFunction(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).some((part) => typeof part === 'function');
}
