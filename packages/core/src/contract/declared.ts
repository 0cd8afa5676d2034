import { isMuntinError } from '../errors.ts';
import type { DeclaredErrors, ErrorOf } from './types.ts';

/**
 * Whether something that was caught is an error that this procedure declares. It narrows to the declared codes, each with its data:
 *
 * ```ts
 * catch (error) { if (isErrorOf(shop.guest.order, error) && error.code === 'outOfStock') show(error.data.left); }
 * ```
 */
export function isErrorOf<P extends { readonly errors: DeclaredErrors }>(
  procedure: P,
  error: unknown,
): error is ErrorOf<P> {
  return isMuntinError(error) && Object.hasOwn(procedure.errors, error.code);
}
