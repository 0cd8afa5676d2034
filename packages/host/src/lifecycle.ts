import type { MuntinError } from '@muntin/core';
import { Deferred, Latest, type Steps } from '@muntin/core/internal';

/**
 * Where a mount is.
 * - `idle`: made, the frame is not yet loading. `loading`: the frame loads. `handshaking`: it has loaded and has not been welcomed yet.
 * - `ready`: calls are answered. `unresponsive`: something is pending and the guest does not react. `reconnecting`: the session ended, a new
 *   one is awaited. `failed`: `cause` says why; a guest of the pinned origin that comes late still connects, and
 *   `reload()` tries again. `unmounted`: over.
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
  /** Where it is. */
  readonly name: MountStateName;
  /** Why it is `reconnecting` or `failed`. */
  readonly cause?: MuntinError;
}

/** What moves a mount from state to state. */
export type MountSignal =
  | 'load'
  | 'loaded'
  | 'open'
  | 'silent'
  | 'alive'
  | 'lost'
  | 'retry'
  | 'fail'
  | 'late'
  | 'unmount';

const ended = { unmount: 'unmounted' } as const;
const running = { ...ended, load: 'loading', lost: 'reconnecting', retry: 'reconnecting', fail: 'failed' } as const;
const connecting = { ...ended, open: 'ready', retry: 'reconnecting', fail: 'failed', load: 'loading' } as const;

/** The table: state, signal, next state. What is not in it changes nothing. */
export const lifecycleTable: Readonly<Record<MountStateName, Readonly<Partial<Record<MountSignal, MountStateName>>>>> =
  {
    idle: { ...ended, load: 'loading', fail: 'failed' },
    loading: { ...connecting, loaded: 'handshaking' },
    handshaking: connecting,
    ready: { ...running, silent: 'unresponsive' },
    unresponsive: { ...running, alive: 'ready' },
    reconnecting: connecting,
    failed: { ...ended, load: 'loading', late: 'handshaking' },
    unmounted: {},
  };

/** Where one mount is. Its listeners are told of each change when the step is complete that makes it. */
export class Lifecycle {
  readonly state: Latest<MountState> = new Latest<MountState>({ name: 'idle' });
  readonly ready: Deferred = new Deferred();
  /** Where it is now, also in the middle of a step. */
  current: MountState = { name: 'idle' };
  /** Whether the guest has been there since the host last loaded it. */
  wasReady = false;
  readonly #steps: Steps;
  readonly #onMove: (state: MountState) => void;

  /** `onMove` is called within the step. */
  constructor(steps: Steps, onMove: (state: MountState) => void) {
    this.#steps = steps;
    this.#onMove = onMove;
  }

  /** Whether there is a session, be its guest silent or not. */
  get isConnected(): boolean {
    return this.current.name === 'ready' || this.current.name === 'unresponsive';
  }

  /** Goes on to the next state by the table, if there is one. */
  move(signal: MountSignal, cause?: MuntinError): void {
    const name = lifecycleTable[this.current.name][signal];
    if (name === undefined) return;
    if (name === 'loading' || name === 'reconnecting' || signal === 'late') this.ready.renew();
    if (name === 'loading' || name === 'ready') this.wasReady = name === 'ready';
    const state = cause === undefined ? { name } : { name, cause };
    this.current = state;
    this.#onMove(state);
    this.#steps.tell(() => this.state.set(state));
  }

  /** Nothing changes any more. */
  end(): void {
    this.#steps.tell(() => this.state.end());
  }
}
