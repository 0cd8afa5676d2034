import { from, NEVER, Observable, range } from 'rxjs';
import * as v from 'valibot';
import { z } from 'zod';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import * as Comlink from '../../src/comlink/entry.ts';
import {
  byReference,
  type Client,
  type Codec,
  type Handlers,
  type Limits,
  MuntinError,
  mutation,
  observable,
  query,
  type Schema,
} from '../../src/index.ts';
import { Caller, createClient, Lanes, NOTE, pairHandlers, READY, readLimits, Session } from '../../src/internal.ts';
import type { Side } from '../../src/rpc/sent-calls.ts';
import { openEndpoint } from '../fixtures/open-pair.ts';

/** Small enough to be met often, and large enough for all that is honest here. */
export const limits: Limits = {
  ...readLimits(),
  calls: 16,
  streams: 12,
  references: 24,
  lanes: 16,
  messagesPerBatch: 64,
  producerBytes: 64 * 64,
  queue: 64,
  valueNodes: 5000,
  valueDepth: 200,
  valueChars: 100_000,
  valueBytes: 1_000_000,
};

/** A schema that answers later, and takes small texts only. */
const later: Schema<string> = {
  '~standard': {
    version: 1,
    vendor: 'fuzz',
    validate: async (value) =>
      typeof value === 'string' && value.length < 9 ? { value } : { issues: [{ message: 'not a small text' }] },
  },
};

const procedures = {
  add: query({ input: v.object({ a: v.number(), b: v.number() }), output: v.number() }),
  echo: query<unknown, unknown>(),
  order: mutation({
    input: z.strictObject({
      sku: z.string().max(20),
      count: z.number().int().min(1).max(9),
      tags: z.array(z.enum(['a', 'b'])).optional(),
    }),
    output: z.strictObject({ id: z.string() }),
    errors: { soldOut: v.object({ left: v.number() }) },
  }),
  later: query({ input: later, output: later }),
  never: query<unknown, void>(),
  live: mutation<unknown, unknown>(),
  count: observable({ input: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(200)), output: v.number() }),
  numbers: observable<unknown, number>({ overflow: 'latest' }),
  slow: observable<unknown, string>({ buffer: 8 }),
  live$: observable<unknown, unknown>(),
  toString: { valueOf: query({ input: v.literal('yes'), output: v.literal('yes') }) },
};

class Money {
  amount = 1;
}

const codec: Codec = superjsonCodec({
  classes: { Money },
  symbols: { flag: Symbol('flag') },
  custom: { decimal: { isApplicable: () => false, serialize: String, deserialize: String } },
});

/** The lane names that are served and used. */
export const laneNames: readonly string[] = ['db', 'api'];

/** One end of a session as an application has it: it serves, calls, subscribes, passes references and uses lanes. */
export class Subject {
  readonly session: Session;
  readonly caller: Caller;
  readonly lanes: Lanes;
  readonly #client: Client<typeof procedures>;
  readonly #blame: (what: string) => void;
  hasEnded = false;
  /** Handlers and sources at work. */
  running = 0;
  open = 0;

