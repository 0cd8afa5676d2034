'use client';
import type { AddedBy, Contract, GuestPart, Use } from '@muntin/core';
import { delegate } from '@muntin/core/adapter';
import { type CommonOptions, type ExposeOptions, expose, type Shell, type StandIn } from '@muntin/guest';
import { useKept } from './kept.ts';
import { useLatest } from './latest.ts';

/**
 * Options of {@link useExpose}: those of `expose`. `handlers` may be others in every render; the rest counts when the component is there first. What the hooks of
 * `use` add to the context of handlers is in their types.
 */
export type ExposeHookOptions<
  C extends Contract,
  List extends readonly Use[] = readonly Use[],
> = CommonOptions<List> & {
  /** The exact origins of the pages that may embed this guest. */
  readonly hosts: readonly string[];
  /** Accepts hosts over plain `http:` that are not on loopback. @defaultValue false */
  readonly allowInsecure?: boolean;
  /** A stand-in for the host, made by `standIn`. @defaultValue none */
  readonly standalone?: StandIn;
} & GuestPart<C, AddedBy<List>>;

/**
 * In a guest: serves the host for as long as the component is there. `undefined` in the first render, and on the server. Use it once in a page: a
 * page has one host. A wrong option throws `INVALID_OPTION` in an effect, where an error boundary catches it.
 */
export function useExpose<C extends Contract, const List extends readonly Use[] = []>(
  contract: C,
  options: ExposeHookOptions<C, List>,
): Shell<C> | undefined {
  const latest = useLatest<ExposeHookOptions<C, List>>(options);
  const make = (): Shell<C> => {
    const handlers = delegate(contract.guest, () => latest.current.handlers);
    // As the types of `useExpose` have it: the same options, with handlers that call those that were given.
    return expose<C, readonly Use[]>(contract, { ...latest.current, handlers } as unknown as ExposeOptions<C>);
  };
  return useKept(make, (made) => made.close(), [contract]);
}
