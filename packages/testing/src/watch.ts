import { type ProbedMessage, probe, type Use } from '@muntin/core';
import { type Endpoint, isPromiseLike, LANE } from '@muntin/core/internal';

/** Follows what one side has asked for and what it serves, so that a test can be told what has not ended. */
export class Watch {
  readonly #side: string;
  readonly #asked = new Map<number | string, string>();
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
        this.#watchLanes(endpoint);
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

  /** What a lane says is not told to a probe: its ids are read from the messages themselves. */
  #watchLanes(endpoint: Endpoint): void {
    const { tap } = endpoint;
    if (tap === undefined) return;
    const see: typeof tap.see = (session, isSent, batch) => {
      const told = tap.see(session, isSent, batch);
      return () => {
        told();
        for (const message of batch) if (message[0] === LANE) this.#seeLane(isSent, message[1], message[2]);
      };
    };
    // A proxy is still the probe, for those that join it later.
    endpoint.tap = new Proxy(tap, {
      get: (of, key): unknown => (key === 'see' ? see : Reflect.get(of, key)),
    });
  }

  #seeLane(isSent: boolean, path: string, message: unknown): void {
    if (!isObject(message) || !('id' in message)) return;
    const id = `${path} ${String(message.id)}`;
    // An answer has the type of its value, where a request says what it asks for.
    const isAnswer = 'value' in message && 'type' in message && (message.type === 'RAW' || message.type === 'HANDLER');
    if (isSent && !isAnswer) this.#asked.set(id, `an answer of the lane "${path}"`);
    if (!isSent && isAnswer) this.#asked.delete(id);
  }

  #countHandlers({ served }: Endpoint): void {
    for (const [index, one] of served.entries()) {
      const { path, procedure, handler } = one;
      served[index] = {
        ...one,
        handler: (input, context) => {
          const outcome = handler(input, context);
          if (isPromiseLike(outcome)) this.#follow(path, outcome);
          return procedure.runtime === undefined ? outcome : this.#followSource(path, outcome);
        },
      };
    }
  }

  /** A generator that heeds nothing goes on when its stream has ended: each of its steps is followed. */
  #followSource(path: string, source: unknown): unknown {
    if (isObject(source) && Symbol.asyncIterator in source) return this.#followSteps(path, source);
    return isPromiseLike(source) ? source.then((value) => this.#followSource(path, value)) : source;
  }

  #followSteps(path: string, source: object): object {
    const followed: object = new Proxy(source, {
      get: (_, key): unknown => {
        const found: unknown = Reflect.get(source, key);
        if (typeof found !== 'function') return found;
        return (...args: readonly unknown[]): unknown => {
          const outcome: unknown = Reflect.apply(found, source, args);
          if (isPromiseLike(outcome)) this.#follow(path, outcome);
          if (key !== Symbol.asyncIterator || !isObject(outcome)) return outcome;
          return outcome === source ? followed : this.#followSteps(path, outcome);
        };
      },
    });
    return followed;
  }

  #follow(path: string, outcome: PromiseLike<unknown>): void {
    const run = {};
    this.#running.set(run, path);
    const end = (): void => void this.#running.delete(run);
    outcome.then(end, end);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
