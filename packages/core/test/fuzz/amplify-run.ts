import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Side } from '../../src/rpc/sent-calls.ts';
import {
  type Cost,
  common,
  type HonestKind,
  honest,
  honestKinds,
  makeBatch,
  measure,
  oneOfLarge,
  smallest,
  Victim,
} from './amplify.ts';
import {
  goals,
  heapOf,
  keepLine,
  median,
  missed,
  nextRound,
  type Row,
  readRows,
  section,
  timeOf,
} from './amplify-rows.ts';
import type { Made } from './blocks.ts';
import { Random } from './random.ts';

/** So many batches go before, so that the engine has compiled what they lead to. */
const warmUp = 400;
/** For so many batches one victim is kept. */
const perVictim = 100;
const sizes = [10_000, 15_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000] as const;
// What seems to cost so much is measured once more, against a new victim; where it does again, so often, and an honest value after each: the medians
// count. What the engine has collected in between seldom comes twice.
const suspicious = { time: 4, heap: 6.5, again: 5 } as const;

/** What an honest value of so many bytes costs. */
type Honest = Pick<Cost, 'bytes' | 'ms' | 'heap'>;
type HonestCosts = Readonly<Record<HonestKind, readonly Honest[]>>;

/** What a batch is compared with. */
function kindOf(withCodec: boolean, { isEncoded }: Pick<Made, 'isEncoded'>): HonestKind {
  return isEncoded ? 'encoded' : withCodec ? 'codec' : 'plain';
}

function medians(costs: readonly Cost[]): Cost {
  const of = (name: keyof Cost): number => median(costs.map((cost) => cost[name]));
  return { bytes: of('bytes'), ms: of('ms'), heap: of('heap'), engineMs: of('engineMs'), engineHeap: of('engineHeap') };
}

/** One honest value of about so many bytes, against a victim of its own. */
async function onceHonest(
  side: Side,
  kind: HonestKind,
  size: number,
  collect: () => void,
  written?: Uint8Array,
): Promise<Played> {
  const victim = new Victim(side, kind !== 'plain');
  await victim.warm();
  // To a new victim each is the same.
  const bytes = written ?? honest(kind, victim.nextId, size);
  const cost = await measure(victim, bytes, collect);
  victim.close();
  return { cost, bytes };
}

interface Played {
  readonly cost: Cost;
  readonly bytes: Uint8Array;
}

/** An honest value, measured so many times. */
async function timesHonest(
  count: number,
  side: Side,
  kind: HonestKind,
  size: number,
  collect: () => void,
): Promise<Cost> {
  const costs: Cost[] = [];
  let bytes: Uint8Array | undefined;
  for (let round = 0; round < count; round++) {
    const played = await onceHonest(side, kind, size, collect, bytes);
    costs.push(played.cost);
    bytes = played.bytes;
  }
  return medians(costs);
}

/** What honest values cost, by kind and size: measured once for each, and used for all batches that do not seem dear. */
async function measureHonest(side: Side, collect: () => void): Promise<HonestCosts> {
  const found: Record<HonestKind, Honest[]> = { plain: [], codec: [], encoded: [] };
  for (const size of sizes)
    for (const kind of honestKinds)
      found[kind].push(await timesHonest(size < 200_000 ? 31 : 9, side, kind, size, collect));
  return found;
}

/** Between two sizes that were measured by a straight line. */
function at(costs: readonly Honest[], bytes: number): Honest {
  const above = costs.findIndex((cost) => cost.bytes >= bytes);
  const next = costs[above === -1 ? costs.length - 1 : above];
  const last = costs[Math.max(0, (above === -1 ? costs.length : above) - 1)];
  if (next === undefined || last === undefined || next === last)
    return { bytes, ms: next?.ms ?? 1, heap: next?.heap ?? 1 };
  const part = (bytes - last.bytes) / (next.bytes - last.bytes);
  return { bytes, ms: last.ms + part * (next.ms - last.ms), heap: last.heap + part * (next.heap - last.heap) };
}

interface Round {
  readonly side: Side;
  readonly seed: number;
  readonly round: number;
}

/** What a round plays is a matter of its seed and number alone: so a run can be played in parts. */
function begin({ seed, round }: Round): { readonly random: Random; readonly withCodec: boolean } {
  const random = new Random(seed, round);
  return { random, withCodec: random.once(4) };
}

interface PlayedRound {
  readonly cost: Cost;
  readonly made: Made;
  readonly kind: HonestKind;
}

