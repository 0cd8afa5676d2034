'use client';
import type { Live } from '@muntin/core';
import { useCallback, useMemo, useSyncExternalStore } from 'react';

/** What has a live context: what `expose` returns, or `undefined` until then. */
export interface Contextual<Context> {
  /** The context that there is, then every other. */
  readonly context$: Live<Context, undefined>;
}

/**
 * The present value of something live, such as `widget.state$` or `size.of(widget).size$`; renders again with every other value.
 * `undefined` for `undefined`, and on the server.
 */
export function useLive<T, Empty = T>(live: Live<T, Empty> | undefined): T | Empty | undefined {
  return useSnapshot(live, () => live?.value);
}

function useSnapshot<T>(live: Live<unknown, unknown> | undefined, read: () => T): T | undefined {
  const subscribe = useCallback(
    (changed: () => void) => {
      const subscription = live?.subscribe(changed);
      return () => subscription?.unsubscribe();
    },
    [live],
  );
  return useSyncExternalStore(subscribe, read, () => undefined);
}

/** In a guest: the context that the host gives, or what `select` picks of it; `undefined` until it has come, and on the server. */
export function useContextValue<Context>(shell: Contextual<Context> | undefined): Context | undefined;
/** What `select` picks of the context; the component renders anew when that is another value. */
export function useContextValue<Context, Picked>(
  shell: Contextual<Context> | undefined,
  select: (context: Context) => Picked,
): Picked | undefined;
export function useContextValue<Context>(
  shell: Contextual<Context> | undefined,
  select: (context: Context) => unknown = whole,
): unknown {
  const live = shell?.context$;
  const read = useMemo(() => {
    let last: { readonly context: Context; readonly picked: unknown } | undefined;
    return (): unknown => {
      const context = live?.value;
      if (context === undefined) return undefined;
      // Once for each context: React reads twice, and takes an object that is made anew for a change.
      if (last?.context !== context) last = { context, picked: select(context) };
      return last.picked;
    };
  }, [live, select]);
  return useSnapshot(live, read);
}

function whole(context: unknown): unknown {
  return context;
}
