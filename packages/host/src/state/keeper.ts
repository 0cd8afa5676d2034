import type { Client, Live } from '@muntin/core';
import type { Kept, keeping } from '@muntin/core/state';
import { isFramed } from '../framed.ts';
import type { MountState } from '../lifecycle.ts';
import { beforeLeaving } from '../place/leaving.ts';
import type { StateStorage } from './state.ts';

type Guest = Client<(typeof keeping)['guest']>;

/** What all mounts of one `state` share. */
interface KeeperOptions {
  readonly key: string | undefined;
  readonly storage: StateStorage | undefined;
  readonly maxBytes: number;
  readonly texts: Map<string, string>;
}

interface Owner {
  readonly origin: string;
  readonly state: MountState;
  readonly state$: Live<MountState>;
}

const askMs = 1000;
const writeMs = 1000;

/** Keeps the state of one mount: a text, which is never looked into. */
export class Keeper {
  readonly #guest: Guest;
  readonly #options: KeeperOptions;
  #owner: Owner | undefined;
  // What was kept before this mount, read once.
  #stored: Promise<string> | undefined;
  #text: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWritten = true;
  readonly #onPageHide = (): void => this.#write();

  constructor(guest: Guest, options: KeeperOptions) {
    this.#guest = guest;
    this.#options = options;
  }

  begin(owner: unknown): void {
    if (!isOwner(owner)) return;
    this.#owner = owner;
    const forget = isFramed(owner)
      ? beforeLeaving(owner, async () => {
          await this.save();
          return () => this.#guest.restored(undefined, { timeoutMs: askMs });
        })
      : () => undefined;
    if (this.#options.storage !== undefined) addEventListener('pagehide', this.#onPageHide);
    owner.state$.subscribe({
      complete: () => {
        forget();
        removeEventListener('pagehide', this.#onPageHide);
        this.#write();
      },
    });
  }

  /** Whatever the guest has sent. */
  keep(text: unknown): boolean {
    if (typeof text !== 'string' || text === '' || !fits(text, this.#options.maxBytes)) return false;
    this.#set(text);
    return true;
  }

  async kept(): Promise<Kept> {
    const { maxBytes } = this.#options;
    const text = this.#text ?? (await (this.#stored ??= this.#read()));
    // Something may have been said while the storage was asked.
    const latest = this.#text ?? text;
    return latest === '' ? { maxBytes } : { text: latest, maxBytes };
  }

  async save(): Promise<boolean> {
    // A guest that is not there, or hangs, has told what it had to tell.
    if (this.#owner?.state.name !== 'ready') return false;
    const text: unknown = await this.#guest.save(undefined, { timeoutMs: askMs }).catch(() => undefined);
    const isKept = this.keep(text);
    if (isKept) this.#write();
    return isKept;
  }

  forget(): void {
    this.#set('');
    this.#write();
  }

  #set(text: string): void {
    const { key, storage, texts } = this.#options;
    if (text === this.#text) return;
    this.#text = text;
    if (key === undefined) return;
    texts.set(this.#key, text);
    if (storage === undefined) return;
    this.#isWritten = false;
    this.#timer ??= setTimeout(() => this.#write(), writeMs);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isWritten) return;
    this.#isWritten = true;
    const { storage } = this.#options;
    // The storage is the application's: what it throws is told like any error of it, and stops nothing here.
    void Promise.resolve()
      .then(() => storage?.set(this.#key, this.#text ?? ''))
      .catch(reportError);
  }

  async #read(): Promise<string> {
    const { key, storage, texts, maxBytes } = this.#options;
    if (key === undefined) return '';
    const known = texts.get(this.#key);
    if (known !== undefined || storage === undefined) return known ?? '';
    try {
      const text: unknown = await storage.get(this.#key);
      return typeof text === 'string' && fits(text, maxBytes) ? text : '';
    } catch (error) {
      reportError(error);
      return '';
    }
  }

  get #key(): string {
    return `muntin ${whose(this.#owner)} ${this.#options.key}`;
  }
}

/** The origin of a guest. An opaque one is known by the server that it comes from; a guest can not change the `src` of its frame. */
function whose(owner: Owner | undefined): string {
  const src = owner?.origin === 'null' && isFramed(owner) ? owner.frame.getAttribute('src') : null;
  return src === null ? `${owner?.origin}` : `null ${new URL(src, document.baseURI).origin}`;
}

function isOwner(owner: unknown): owner is Owner {
  return typeof owner === 'object' && owner !== null && 'origin' in owner && 'state$' in owner;
}

/** Whether a text takes so many bytes at most. */
function fits(text: string, maxBytes: number): boolean {
  return text.length <= maxBytes && (text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes);
}
