'use client';
import type { Contract, MuntinError, Use } from '@muntin/core';
import { failureText } from '@muntin/core/adapter';
import type { Mount, MountState } from '@muntin/host';
import { type CSSProperties, createElement, type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { useLatest } from './latest.ts';
import { type MountHookOptions, useMount } from './use-mount.ts';

/** Properties of {@link MuntinFrame}: the options of `useMount`, and what is shown beside the guest. */
export type FrameProps<C extends Contract, List extends readonly Use[] = readonly Use[]> = MountHookOptions<C, List> & {
  /** What both sides share. */
  readonly contract: C;
  /** Shown until the guest is there, and on the server. @defaultValue nothing */
  readonly loading?: ReactNode;
  /**
   * Shown in place of a guest that has failed; `retry` loads it again.
   * @defaultValue a sentence with the title, what may help with the code of the error, and a button "Try again", announced as an alert
   */
  readonly fallback?: ReactNode | ((error: MuntinError, retry: () => void) => ReactNode);
  /** Told the mount when there is one, and `undefined` when there is none any more. */
  readonly onMount?: (widget: Mount<C> | undefined) => void;
  /** Told each state of the mount. */
  readonly onState?: (state: MountState) => void;
  /** Of the element around it all. */
  readonly className?: string | undefined;
  readonly style?: CSSProperties | undefined;
};

/**
 * A guest with what is shown while it loads and when it has failed. The element around it has the state as `data-state`, and is `aria-busy` until the
 * guest is there. While a guest that was there connects again, it stays to be seen, dimmed. Who tries again with a button keeps the focus in that element.
 */
export function MuntinFrame<C extends Contract, const List extends readonly Use[] = []>(
  props: FrameProps<C, List>,
): ReactElement {
  const { contract, loading, fallback, onMount, onState, className, style, ...options } = props;
  // What is left over of the properties is what `useMount` takes.
  const { ref, widget, state } = useMount<C, List>(contract, options as unknown as MountHookOptions<C, List>);
  const around = useRef<HTMLDivElement>(null);
  const told = useLatest({ onMount, onState });
  useEffect(() => {
    if (widget === undefined) return;
    told.current.onMount?.(widget);
    return () => told.current.onMount?.(undefined);
  }, [widget, told]);
  useEffect(() => {
    told.current.onState?.(state);
  }, [state, told]);
  const { name, cause } = state;
  const hasFailed = name === 'failed' && cause !== undefined;
  const isLoading = name === 'idle' || name === 'loading' || name === 'handshaking';
  const retry = (): void => {
    // The button goes: who used it stays here, and is not at the top of the page.
    if (around.current?.contains(document.activeElement)) around.current.focus({ preventScroll: true });
    widget?.reload();
  };
  const shown = hasFailed
    ? fallback === undefined
      ? defaultFallback(options.title, cause, retry)
      : typeof fallback === 'function'
        ? fallback(cause, retry)
        : fallback
    : isLoading
      ? loading
      : undefined;
  return createElement(
    'div',
    {
      ref: around,
      className,
      style,
      tabIndex: -1,
      'data-state': name,
      'aria-busy': isLoading || name === 'reconnecting',
    },
    shown,
    createElement('div', { key: 'guest', ref, hidden: hasFailed, style: name === 'reconnecting' ? dimmed : undefined }),
  );
}

// Not at once: a guest that only loads its page anew is back soon.
const dimmed: CSSProperties = { opacity: 0.5, transition: 'opacity 0.2s 0.3s' };

function defaultFallback(title: string, cause: MuntinError, retry: () => void): ReactNode {
  const said = failureText(title, cause);
  return createElement(
    'div',
    { role: 'alert' },
    createElement('p', null, said.text),
    createElement('p', null, said.remedy),
    createElement('button', { type: 'button', onClick: retry }, said.retry),
  );
}