/** One round, against a victim of its own. */
async function once(of: Round, collect: () => void, known?: Made): Promise<PlayedRound | undefined> {
  const { random, withCodec } = begin(of);
  const victim = new Victim(of.side, withCodec);
  await victim.warm();
  const made = known ?? makeBatch(random, victim);
  const cost = made === undefined ? undefined : await measure(victim, made.bytes, collect);
  victim.close();
  return made && cost && { cost, made, kind: kindOf(withCodec, made) };
}

interface Beside {
  readonly cost: Cost;
  readonly honest: Cost;
}

/** One round so many times, and after each time an honest value of its kind and size: of both the medians. */
async function beside(of: Round, count: number, collect: () => void): Promise<Beside | undefined> {
  const [costs, honestCosts]: [Cost[], Cost[]] = [[], []];
  let made: Made | undefined;
  let bytes: Uint8Array | undefined;
  for (let time = 0; time < count; time++) {
    const played = await once(of, collect, made);
    if (played === undefined) return undefined;
    made = played.made;
    costs.push(played.cost);
    const own = await onceHonest(of.side, played.kind, played.cost.bytes, collect, bytes);
    bytes = own.bytes;
    honestCosts.push(own.cost);
  }
  return { cost: medians(costs), honest: medians(honestCosts) };
}

function rowOf(of: Round, withCodec: boolean, made: Made, { cost, honest: own }: Beside, measured: number): Row {
  return {
    ...of,
    blocks: `${withCodec ? 'superjson, ' : ''}${made.name}`,
    messages: made.batch.length,
    measured,
    ...cost,
    honest: { ms: Math.max(own.ms, 0.001), heap: Math.max(own.heap, 1) },
  };
}

/** Measures some rounds, each so many times, and says what each has cost: for who looks for what makes one dear. */
export async function lookAt(
  rounds: readonly number[],
  count: number,
  seed: number,
  side: Side,
  collect: () => void,
): Promise<void> {
  const all = rounds.map((round) => ({ side, seed, round }));
  for (let warm = 0; warm < warmUp / 10; warm++) for (const of of all) await beside(of, 1, collect);
  for (const of of all) {
    const played = await once(of, collect);
    const found = await beside(of, count, collect);
    if (played === undefined || found === undefined) continue;
    const row = rowOf(of, begin(of).withCodec, played.made, found, count);
    const { bytes, ms, engineMs, heap, engineHeap, blocks } = row;
    process.stdout.write(
      `${of.round} ${(bytes / 1000).toFixed(0)} kB ${ms.toFixed(2)} ms, ${timeOf(row).toFixed(1)} times, ${((ms - engineMs) / row.honest.ms).toFixed(1)} ours; ` +
        `heap ${heapOf(row).toFixed(1)} times, ${((heap - engineHeap) / row.honest.heap).toFixed(1)} ours: ${blocks}\n`,
    );
  }
}

/** Two victims, with and without the codec, each of which takes some batches. */
class Victims {
  readonly #side: Side;
  readonly #kept: [Victim | undefined, Victim | undefined] = [undefined, undefined];

  constructor(side: Side) {
    this.#side = side;
  }

