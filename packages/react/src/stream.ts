'use client';
import type { Live } from '@muntin/core';
import { type DependencyList, useEffect, useState } from 'react';
import type { Observable } from 'rxjs';

/** What all that can be subscribed to has. */
interface Source {
  subscribe(observer: {
    readonly next: (value: unknown) => void;
    readonly error: (error: unknown) => void;
    readonly complete: () => void;
  }): { unsubscribe(): void };
}

/** Where a stream is. */
export interface Streamed<T> {
  /** The latest value; `undefined` before the first. It stays when the stream has ended. */
  readonly value: T | undefined;
  /** `idle`: there is no stream. `waiting`: for its first value. */
  readonly status: 'idle' | 'waiting' | 'live' | 'complete' | 'failed';
  /** Why it has failed. */
  readonly error: unknown;
}

const idle: Streamed<never> = { value: undefined, status: 'idle', error: undefined };
const waiting: Streamed<never> = { value: undefined, status: 'waiting', error: undefined };

/**
 * The latest value of a stream. `open` makes it; it runs again when one of `deps` is another, as with `useEffect`, and may return `undefined` where there is
 * nothing to subscribe to yet. The former stream is unsubscribed from, which stops its producer at the other side.
 *
 * ```tsx
 * const { value, status } = useStream(() => widget?.guest.prices(symbols), [widget, symbols]);
 * ```
 */
export function useStream<T>(open: () => Observable<T> | undefined, deps: DependencyList): Streamed<T>;
/** The same of a live value, such as `state$`. */
export function useStream<T>(open: () => Live<T, unknown> | undefined, deps: DependencyList): Streamed<T>;
export function useStream(open: () => Source | undefined, deps: DependencyList): Streamed<unknown> {
  const [{ of, streamed }, set] = useState<{ of: DependencyList; streamed: Streamed<unknown> }>({
    of: deps,
    streamed: idle,
  });
  useEffect(() => {
    const source = open();
    const show = (next: Streamed<unknown>): void => set({ of: deps, streamed: next });
    show(source === undefined ? idle : waiting);
    let last: unknown;
    const subscription = source?.subscribe({
      next: (value) => {
        last = value;
        show({ value, status: 'live', error: undefined });
      },
      error: (error) => show({ value: last, status: 'failed', error }),
      complete: () => show({ value: last, status: 'complete', error: undefined }),
    });
    return () => subscription?.unsubscribe();
    // `open` is another function in every render; `deps` says when it means something else.
  }, deps);
  // The render in which `deps` change comes before the effect: what it has is of the former stream.
  return deps.length === of.length && deps.every((dep, at) => Object.is(dep, of[at])) ? streamed : waiting;
}
