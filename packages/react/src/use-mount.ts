'use client';
import type { AddedBy, Contract, HostPart, Use } from '@muntin/core';
import { changeOf, delegate } from '@muntin/core/adapter';
import { type CommonOptions, type Mount, type MountOptions, type MountState, mount, type Policy } from '@muntin/host';
import { type RefCallback, useCallback, useEffect, useRef, useState } from 'react';
import { useKept } from './kept.ts';
import { useLatest } from './latest.ts';
import { useLive } from './live.ts';

/**
 * Options of {@link useMount}: those of `mount` without `into`. Another `url` mounts another guest. `handlers`, `title` and `context` may be
 * others in every render: the guest stays. The rest counts when the guest is mounted; give the component a `key` to mount it anew.
 */
export type MountHookOptions<C extends Contract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> &
  HostPart<C, AddedBy<List>> & {
    /** Where the guest is; see `mount`. */
    readonly url: string | URL;
    /** The frame's accessible name. */
    readonly title: string;
    /** What the guest may do in its frame. @defaultValue scripts on its own origin, nothing else */
    readonly policy?: Policy;
    /** Runs the guest without an origin of its own; see `mount`. @defaultValue false */
    readonly opaque?: boolean;
  };

/** What {@link useMount} returns. */
export interface Mounting<C extends Contract> {
  /** For the element that the frame is put into: `<div ref={ref} />`. React must have no children in it. */
  readonly ref: RefCallback<Element>;
  /** The mount; `undefined` until the element is there, and on the server. */
  readonly widget: Mount<C> | undefined;
  /** Where the mount is; `idle` where there is none. */
  readonly state: MountState;
}

const idle: MountState = { name: 'idle' };

/**
 * Mounts a guest for as long as the component is there. In StrictMode, with Suspense and after Fast Refresh one session is live. A wrong option
 * throws `INVALID_OPTION` in an effect, where an error boundary catches it.
 */
export function useMount<C extends Contract, const List extends readonly Use[] = []>(
  contract: C,
  options: MountHookOptions<C, List>,
): Mounting<C> {
  const [into, setInto] = useState<Element | null>(null);
  const ref = useCallback((element: Element | null) => {
    if (element !== null) setInto(element);
    // Suspense takes refs away while it hides what they are of, and leaves that in the page.
    else queueMicrotask(() => setInto((former) => (former?.isConnected ? former : null)));
  }, []);
  const latest = useLatest<MountHookOptions<C, List>>(options);
  const context = useRef<unknown>(undefined);
  const { url, title } = options;
  const make = (): Mount<C> => {
    const given = latest.current;
    const handlers = delegate(contract.host, () => latest.current.handlers);
    context.current = given.context;
    // As the types of `useMount` have it: the same options, in another place, with handlers that call those that were given.
    return mount<C, readonly Use[]>(contract, { ...given, url, into, handlers } as unknown as MountOptions<C>);
  };
  const widget = useKept(into === null ? undefined : make, (made) => void made.unmount(), [
    contract,
    String(url),
    into,
  ]);
  useEffect(() => {
    if (widget === undefined) return;
    // A frame without a name is nothing to who cannot see it.
    if (typeof title === 'string' && title.trim() !== '') widget.frame.title = title;
    const change = changeOf(context.current, options.context);
    if (change !== undefined) widget.setContext(change);
    // What was refused has not been sent: the next one is compared with what has.
    context.current = options.context;
  });
  return { ref, widget, state: useLive(widget?.state$) ?? idle };
}