  async take(withCodec: boolean, isNew: boolean): Promise<Victim> {
    const place = withCodec ? 1 : 0;
    const kept = this.#kept[place];
    if (kept !== undefined && !kept.isEnded && !isNew) return kept;
    kept?.close();
    const victim = new Victim(this.#side, withCodec);
    this.#kept[place] = victim;
    await victim.warm();
    return victim;
  }

  close(): void {
    for (const victim of this.#kept) victim?.close();
  }
}

export interface Collect {
  /** Everything that nobody needs. */
  readonly all: () => void;
  /** What has come last of it; takes no time to speak of. */
  readonly young: () => void;
}

/** Attacks one side with so many batches, the first of which is that of round `from`, and hands over what each has cost. */
async function amplify(
  side: Side,
  { seed, count, from }: Pick<Options, 'seed' | 'count' | 'from'>,
  collect: Collect,
  keep: (row: Row) => void,
): Promise<void> {
  if (count <= 0) return;
  const victims = new Victims(side);
  const play = async (of: Round): Promise<{ cost: Cost; made: Made; withCodec: boolean } | undefined> => {
    const { random, withCodec } = begin(of);
    const isNew = of.round % perVictim === 0;
    if (isNew) collect.all();
    const victim = await victims.take(withCodec, isNew);
    const made = makeBatch(random, victim);
    return made && { cost: await measure(victim, made.bytes, collect.young), made, withCodec };
  };
  // Of another seed: these rounds are not those that are measured.
  for (let round = 0; round < Math.min(warmUp, count); round++) await play({ side, seed: ~seed, round });
  const honestCosts = await measureHonest(side, collect.young);
  const startedAt = performance.now();
  for (let round = from, done = 0; done < count; round++) {
    const of = { side, seed, round };
    const played = await play(of);
    if (played === undefined) continue;
    done++;
    const { cost, made, withCodec } = played;
    const own = { ...cost, ...at(honestCosts[kindOf(withCodec, made)], cost.bytes) };
    const isDear = ({ ms, heap }: Cost): boolean => ms > suspicious.time * own.ms || heap > suspicious.heap * own.heap;
    const second = isDear(cost) ? await once(of, collect.young) : undefined;
    const again = second && isDear(second.cost) ? await beside(of, suspicious.again, collect.young) : undefined;
    const found = again ?? { cost: second?.cost ?? cost, honest: own };
    keep(rowOf(of, withCodec, made, found, again ? suspicious.again : second ? 2 : 1));
    if (done % 1000 === 0)
      process.stderr.write(`${side}: ${done} in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  }
  victims.close();
}

/** Writes what a run has found as a page. */
function page(sides: readonly (readonly [Side, readonly Row[]])[], seeds: readonly number[]): string {
  return `# What one message can cost

Written by \`npm run fuzz -- --amplify N\`, with seed ${seeds.join(' and ')}, on Node ${process.versions.node.split('.')[0] ?? ''}, on ${new Date().toISOString().slice(0, 10)}. A batch, which is one \`postMessage\`, of ${smallest / 1000} kB to 2 MB is
built of all that a peer can say: values of every shape, shared and not, attachments of every kind and number, encoded values, messages of every kind,
many or few. What it costs is compared with one honest nested value of the same size as the input of a call: processor time from the bytes to the last
step that follows, and growth of the heap before anything is collected. Both include what the engine does to deserialise. Most batches are small,
because a small one of each kind says as much as a large one and costs less to try; of those over ${common / 1000} kB one in ${oneOfLarge} is played.

Like is compared with like. A batch of a session without a codec is compared with an honest value without one. In a session with the superjson codec
it is compared with an honest value that went through the codec: with one of which the codec has nothing to make, where the batch has no marks either;
and with one whose rows have a big number as id, of which the codec makes one for each row, where the batch has marks.

The goal is ${goals.time} times the time and ${goals.heap} times the heap; the command fails when a batch misses one by what our code does. The engine deserialises a
message before any code of ours can refuse it, and for some values (arrays of holes, objects with thousands of keys) takes that much by itself: what is
ours is shown beside the whole. What the engine has made lives until our code has read it, so moving it out of the young heap belongs to the engine, and is
done before our part begins. A single measurement also has other collections of the engine in it: what seems to cost more than ${suspicious.time} times the time or
${suspicious.heap} times the heap is measured once more, against a new victim; and where it does so again, ${suspicious.again} times, with as many honest values in between: the
median is compared with the median. The heap is measured for all.

A run can be played in parts: \`--keep FILE\` adds what was found to a file, and the same command goes on behind it; \`--from N\` begins with round N.
\`--amplify 0 --keep FILE,FILE --write PAGE\` writes the page of several parts.

${sides.map(([side, rows]) => section(side, rows)).join('\n')}`;
}

export interface Options {
  readonly count: number;
  readonly seed: number;
  /** The round that the run begins with. */
  readonly from: number;
  readonly only: string | undefined;
  /** Files with rows: those that are there are read, and what is measured is added to the first. */
  readonly keep: readonly string[];
  readonly write: string | undefined;
}

/** See `run.ts`. Fails when a goal is missed. */
export async function run(options: Options, collect: Collect): Promise<void> {
  const { keep, only, seed, from } = options;
  const rows = keep.flatMap((file) => (existsSync(file) ? readRows(readFileSync(file, 'utf8')) : []));
  const [own] = keep;
  const add = (row: Row): void => {
    rows.push(row);
    if (own !== undefined) appendFileSync(own, keepLine(row));
  };
  const sides = (['host', 'guest'] as const).filter((side) => only === undefined || only === side);
  for (const side of sides) {
    const next = nextRound(rows, side, seed, from);
    const done = rows.filter((row) => row.side === side && row.seed === seed && row.round >= from).length;
    await amplify(side, { ...options, from: next, count: options.count - done }, collect, add);
  }
  const found = sides.map((side) => [side, rows.filter((row) => row.side === side)] as const);
  const text = page(found, [...new Set(rows.map((row) => row.seed))]);
  process.stdout.write(`${text}\n`);
  if (options.write !== undefined) writeFileSync(options.write, text);
  for (const [side, all] of found) {
    const { time, heap } = missed(all).ours;
    if (time + heap === 0) continue;
    process.stderr.write(`FAILED, ${side}: ${time} batches over ${goals.time} times the time, ${heap} over the heap\n`);
    process.exitCode = 1;
  }
}
