import type { MuntinError, Origin } from '@muntin/core';
import { type Connection, replayAfter } from '@muntin/core/internal';
import { reportFailure } from './console.ts';
import { Inquiry } from './inquiry.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Reconnect } from './mounted.ts';
import { Retries } from './retries.ts';

/** What it is told about the mount. */
interface RecoveryOptions {
  readonly origin: Origin | 'null';
  readonly connection: Connection;
  readonly lifecycle: Lifecycle;
  readonly reconnect: Required<Reconnect>;
  /** Loads the guest again. */
  readonly load: () => void;
}

/** What becomes of a mount whose guest has not connected: it is found out why, and the guest is loaded again, or the mount has failed. */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #retries: Retries;
  readonly #inquiry = new Inquiry();

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#retries = new Retries(options.reconnect, options.load);
  }

  /** It is being found out why; `tell` hears it, unless the guest connects before. */
  explain(found: MuntinError | Promise<MuntinError>, tell: (cause: MuntinError) => void): void {
    this.#inquiry.begin(found, tell);
  }

  /** The guest has not connected, and this is why. */
  fail(cause: MuntinError): void {
    const { origin, connection, lifecycle } = this.#options;
    const isTriedAgain = this.#retries.isWorth(cause);
    reportFailure(origin, cause, isTriedAgain);
    if (isTriedAgain) {
      connection.lose(cause, replayAfter);
      lifecycle.move('retry', cause);
      return this.#retries.schedule();
    }
    connection.fail(cause);
    lifecycle.move('fail', cause);
    lifecycle.ready.reject(cause);
  }

  /** A guest that was there for so long has all its retries again. */
  forget(readyMs?: number): void {
    this.#retries.forget(readyMs);
  }

  /** Nothing is found out, and nothing loaded again. */
  stop(): void {
    this.#retries.stop();
    this.#inquiry.stop();
  }
}
