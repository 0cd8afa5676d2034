import { performance } from 'node:perf_hooks';
import { Deserializer, getHeapStatistics, Serializer } from 'node:v8';
import { Observable } from 'rxjs';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import { type Codec, MuntinError, mutation, observable, query } from '../../src/index.ts';
import { Caller, createClient, Lanes, NOTE, pairHandlers, READY, readLimits, Session } from '../../src/internal.ts';
import type { Side } from '../../src/rpc/sent-calls.ts';
import { openEndpoint } from '../fixtures/open-pair.ts';
import { type Blocks, type Made, makeMessage } from './blocks.ts';
import type { Random } from './random.ts';

/** What one batch has cost. */
export interface Cost {
  readonly bytes: number;
  /** Of processor time, from the bytes to the last step that the batch leads to. */
  readonly ms: number;
  /** What the heap had grown by then, before anything was collected. */
  readonly heap: number;
  /** What of both the engine takes, before any of our code runs: to deserialise, and to move what it has made out of the young heap. */
  readonly engineMs: number;
  readonly engineHeap: number;
}

const limits = readLimits();
const codec: Codec = superjsonCodec();

const procedures = {
  take: query<unknown, number>(),
  slow: mutation<unknown, void>(),
  feed: observable<unknown, unknown>(),
};

/** Behind all that is to be done now, and behind the timers that are due at once. */
const later = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(() => setImmediate(resolve), 1);
  });

/** One end with default limits, which has asked its peer for something of each kind, and does nothing with what comes. */
export class Victim {
  readonly session: Session;
  readonly #channel = new MessageChannel();
  readonly #caller: Caller;
  readonly #lanes: Lanes;
  #isEnded = false;
  readonly side: Side;
  readonly withCodec: boolean;
  /** The next id that the peer may use. */
  nextId: number;

