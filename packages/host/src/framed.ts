import type { Live } from '@muntin/core';
import { inspect, invalidOption } from '@muntin/core/internal';
import type { MountState } from './lifecycle.ts';

/** A mount whose guest is in a frame: what `mount` and `attach` return. */
export interface Framed {
  /** The frame. */
  readonly frame: HTMLIFrameElement;
  /** Where the mount is. */
  readonly state: MountState;
  /** Every change of it. */
  readonly state$: Live<MountState>;
  /** Fulfilled when the guest is connected. */
  readonly ready: Promise<void>;
  /** Loads the guest anew. */
  reload(): void;
  /** Ends the mount. */
  unmount(): Promise<void>;
}

/** Whether something, such as the owner of an extension, is such a mount. */
export function isFramed(owner: unknown): owner is Framed {
  return typeof owner === 'object' && owner !== null && 'frame' in owner && 'state$' in owner;
}

/** Throws `INVALID_OPTION` for what has no frame. */
export function requireFrame(name: string, widget: unknown): void {
  if (!isFramed(widget))
    throw invalidOption(`${name} was given ${inspect(widget)}: give what mount() or attach() returned`);
}
