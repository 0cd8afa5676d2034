// What every guest does, whatever carries it, and the data it is done with.

/** What a guest is asked to stream: `count` values, or `endless` ones until it is stopped. */
export interface StreamRequest {
  readonly kind: 'numbers' | 'ticks' | 'endless';
  readonly count: number;
}

/** A small object, as a price or a measurement would be. */
export interface Tick {
  readonly id: number;
  readonly value: number;
}

export interface Sum {
  readonly a: number;
  readonly b: number;
}

let produced = 0;
let stops = 0;

/** Says that this turn of the event loop is over: unlike a timer, a message waits for no minimum of time. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

function* counted(count: number): Generator<number> {
  for (let id = 0; id < count; id++) yield id;
}

function* ticks(count: number): Generator<Tick> {
  for (let id = 0; id < count; id++) yield { id, value: id / 2 };
}

// A hundred values in each turn, for as long as anybody asks, and never again after `stop`.
async function* endless(): AsyncGenerator<number> {
  const until = stops;
  for (let id = 0; ; id++) {
    if (stops !== until) return;
    produced++;
    yield id;
    if (id % 100 === 99) await turn();
  }
}

/** The values of a stream, to be pulled. */
export function source(request: StreamRequest): Iterable<unknown> | AsyncIterable<unknown> {
  if (request.kind === 'numbers') return counted(request.count);
  return request.kind === 'ticks' ? ticks(request.count) : endless();
}

/** The same, pushed as fast as the source has them: for systems that carry events or calls, and cannot ask. */
export async function pushAll(request: StreamRequest, push: (value: unknown) => void): Promise<void> {
  const values = source(request);
  if (Symbol.iterator in values) for (const value of values) push(value);
  else for await (const value of values) push(value);
}

/** The same as a ReadableStream, for systems that carry those. */
export function readable(request: StreamRequest): ReadableStream<unknown> {
  const values = source(request);
  const iterator = Symbol.iterator in values ? values[Symbol.iterator]() : values[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const step = await iterator.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}

/** Everything a guest offers besides streams. */
export const job = {
  add: ({ a, b }: Sum): number => a + b,
  echo: (value: unknown): unknown => value,
  /** How many endless values this page has made so far. */
  produced: (): number => produced,
  /** Ends the endless streams of this page. */
  stop: (): void => {
    stops++;
  },
};

export type Job = typeof job;

/** Procedures that nobody calls, to see what a large contract costs. Their number is in the page's address. */
export function padding<T>(make: () => T): Record<string, T> {
  const count = Number(new URLSearchParams(location.search).get('procedures') ?? 0);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`procedure${index}`, make()]));
}
