import { type Receiver, RemoteStream, type StreamSubscription } from '../stream/consumer.ts';
import { pullFrom } from '../stream/pull-from.ts';
import { FUNCTION, OBJECT, PROMISE, READABLE, SIGNAL, STREAM } from './detect.ts';
import { createReference, releasedError } from './remote.ts';
import { createRemoteObject } from './remote-object.ts';
import { RemotePromise } from './remote-promise.ts';
import { createSignal } from './remote-signal.ts';

/** How what the other side has is called and subscribed to. */
export interface PeerLink {
  readonly call: (index: number, name: string, input: unknown) => Promise<unknown>;
  readonly subscribe: (index: number, name: string, receiver: Receiver) => StreamSubscription;
}

/** Makes what stands on this side for a function, an object, a stream, a promise or a signal of the other. */
export class RemoteParts {
  readonly #link: PeerLink;
  readonly #giveBack: (index: number) => void;
  // A reference is not collected, and so not given back, while a call of it is in flight.
  readonly #inFlight = new Map<object, number>();

  /** `giveBack`: this side has no more use for what has this index. */
  constructor(link: PeerLink, giveBack: (index: number) => void) {
    this.#link = link;
    this.#giveBack = giveBack;
  }

  make(kind: number, index: number, methods: readonly string[]): object {
    if (kind === FUNCTION || kind === OBJECT) return this.#reference(index, kind === OBJECT ? methods : undefined);
    if (kind === SIGNAL) return createSignal();
    const stream = new RemoteStream<unknown>((receiver) => {
      const inlet = this.#link.subscribe(index, 'a stream inside a value', receiver);
      if (kind === STREAM) return inlet;
      const cancel = (): void => {
        inlet.cancel();
        this.#giveBack(index); // it can be read only once
      };
      return { request: (count) => inlet.request(count), cancel };
    });
    if (kind === PROMISE) return new RemotePromise(stream);
    if (kind === READABLE) return pullFrom(stream, () => this.#giveBack(index));
    return stream;
  }

  #reference(index: number, methods: readonly string[] | undefined): object {
    let isReleased = false;
    const create = methods === undefined ? createReference : createRemoteObject;
    const call = async (method: string | undefined, args: readonly unknown[]): Promise<unknown> => {
      const name = method ?? 'a reference';
      if (isReleased) throw releasedError(name);
      this.#inFlight.set(reference, (this.#inFlight.get(reference) ?? 0) + 1);
      try {
        return await this.#link.call(index, name, method === undefined ? args : [method, ...args]);
      } finally {
        const rest = (this.#inFlight.get(reference) ?? 1) - 1;
        if (rest > 0) this.#inFlight.set(reference, rest);
        else {
          this.#inFlight.delete(reference);
          if (isReleased) this.#giveBack(index);
        }
      }
    };
    const reference: object = create({ methods, call }, () => {
      isReleased = true;
      // What was called before runs: it may still wait for a place at the other side.
      if (!this.#inFlight.has(reference)) this.#giveBack(index);
    });
    return reference;
  }
}
