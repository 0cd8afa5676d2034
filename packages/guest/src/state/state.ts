import { type Extensible, MuntinError, type Schema, type Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, isSchema, validate } from '@muntin/core/internal';
import { type Kept, keeping } from '@muntin/core/state';
import { hasStates } from '../owner.ts';

/** Options of {@link state}. `In` is what is saved, as JSON has it; `Out` what the schema makes of it. */
export interface StateOptions<In, Out> {
  /**
   * What a state has to be; any Standard Schema. What was kept is checked by it before it is restored: an earlier version of this guest may have
   * said it. A schema that also takes the former shape, and makes the present one of it, lets a state survive a new version.
   */
  readonly schema: Schema<In, Out>;
  /** The state of this page, as JSON; `undefined`: there is nothing to keep. Called when this document may go away, and has to answer at once. */
  readonly save: () => In | undefined;
  /** Puts a state back; called once at most in each document, when the host has answered. */
  readonly restore: (state: Out) => unknown;
  /** Told why a state was not restored: the schema has refused it, `restore` has thrown, it is no JSON. The guest then starts afresh. @defaultValue nobody */
  readonly onRefused?: (error: unknown) => void;
}

/** What `of` finds: the state of one guest. */
export interface KeptState {
  /** Whether a state was restored; fulfilled when that is known, with `false` where the host keeps none or could not be asked. It never rejects. */
  readonly restored: Promise<boolean>;
  /**
   * Says that the state is another one now, so that it is kept if this document crashes, or other code takes its frame out of the page, when no
   * last word arrives: sent a quarter of a second later, once for all changes until then. What a person types or chooses here (`input`, `change`)
   * is noticed without it.
   */
  changed(): void;
}

/** What {@link state} makes, for `use`. */
export interface StateUse extends Use {
  /** The state of what `expose` has returned. Throws `INVALID_OPTION` for one that does not use this. */
  of(shell: Extensible): KeptState;
}

const pauseMs = 250;
const edits = ['input', 'change'];

/**
 * Keeps the state of this page with a host that uses `state` of `@muntin/host/state`: `use: [state({ schema, save, restore })]`. It is saved before the host
 * moves, reloads or parks the guest, when the page is hidden or goes away, and soon after a person has typed something; the next document is given it. Throws `INVALID_OPTION`.
 */
export function state<In, Out>(options: StateOptions<In, Out>): StateUse {
  checkOptions('state', options, { schema: 'any', save: 'function', restore: 'function', onRefused: 'function' });
  if (!isSchema(options.schema))
    throw invalidOption(`schema is ${inspect(options.schema)}: give a Standard Schema, or type<…>()`);
  if (typeof options.save !== 'function' || typeof options.restore !== 'function')
    throw invalidOption('state needs save and restore: give both functions');
  const savers = new WeakMap<object, Saver<In, Out>>();
  const attached = keeping.onGuest((connected) => {
    const { client } = connected;
    const saver = new Saver(options, {
      ask: () => client.kept(undefined, { timeoutMs: Infinity }),
      tell: (text) => client.keep(text),
    });
    savers.set(client, saver);
    // Calls can be made when `expose` has returned.
    queueMicrotask(() => saver.begin(connected.owner));
    return { save: () => saver.save(), restored: () => saver.restored };
  });
  return Object.freeze({
    ...attached,
    of(shell: Extensible): KeptState {
      const saver = savers.get(attached.of(shell));
      if (saver === undefined) throw invalidOption(`of was given ${inspect(shell)}: give what expose() returned`);
      return { restored: saver.restored, changed: () => saver.changed() };
    },
  });
}

/** How a {@link Saver} reaches the host. */
interface Host {
  ask(): Promise<Kept>;
  tell(text: string): void;
}

/** Saves and restores for one document. */
class Saver<In, Out> {
  readonly restored: Promise<boolean>;
  readonly #options: StateOptions<In, Out>;
  readonly #host: Host;
  #known: (isRestored: boolean) => void = () => undefined;
  // The question to the host; none where it has failed.
  #asking: Promise<boolean> | undefined;
  #isKnown = false;
  #maxBytes = Infinity;
  #told = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #tell = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text();
    if (text === undefined || text === this.#told) return;
    this.#told = text;
    this.#host.tell(text);
  };
  readonly #onHidden = (): void => {
    if (document.visibilityState === 'hidden') this.#tell();
  };
  readonly #onEdit = (): void => this.changed();

  constructor(options: StateOptions<In, Out>, host: Host) {
    this.#options = options;
    this.#host = host;
    this.restored = new Promise((resolve) => {
      this.#known = resolve;
    });
    // Before what says goodbye listens, and so before the session is over.
    addEventListener('pagehide', this.#tell);
    if (typeof document === 'undefined') return;
    document.addEventListener('visibilitychange', this.#onHidden);
    for (const type of edits) document.addEventListener(type, this.#onEdit, true);
  }

  begin(owner: unknown): void {
    if (hasStates(owner))
      owner.state$.subscribe({
        next: ({ name }) => {
          if (name === 'ready') this.#ask();
        },
        complete: () => this.#stop(),
      });
    this.#ask();
  }

  async save(): Promise<string | undefined> {
    await this.restored;
    const text = this.#text();
    if (text !== undefined) this.#told = text;
    return text;
  }

  changed(): void {
    this.#timer ??= setTimeout(this.#tell, pauseMs);
  }

  /** Asks the host of a new session, which may not know what was told in another, until one has answered. */
  #ask(): void {
    this.#told = '';
    this.#asking ??= this.#restore();
    void this.#asking.then(this.#known);
  }

  /** Throws `VALUE_TOO_LARGE` for more than the host keeps. */
  #text(): string | undefined {
    // Until it is known what the host has kept, there is nothing here but what the page begins with.
    const saved = this.#isKnown ? this.#options.save() : undefined;
    if (saved === undefined) return undefined;
    const text = JSON.stringify(saved);
    const bytes = new TextEncoder().encode(text).length;
    if (bytes <= this.#maxBytes) return text;
    throw new MuntinError('VALUE_TOO_LARGE', `The state has ${bytes} bytes, and the host keeps ${this.#maxBytes}`);
  }

  async #restore(): Promise<boolean> {
    let kept: Kept | undefined;
    try {
      kept = await this.#host.ask();
    } catch (error) {
      const keepsNone = error instanceof MuntinError && error.code === 'PROCEDURE_NOT_FOUND';
      if (!keepsNone) {
        this.#asking = undefined; // no host yet, or it could not say
        return false;
      }
    }
    const isRestored = await this.#putBack(kept);
    this.#isKnown = true;
    return isRestored;
  }

  async #putBack(kept: Kept | undefined): Promise<boolean> {
    if (typeof kept?.maxBytes === 'number') this.#maxBytes = kept.maxBytes;
    if (typeof kept?.text !== 'string') return false;
    try {
      const { schema, restore } = this.#options;
      const checked = await validate(schema, JSON.parse(kept.text), 'INPUT_INVALID', 'state');
      await restore(checked as Out); // as the schema has it
      return true;
    } catch (error) {
      try {
        this.#options.onRefused?.(error);
      } catch (thrown) {
        reportError(thrown);
      }
      return false;
    }
  }

  #stop(): void {
    clearTimeout(this.#timer);
    removeEventListener('pagehide', this.#tell);
    if (typeof document === 'undefined') return;
    document.removeEventListener('visibilitychange', this.#onHidden);
    for (const type of edits) document.removeEventListener(type, this.#onEdit, true);
  }
}
