import type { Extensible, Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, type OptionKinds } from '@muntin/core/internal';
import { keeping } from '@muntin/core/state';
import { Keeper } from './keeper.ts';

/** Where states are kept over page loads, such as `localStorage`. What it throws, or rejects with, is reported as an uncaught error. */
export interface StateStorage {
  /** The text that was kept under a key; nothing, or an empty one, where there is none. */
  get(key: string): string | null | undefined | PromiseLike<string | null | undefined>;
  /** Keeps a text; an empty one: there is nothing to keep any more. */
  set(key: string, text: string): unknown;
}

/** Options of {@link state}. */
export interface StateOptions {
  /**
   * What the state is kept under, beside the guest's origin (of an opaque guest, that of its server), which is always part of the key: no other
   * origin is given it. With a key, a guest that is unmounted and mounted again with what this call has returned gets its state back; with another
   * `state()` of the same key it does from a `storage` only. One key is for one mount at a time. @defaultValue the state lives as long as the mount
   */
  readonly key?: string;
  /** Keeps the state over page loads, too; needs a `key`. Written once a second at most, and when this page goes away. @defaultValue none */
  readonly storage?: StateStorage;
  /** How large a state may be, in bytes of UTF-8 from 1: a larger one is not kept, and the one before stays. @defaultValue 65_536 */
  readonly maxBytes?: number;
}

/** What `of` finds: the kept state of one mount. */
export interface KeptState {
  /** Asks the guest for its state now, for a second at most. Whether there is one and it was kept. It never rejects. */
  save(): Promise<boolean>;
  /** Keeps nothing of what there is so far; what the guest has in its document stays there. */
  forget(): void;
}

/** What {@link state} makes, for `use`. */
export interface StateUse extends Use {
  /** The kept state of a mount. Throws `INVALID_OPTION` for one that does not use this. */
  of(widget: Extensible): KeptState;
}

const kinds: OptionKinds<StateOptions> = { key: 'string', storage: 'object', maxBytes: 'number' };
const mostBytes = 16_777_216;

/**
 * Keeps the state of guests that use `state` of `@muntin/guest/state`, over moves and reloads, and with a `key` and a `storage` over unmounts and page loads:
 * `use: [state({ key: 'news', storage })]`. Here a state is a text of at most `maxBytes` that nobody reads: only the guest does, by its schema.
 * Throws `INVALID_OPTION`.
 */
export function state(options: StateOptions = {}): StateUse {
  checkOptions('state', options, kinds);
  const { key, storage, maxBytes = 65_536 } = options;
  if (!(maxBytes >= 1 && maxBytes <= mostBytes))
    throw invalidOption(`maxBytes is ${inspect(maxBytes)}: give bytes from 1 to ${mostBytes}`);
  if (key === '') throw invalidOption('key is empty: name what the state is kept under');
  if (storage !== undefined && key === undefined)
    throw invalidOption('storage is given without key: name what the state is kept under');
  if (storage !== undefined && (typeof storage.get !== 'function' || typeof storage.set !== 'function'))
    throw invalidOption(`storage is ${inspect(storage)}: give an object with get and set`);
  // By origin: what one guest has said is told to no other.
  const texts = new Map<string, string>();
  const keepers = new WeakMap<object, Keeper>();
  const attached = keeping.onHost((connected) => {
    const keeper = new Keeper(connected.client, { key, storage, maxBytes, texts });
    keepers.set(connected.client, keeper);
    // The mount is made in this turn, or has thrown.
    queueMicrotask(() => keeper.begin(connected.owner));
    return { keep: (text) => void keeper.keep(text), kept: () => keeper.kept() };
  });
  return Object.freeze({
    ...attached,
    of(widget: Extensible): KeptState {
      const keeper = keepers.get(attached.of(widget));
      if (keeper === undefined) throw invalidOption(`of was given ${inspect(widget)}: give a mount that uses this`);
      return { save: () => keeper.save(), forget: () => keeper.forget() };
    },
  });
}
