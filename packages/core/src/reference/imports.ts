import { MuntinError } from '../errors.ts';
import type { ExceededLimit } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import { SIGNAL } from './detect.ts';
import { type PeerLink, RemoteParts } from './remote-parts.ts';
import { abortSignal, createSignal } from './remote-signal.ts';
import { type Fired, type PutLater, Unread } from './unread.ts';

// So many signals are remembered that fired before what they are in was read.
const mostEarly = 1024;
// A reason that keeps more, in bytes, is not remembered with them.
const smallReason = 4096;

/** How what the other side has is reached, and given back. */
export interface ImportsOptions extends PeerLink {
  readonly limits: Limits;
  /** Tells the other side that `count` receipts of this index are given back. */
  readonly release: (index: number, count: number) => void;
}

/** Something of the other side. */
interface Imported {
  readonly held: WeakRef<object>;
  /** How often it came. */
  count: number;
}

/** What is here of the other side: each thing is one object, and is given back, as often as it came, when nobody uses it any more. */
export class Imports {
  readonly #options: ImportsOptions;
  readonly #parts: RemoteParts;
  readonly #held = new Map<number, Imported>();
  readonly #collected: FinalizationRegistry<number>;
  // What is to be given back at the end of this turn, and how often.
  readonly #released = new Map<number, number>();
  // Signals that fired before what they are in was read.
  readonly #early = new Map<number, Fired>();
  readonly #unread = new Unread((index, count) => this.release(index, count));
  readonly #unreadReasons: Partial<Record<string, MuntinError>> = {};

  constructor(options: ImportsOptions) {
    this.#options = options;
    this.#parts = new RemoteParts(options, (index) => this.#giveBack(index));
    this.#collected = new FinalizationRegistry((index) => {
      if (this.#held.get(index)?.held.deref() === undefined) this.#giveBack(index);
    });
  }

  has(index: number): boolean {
    return this.#held.has(index);
  }

  /** Counts what is here of the other side, made or not. */
  admit(index: number): void {
    const { imports } = this.#options.limits;
    if (this.#held.size + this.#unread.size < imports || this.#held.has(index) || this.#unread.has(index)) return;
    throw new MuntinError(
      'OVERLOADED',
      `This side holds ${imports} references of its peer already; it has to release some, or raise limits.imports`,
    );
  }

  /** How the live parts of one value are put in their places; `undefined` where they are made at once. */
  open(): PutLater | undefined {
    return this.#unread.takeNow() ? undefined : this.#unread.open();
  }

  /** What stands here for something of the other side. `told`: with what it fired, where it waited to be read. */
  take(kind: number, index: number, methods: readonly string[], told?: Fired): unknown {
    const fired = told ?? this.#early.get(index);
    if (kind === SIGNAL && fired !== undefined) {
      this.release(index, 1); // it has nothing more to say
      return (fired.signal ??= createSignal(fired));
    }
    const known = this.#held.get(index);
    const held = known?.held.deref();
    if (known !== undefined && held !== undefined) {
      known.count++;
      return held;
    }
    const made = this.#parts.make(kind, index, methods);
    // Of one that is collected already, but not yet given back, the receipts are still owed.
    this.#held.set(index, { held: new WeakRef(made), count: (known?.count ?? 0) + 1 });
    this.#collected.register(made, index);
    return made;
  }

  /** A signal of the other side has fired. `weighed`: what its reason keeps, or why that may not be read. */
  aborted(index: number, given: unknown, weighed: number | Exclude<ExceededLimit, undefined>): void {
    const isRead = typeof weighed === 'number';
    const reason = isRead ? given : this.#unreadReason(weighed);
    this.#unread.fire(index, reason);
    const known = this.#held.get(index);
    // The input that it is in may still wait for a place: who reads it then is told. What is large is not kept for that.
    if (known === undefined && !this.#unread.has(index)) {
      this.#early.set(index, { reason: !isRead || weighed < smallReason ? reason : undefined });
      const [oldest = index] = this.#early.keys();
      if (this.#early.size > mostEarly) this.#early.delete(oldest);
    }
    const signal = known?.held.deref();
    if (signal === undefined) return;
    this.#giveBack(index); // it has nothing more to say
    abortSignal(signal, reason);
  }

  /** What is given back in one turn goes together: one message for each index, however often it came. */
  release(index: number, count: number): void {
    if (this.#released.size === 0)
      queueMicrotask(() => {
        for (const [given, times] of this.#released) this.#options.release(given, times);
        this.#released.clear();
      });
    this.#released.set(index, (this.#released.get(index) ?? 0) + count);
  }

  /** The session is over: the signals of the other side fire, for it wants nothing any more. */
  close(cause: MuntinError): void {
    this.#unread.end(cause);
    for (const index of this.#held.keys()) this.aborted(index, cause, 0);
    this.#held.clear();
    this.#early.clear();
  }

  #giveBack(index: number): void {
    const known = this.#held.get(index);
    if (known === undefined) return;
    this.#held.delete(index);
    this.release(index, known.count);
  }

  /** One for all that are over the same: a peer can abort a thousand for a few bytes each. */
  #unreadReason(over: string): MuntinError {
    const text = `The reason of an abort was not read: ${over}`;
    return (this.#unreadReasons[over] ??= new MuntinError('VALUE_TOO_LARGE', text));
  }
}
