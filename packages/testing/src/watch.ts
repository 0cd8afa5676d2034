import { type ProbedMessage, probe, type Use } from '@muntin/core';
import type { Endpoint } from '@muntin/core/internal';

/** Follows what one side has asked for and what it serves, so that a test can be told what has not ended. */
export class Watch {
  readonly #side: string;
  readonly #asked = new Map<number, string>();
  readonly #running = new Map<object, string>();
  /** Last in `use`: it sees every handler, those of extensions, too. */
  readonly use: Use;

  constructor(side: 'host' | 'guest') {
    this.#side = side;
    const seen = probe((event) => {
      if (event.type === 'message') this.#see(event);
    });
    this.use = {
      'muntin.install': (endpoint: Endpoint) => {
        seen['muntin.install'](endpoint);
        this.#countHandlers(endpoint);
      },
    };
  }

  /** Calls and streams of this side that have no end yet, and handlers of this side that have not settled. */
  get open(): readonly string[] {
    const asked = [...this.#asked.values()].map((what) => `the ${this.#side} waits for ${what}`);
    return [...asked, ...this.running];
  }

  /** Handlers of this side that have not settled. */
  get running(): readonly string[] {
    return [...this.#running.values()].map((path) => `the handler of "${path}" of the ${this.#side} still runs`);
  }

  /** What has been asked for in a session that is over has ended. */
  forget(): void {
    this.#asked.clear();
  }

  #see({ direction, kind, path, id = -1 }: ProbedMessage): void {
    if (kind === 'goodbye') return this.forget();
    if (direction === 'sent' && kind === 'call') this.#asked.set(id, `the answer of "${path}"`);
    if (direction === 'sent' && kind === 'subscribe') this.#asked.set(id, `the end of the stream "${path}"`);
    const isEnd = kind === 'result' || kind === 'complete' || kind === 'failure';
    if ((direction === 'received' && isEnd) || (direction === 'sent' && kind === 'cancel')) this.#asked.delete(id);
  }

  #countHandlers({ served }: Endpoint): void {
    for (const [index, one] of served.entries()) {
      const { path, procedure, handler } = one;
      served[index] = {
        ...one,
        handler: (input, context) => {
          const outcome = handler(input, context);
          if (procedure.runtime === undefined && isThenable(outcome)) this.#follow(path, outcome);
          return outcome;
        },
      };
    }
  }

  #follow(path: string, outcome: PromiseLike<unknown>): void {
    const run = {};
    this.#running.set(run, path);
    const end = (): void => void this.#running.delete(run);
    outcome.then(end, end);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