  constructor(side: Side, port: MessagePort, withCodec: boolean, blame: (what: string) => void) {
    this.#blame = blame;
    this.caller = new Caller(side, limits);
    this.lanes = new Lanes(side, limits);
    const own = pairHandlers(procedures, this.#handlers());
    const { served } = openEndpoint(side, this.caller, procedures, own);
    this.session = new Session({
      side,
      port,
      peer: { origin: 'https://peer.example', session: 'fuzz' },
      caller: this.caller,
      lanes: this.lanes,
      served,
      limits,
      codec: withCodec ? codec : undefined,
      peerServes: served.map(({ path }) => path),
      peerCalls: 16,
      greeting: side === 'host' ? [NOTE, served.length - 1, 'dark'] : [READY, { session: 'fuzz', heard: [1] }],
      ...(side === 'host' ? { onReady: isReady } : {}),
      onHandlerError: () => undefined,
      onEnd: (cause) => {
        if (this.hasEnded) blame('the session ended twice');
        this.#end(cause);
      },
    });
    this.#client = createClient(procedures, this.caller);
  }

  /** What the application asks for; always the same, so that ids and indexes are those of the recording. */
  use(): void {
    const client = this.#client;
    const quiet = (): undefined => undefined;
    const expectNumber = (value: unknown): void => {
      if (typeof value !== 'number') this.#blame(`a client got ${typeof value}, where the schema says number`);
    };
    client.add({ a: 1, b: 2 }).then(expectNumber, quiet);
    client.echo({ any: ['thing'] }).then(quiet, quiet);
    client.order({ sku: 'x', count: 1 }).then(({ id }) => {
      if (typeof id !== 'string') this.#blame('an order without an id');
    }, quiet);
    client.later('small').then((text) => {
      if (typeof text !== 'string' || text.length > 8) this.#blame('a large text came through');
    }, quiet);
    client.never(null).then(quiet, quiet);
    const controller = new AbortController();
    class Counter {
      count = 0;
      up(): number {
        return ++this.count;
      }
    }
    const live = {
      call: byReference((n: unknown) => n),
      counter: byReference(new Counter()),
      stream: from([1, 2, 3]),
      endless: NEVER,
      promise: Promise.resolve('kept'),
      signal: controller.signal,
      readable: new ReadableStream({ pull: (to) => to.enqueue(1) }, { highWaterMark: 0 }),
    };
    client.live(live).then((value) => this.#useLive(value), quiet);
    client.count(5).subscribe({ next: expectNumber, error: quiet });
    client.numbers(null, { window: 4 }).subscribe({ error: quiet });
    client.live$(null).subscribe({ next: (value) => this.#useLive(value), error: quiet });
    void this.#pull();
    const holder = { 'muntin.lanes': () => this.lanes };
    Comlink.exposeLane(holder, 'db', new Api(), { properties: ['count'] });
    const api = Comlink.wrap<Api>(holder, 'api');
    api.add(2).then(quiet, quiet);
    api
      .each(
        [1],
        Comlink.proxy((n: number) => n),
      )
      .then(quiet, quiet);
  }

  close(): void {
    if (this.hasEnded) return;
    const cause = new MuntinError('UNMOUNTED', 'The round is over');
    this.session.close(cause, 'closed');
    this.#end(cause);
  }

  #end(cause: MuntinError): void {
    this.hasEnded = true;
    this.caller.end(cause);
    this.lanes.detach(cause, true);
  }

  async #pull(): Promise<void> {
    try {
      let count = 0;
      for await (const text of this.#client.slow(null, { window: 2 })) {
        if (count++ > 20) break;
        void text;
      }
    } catch {
      // Streams of a hostile peer fail; that is what this application expects.
    }
  }

  /** A handler that says so when it runs with what its schema does not take, or after the end. */
  #serve<Input, Output>(
    name: string,
    isValid: (input: unknown) => boolean,
    handle: (input: Input, context: { readonly signal: AbortSignal }) => Output,
  ): (input: Input, context: { readonly signal: AbortSignal }) => Output {
    return (input, context) => {
      if (this.hasEnded) this.#blame(`the handler of ${name} runs after the end`);
      if (!isValid(input)) this.#blame(`the handler of ${name} runs with invalid input`);
      return handle(input, context);
    };
  }

  #source<T>(make: () => Observable<T>): Observable<T> {
    return new Observable<T>((subscriber) => {
      this.open++;
      const inner = make().subscribe(subscriber);
      return () => {
        this.open--;
        inner.unsubscribe();
      };
    });
  }

