// What every guest does, whatever carries it, and the data it is done with.

/** What a guest is asked to stream: `count` values, or endless ones until it is stopped. */
export interface StreamRequest {
  /** `endless`: numbers; `records`: endless, too. `pushed`: numbers of a source that does not wait until it is asked. */
  readonly kind: 'numbers' | 'ticks' | 'endless' | 'records' | 'pushed';
  readonly count: number;
  /** Of what is pushed: how many values in each turn. */
  readonly perTurn?: number;
}

/** A small object, as a price or a measurement would be. */
export interface Tick {
  readonly id: number;
  readonly value: number;
}

/** What an endless source tells of each thing that happens. */
export interface Entry {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
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

/** For a source that is faster than its consumer, and leaves both pages time for everything else. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 4));

// A hundred values, then a turn or a pause, for as long as anybody asks, and never again after `stop`.
async function* endless<T>(make: (id: number) => T, rest: () => Promise<void>): AsyncGenerator<T> {
  const until = stops;
  for (let id = 0; ; id++) {
    if (stops !== until) return;
    produced++;
    yield make(id);
    if (id % 100 === 99) await rest();
  }
}

const record = (id: number): Entry => ({ id, name: `entry ${id}`, tags: [`north ${id}`, `south ${id}`, `east ${id}`] });

/** The values of a stream, to be pulled. */
export function source(request: StreamRequest): Iterable<unknown> | AsyncIterable<unknown> {
  switch (request.kind) {
    case 'numbers':
      return counted(request.count);
    case 'ticks':
      return ticks(request.count);
    case 'endless':
      return endless((id) => id, turn);
    case 'records':
      return endless(record, pause);
    case 'pushed':
      throw new Error('What is pushed cannot be pulled');
  }
}

/** The same, pushed as fast as the source has them: for systems that carry events or calls, and cannot ask. */
export async function pushAll(request: StreamRequest, push: (value: unknown) => void): Promise<void> {
  if (request.kind === 'pushed') return pushCounted(request, push);
  const values = source(request);
  if (Symbol.iterator in values) for (const value of values) push(value);
  else for await (const value of values) push(value);
}

async function pushCounted({ count, perTurn = count }: StreamRequest, push: (value: unknown) => void): Promise<void> {
  for (let id = 0; id < count; id++) {
    push(id);
    if (id % perTurn === perTurn - 1) await turn();
  }
}

/** The same as a ReadableStream, for systems that carry those. */
export function readable(request: StreamRequest): ReadableStream<unknown> {
  if (request.kind === 'pushed')
    return new ReadableStream({
      start: (controller) => {
        void pushAll(request, (value) => controller.enqueue(value)).then(() => controller.close());
      },
    });
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

/** What a guest does with a value that has a callback inside. */
export function visit(sent: readonly Tick[], onDone: (count: number) => unknown): number {
  void onDone(sent.length);
  return sent.length;
}

/** Procedures that nobody calls, to see what a large contract costs. Their number is in the page's address. */
export function padding<T>(make: () => T): Record<string, T> {
  const count = Number(new URLSearchParams(location.search).get('procedures') ?? 0);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`procedure${index}`, make()]));
}
