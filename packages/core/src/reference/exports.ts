import { anyCall } from '../contract/define.ts';
import type { Procedure, Served } from '../contract/types.ts';
import { inspect, MuntinError, reportErrors } from '../errors.ts';
import { firstExport } from '../link/messages.ts';
import { streamRuntime } from '../stream/runtime.ts';
import { discard, isPromised } from '../stream/source.ts';
import { type Referent, referentOf } from './mark.ts';

/** A stream that no contract declares, of any values. */
export const anyStream: Procedure = { ...anyCall, kind: 'observable', runtime: streamRuntime };

/** Something of ours that the other side may call or subscribe to. */
interface Exported {
  readonly source: object;
  readonly referent: Referent | undefined;
  /** How often it was sent and not given back. */
  count: number;
  /** Whether the other side has begun to read it. */
  isRead: boolean;
  /** Lets go of it. */
  readonly forget: () => void;
}

/** What the other side holds of ours: each thing has one index, and stays until it is given back as often as it was sent. */
export class Exports {
  readonly #most: number;
  readonly #abort: (index: number, reason: unknown) => void;
  readonly #byIndex = new Map<number, Exported>();
  readonly #indexes = new Map<object, number>();
  #nextIndex = firstExport;

  /** `most`: how many things the other side may hold at once. `abort` tells it that the signal of this index has fired. */
  constructor(most: number, abort: (index: number, reason: unknown) => void) {
    this.#most = most;
    this.#abort = abort;
  }

  get size(): number {
    return this.#byIndex.size;
  }

  /** Counts that it is sent once more. Answers its index. */
  add(source: object): number {
    const known = this.#indexes.get(source);
    const exported = known === undefined ? undefined : this.#byIndex.get(known);
    const index = known ?? this.#nextIndex++;
    if (exported !== undefined) {
      exported.count++;
      return index;
    }
    if (this.#byIndex.size >= this.#most)
      throw new MuntinError(
        'OVERLOADED',
        `The peer holds ${this.#most} references already; release some, or raise limits.references`,
      );
    this.#indexes.set(source, index);
    const referent = referentOf(source);
    if (source instanceof Promise) source.catch(() => undefined); // it is the other side's to hear it; other thenables may begin to work when asked
    const forget = source instanceof AbortSignal ? this.#watch(source, index) : () => undefined;
    this.#byIndex.set(index, { source, referent, count: 1, isRead: false, forget });
    return index;
  }

  /** What the other side means by an index. */
  find(index: number): Served | undefined {
    const exported = this.#byIndex.get(index);
    return exported === undefined ? undefined : serve(exported);
  }

  /** It is not sent after all: it stays as it is. */
  takeBack(index: number): void {
    this.#forget(index, 1);
  }

  /** The other side gives back what it got `count` times. It may have got it again meanwhile. */
  released(index: number, count: number): void {
    const forgotten = this.#forget(index, count);
    if (forgotten !== undefined) abandon(forgotten);
  }

  /** The other side holds nothing any more. */
  close(): void {
    for (const exported of this.#byIndex.values()) {
      exported.forget();
      abandon(exported);
    }
    this.#byIndex.clear();
    this.#indexes.clear();
  }

  /** Answers what is forgotten by that, if anything. */
  #forget(index: number, count: number): Exported | undefined {
    const exported = this.#byIndex.get(index);
    if (exported === undefined) return undefined;
    exported.count -= count;
    if (exported.count > 0) return undefined;
    this.#byIndex.delete(index);
    this.#indexes.delete(exported.source);
    exported.forget();
    return exported;
  }

  #watch(signal: AbortSignal, index: number): () => void {
    const onAbort = (): void => this.#abort(index, signal.reason);
    signal.addEventListener('abort', onAbort);
    return () => signal.removeEventListener('abort', onAbort);
  }
}

/** A source that nobody has begun to read is stopped; what is called is the application's, whatever its methods are named. */
function abandon({ source, referent, isRead }: Exported): void {
  if (!isRead && referent === undefined) reportErrors(() => discard(source));
}

/** A promise as a stream of one value, also where that is a stream itself. */
async function* once(promise: PromiseLike<unknown>): AsyncGenerator<unknown, void, undefined> {
  yield await promise;
}

/** Something that was passed by reference, as what it serves: a stream as an observable, a function or an object's methods as a call. */
function serve(exported: Exported): Served {
  const { source, referent } = exported;
  exported.isRead = true;
  if (referent === undefined)
    return {
      path: 'a stream inside a value',
      procedure: anyStream,
      handler: () => (isPromised(source) ? once(source) : source),
    };
  return {
    path: 'a reference',
    procedure: anyCall,
    handler: (input) => {
      const args: readonly unknown[] = Array.isArray(input) ? input : [];
      if (referent.methods === undefined) return referent.call(undefined, args);
      const [method] = args;
      if (typeof method !== 'string' || !referent.methods.includes(method))
        throw new MuntinError('PROCEDURE_NOT_FOUND', `The object has no method ${inspect(method)}`);
      return referent.call(method, [...args].slice(1));
    },
  };
}