  constructor(side: Side, withCodec: boolean) {
    this.side = side;
    this.withCodec = withCodec;
    this.nextId = side === 'host' ? 2 : 1;
    this.#caller = new Caller(side, limits);
    this.#lanes = new Lanes(side, limits);
    const own = pairHandlers(procedures, {
      take: () => 1,
      slow: () => undefined,
      feed: () => new Observable<never>(() => undefined),
    });
    const { served } = openEndpoint(side, this.#caller, procedures, own);
    this.session = new Session({
      side,
      port: this.#channel.port1,
      peer: { origin: 'https://peer.example', session: 'amplify' },
      caller: this.#caller,
      lanes: this.#lanes,
      served,
      limits,
      codec: withCodec ? codec : undefined,
      peerServes: served.map(({ path }) => path),
      peerCalls: 1024,
      greeting: side === 'host' ? [NOTE, served.length - 1, 'dark'] : [READY, { session: 'amplify', heard: [1] }],
      ...(side === 'host' ? { onReady: () => true } : {}),
      onHandlerError: () => undefined,
      onEnd: (cause) => this.#end(cause),
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Everything that takes a while is there before anything is measured. */
  async warm(): Promise<void> {
    if (this.side === 'host') this.session.receive([[READY, undefined]]);
    const quiet = (): undefined => undefined;
    const client = createClient(procedures, this.#caller);
    for (let count = 0; count < 8; count++) client.slow(count, { timeoutMs: Infinity }).then(quiet, quiet);
    client.feed(1, { window: 65_536 }).subscribe({ error: quiet });
    const { received } = this.session.stats;
    this.receive({ value: new Set([1]) });
    while (this.session.stats.received === received) await later();
    await this.rest();
  }

  /** An honest value, as the input of a call. */
  receive(value: unknown): void {
    this.session.receive([[5, this.nextId, 1, this.withCodec ? codec.encode(value) : value, 0]]);
    this.nextId += 2;
  }

  /** Until nothing happens any more. What takes long goes on in a later task, after a timer. */
  async rest(): Promise<void> {
    let before = -1;
    for (let calm = 0; calm < 2; ) {
      await later();
      const { sent, received } = this.session.stats;
      calm = before === sent + received ? calm + 1 : 0;
      before = sent + received;
    }
  }

  close(): void {
    if (!this.#isEnded) {
      const cause = new MuntinError('UNMOUNTED', 'The round is over');
      this.session.close(cause, 'closed');
      this.#end(cause);
    }
    this.#channel.port2.close();
  }

  #end(cause: MuntinError): void {
    this.#isEnded = true;
    this.#caller.end(cause);
    this.#lanes.detach(cause, true);
  }
}

/** Processor time of this process in ms: what else the machine does is not counted. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Lets a victim read what was serialised, and says what that has cost. `collect` takes away what is young and dead: else it is chance whether the
 * engine does so in between. What the engine has made lives until the victim has read it: two collections move it to the old heap, which is the
 * engine's part too, and those that come later have to do with what our code makes.
 */
export async function measure(victim: Victim, bytes: Uint8Array, collect: () => void): Promise<Cost> {
  collect();
  const reading = stopwatch();
  const batch = read(bytes);
  const engineHeap = reading.grown();
  collect();
  collect();
  const engineMs = reading.ms();
  const handling = stopwatch();
  victim.session.receive(batch);
  await victim.rest();
  const [ms, heap] = [handling.ms(), handling.grown()];
  return { bytes: bytes.length, ms: engineMs + ms, heap: engineHeap + heap, engineMs, engineHeap };
}

/** From now on. Waiting costs nothing; nor does what other threads of the engine do beside this one. */
function stopwatch(): { readonly ms: () => number; readonly grown: () => number } {
  const before = getHeapStatistics().used_heap_size;
  const loop = performance.eventLoopUtilization();
  const own = cpu();
  return {
    ms: () => Math.min(performance.eventLoopUtilization(loop).active, cpu() - own),
    grown: () => Math.max(0, getHeapStatistics().used_heap_size - before),
  };
}

/** What an honest value is: for a session without a codec, for one with, and one in which the codec has something to make. */
export const honestKinds = ['plain', 'codec', 'encoded'] as const;
export type HonestKind = (typeof honestKinds)[number];

/** The input of a call, of about so many bytes: rows as a table has them. Where the codec has to do with them, their ids are big numbers. */
export function honest(kind: HonestKind, id: number, bytes: number): Uint8Array {
  const row = (n: number): unknown => ({
    id: kind === 'encoded' ? BigInt(n) : n,
    name: `row number ${n}`,
    tags: ['a', 'b'],
    at: { x: n / 3, y: -n },
  });
  const make = (count: number): Uint8Array => {
    const rows = Array.from({ length: count }, (_, n) => row(n));
    return write([[5, id, 1, kind === 'plain' ? rows : codec.encode(rows), 0]]);
  };
  const sample = 100;
  return make(Math.max(1, Math.round((bytes * sample) / make(sample).length)));
}

/** As a browser writes it: views of one buffer share it, which \`serialize\` of Node writes once for each view. */
function write(batch: unknown): Uint8Array {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(batch);
  return serializer.releaseBuffer();
}

/** What a port would bring. */
export function read(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue() as unknown;
}

/** In bytes. */
export const smallest = 10_000;
const largest = 2_000_000;
// Of larger ones, which take most of a run, one in so many is played.
export const common = 100_000;
export const oneOfLarge = 10;

/** One hostile batch of the seed's choice, for a victim that has asked for something. */
export function makeBatch(random: Random, victim: Victim): Made | undefined {
  const blocks: Blocks = {
    random,
    side: victim.side,
    withCodec: victim.withCodec,
    bytes: Math.round(smallest * (largest / smallest) ** ((random.below(1001) / 1000) ** 8)), // most are small
    nextId: () => {
      victim.nextId += 2;
      return victim.nextId - 2;
    },
  };
  const made = makeMessage(blocks);
  try {
    const bytes = write(made.batch);
    const isPlayed = bytes.length <= common || random.once(oneOfLarge);
    return !isPlayed || bytes.length < smallest || bytes.length > 1.1 * largest ? undefined : { ...made, bytes };
  } catch {
    return undefined; // too deep for this engine to write
  }
}