  #handlers(): Handlers<typeof procedures> {
    const any = (): boolean => true;
    const serve = this.#serve.bind(this);
    return {
      add: serve('add', isSum, ({ a, b }: { a: number; b: number }) => a + b),
      echo: serve('echo', any, (input: unknown) => input),
      order: serve('order', isOrder, ({ sku, count }: { sku: string; count: number }) => {
        if (count === 7) throw new MuntinError('soldOut', 'None left', { data: { left: 0 } });
        if (count === 8) throw Object.assign(new Error('secret'), { code: 'soldOut' });
        return { id: sku };
      }),
      later: serve('later', isSmallText, async (text: string) => text),
      never: serve('never', any, (_input: unknown, { signal }: { readonly signal: AbortSignal }) => {
        this.running++;
        return new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            this.running--;
            reject(signal.reason as Error);
          });
        });
      }),
      live: serve('live', any, (input: unknown) => {
        this.#useLive(input);
        return { again: byReference((n: unknown) => n), stream: range(0, 3) };
      }),
      count: serve('count', isCount, (most: number) => this.#source(() => range(0, most))),
      numbers: serve('numbers', any, endless),
      slow: serve('slow', any, texts),
      live$: serve('live$', any, () =>
        this.#source(() => from<readonly unknown[]>([{ call: byReference(() => 1) }, 2])),
      ),
      toString: {
        valueOf: serve(
          'toString.valueOf',
          (input) => input === 'yes',
          () => 'yes' as const,
        ),
      },
    };
  }

  /** What an application does with live things of its peer. It catches what they fail with. */
  #useLive(value: unknown): void {
    const quiet = (): undefined => undefined;
    // An Observable keeps what it was made of as a property, which no application calls.
    const hasParts = typeof value === 'object' && value !== null && !(value instanceof Observable);
    for (const part of hasParts ? Object.values(value) : [value]) {
      if (typeof part === 'function') Promise.resolve<unknown>(Reflect.apply(part, undefined, [1])).then(quiet, quiet);
      else if (part instanceof Observable) part.subscribe({ error: quiet });
      else if (part instanceof Promise) part.then(quiet, quiet);
      else if (part instanceof AbortSignal) part.addEventListener('abort', quiet);
      else if (part instanceof ReadableStream && !part.locked) part.getReader().read().then(quiet, quiet);
      else if (typeof part === 'object' && part !== null && Object.getPrototypeOf(part) === null)
        for (const method of Object.values(part))
          if (typeof method === 'function')
            Promise.resolve(Reflect.apply(method, part, []) as unknown).then(quiet, quiet);
    }
  }
}

/** Over a lane nothing is checked: whatever calls a method of what it was given looks at it first, or calls a proxy of the peer's. */
class Api {
  count = 0;
  nested = { secret: () => 'secret' };
  add(by: number): number {
    return (this.count += by);
  }
  async each(list: number[], callback: (n: number) => unknown): Promise<unknown[]> {
    if (!Array.isArray(list)) throw new TypeError('each needs a list');
    return Promise.all(list.map((n) => callback(n)));
  }
  make(): object {
    return Comlink.proxy(new Api());
  }
}

function* endless(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

async function* texts(): AsyncGenerator<string> {
  for (let n = 0; n < 50; n++) yield `text ${n}`;
}

function isReady(ready: unknown): boolean {
  return typeof ready === 'object' && ready !== null && 'session' in ready && ready.session === 'fuzz';
}

// The same as the schemas say, written without them.

function isSum(input: unknown): boolean {
  const { a, b } = Object(input) as { a?: unknown; b?: unknown };
  return typeof a === 'number' && typeof b === 'number' && !Number.isNaN(a) && !Number.isNaN(b);
}

function isOrder(input: unknown): boolean {
  if (typeof input !== 'object' || input === null) return false;
  const { sku, count, tags = [], ...rest } = input as { sku?: unknown; count?: unknown; tags?: unknown };
  return (
    typeof sku === 'string' &&
    sku.length <= 20 &&
    Number.isInteger(count) &&
    Number(count) >= 1 &&
    Number(count) <= 9 &&
    Array.isArray(tags) &&
    tags.every((tag) => tag === 'a' || tag === 'b') &&
    Object.keys(rest).length === 0
  );
}

function isSmallText(input: unknown): boolean {
  return typeof input === 'string' && input.length < 9;
}

function isCount(input: unknown): boolean {
  return Number.isInteger(input) && Number(input) >= 0 && Number(input) <= 200;
}
