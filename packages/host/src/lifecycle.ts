import type { MuntinError } from '@muntin/core';

/**
 * Where a mount is.
 * - `idle`: made, the frame is not yet loading. `loading`: the frame loads. `handshaking`: it has loaded and has not been welcomed yet.
 * - `ready`: calls are answered. `unresponsive`: something is pending and the guest does not react. `reconnecting`: the session ended, a new
 *   one is awaited. `failed`: given up, `cause` says why; `reload()` tries again. `unmounted`: over.
 */
export type MountStateName =
  | 'idle'
  | 'loading'
  | 'handshaking'
  | 'ready'
  | 'unresponsive'
  | 'reconnecting'
  | 'failed'
  | 'unmounted';

/** The state of a mount, as `state$` shows it. */
export interface MountState {
  readonly name: MountStateName;
  /** Why it is `reconnecting` or `failed`. */
  readonly cause?: MuntinError;
}

/** What moves a mount from state to state. */
export type MountSignal = 'load' | 'loaded' | 'open' | 'silent' | 'alive' | 'lost' | 'fail' | 'unmount';

const ended = { unmount: 'unmounted' } as const;
const running = { ...ended, load: 'loading', lost: 'reconnecting', fail: 'failed' } as const;

/** The table: state, signal, next state. What is not in it changes nothing. */
export const lifecycle: Readonly<Record<MountStateName, Readonly<Partial<Record<MountSignal, MountStateName>>>>> = {
  idle: { ...ended, load: 'loading', fail: 'failed' },
  loading: { ...ended, loaded: 'handshaking', open: 'ready', fail: 'failed', load: 'loading' },
  handshaking: { ...ended, open: 'ready', fail: 'failed', load: 'loading' },
  ready: { ...running, silent: 'unresponsive' },
  unresponsive: { ...running, alive: 'ready' },
  reconnecting: { ...ended, open: 'ready', fail: 'failed', load: 'loading' },
  failed: { ...ended, load: 'loading' },
  unmounted: {},
};
