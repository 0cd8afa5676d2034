import type { CaseName, GrowthName } from '../cases.mjs';
import type { StreamRequest, Sum, Tick } from './job.ts';

/** Ends a stream. */
export interface Subscription {
  readonly cancel: () => void;
}

/** One guest, mounted and connected, or about to be: calls made at once wait. */
export interface Connection {
  readonly add: (input: Sum) => Promise<number>;
  readonly echo: (value: unknown) => Promise<unknown>;
  /** Sends a buffer without copying it; the guest sends it back in the same way. */
  readonly transfer?: (buffer: ArrayBuffer) => Promise<ArrayBuffer>;
  /** Sends these with a callback, which the guest calls with their number before it answers with that. */
  readonly visit?: (ticks: readonly Tick[], onDone: (count: number) => void) => Promise<number>;
  /** Tells every value to `next`, in order. */
  readonly stream?: (request: StreamRequest, next: (value: unknown) => unknown) => Subscription;
  /** The same for a consumer that takes its time, where that is written in another way: it is done with a value when its promise is. */
  readonly pull?: (request: StreamRequest, take: (value: unknown) => Promise<void>) => Subscription;
  readonly produced: () => Promise<number>;
  readonly stop: () => Promise<unknown>;
  /** Removes the frame and everything that belongs to it. */
  readonly close: () => void;
}

/** One way to talk to a guest. */
export interface System {
  /** What carries its streams, in its own words. */
  readonly streams?: string | undefined;
  /** What else a reader has to know to judge its figures. */
  readonly says?: string | undefined;
  /** It finds out by itself when the other side is there; without that, its host waits for the frame's `load` event, or for a port. */
  readonly handshake?: true | undefined;
  /** Cases it has nothing for, each with the reason. */
  readonly cannot?: Partial<Record<CaseName | GrowthName | 'memory' | 'hoard', string>> | undefined;
  /** Mounts the guest at `url` and connects with it. */
  connect(url: string, into: Element): Connection | Promise<Connection>;
}
