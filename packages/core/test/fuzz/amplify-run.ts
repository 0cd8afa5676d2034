import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Side } from '../../src/rpc/caller.ts';
import { type Cost, honest, makeBatch, measure, smallest, Victim, write } from './amplify.ts';
import { Random } from './random.ts';

/** What the goals are, as times of an honest value of the same size. */
const goals = { time: 5, heap: 8 } as const;
/** How often the heap is measured: it takes a whole collection before. */
const heapEvery = 20;
/** So many batches go before, so that the engine has compiled what they lead to. */
const warmUp = 400;
/** For so many batches one victim is kept. */
const perVictim = 100;
const sizes = [10_000, 15_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000] as const;

/** What an honest value of so many bytes costs. */
interface Honest {
  readonly bytes: number;
  readonly ms: number;
  readonly heap: number;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 1;
}

/** What an honest value of about so many bytes costs: of some measurements the middle. */
async function honestOf(side: Side, size: number, times: number, collect?: () => void): Promise<Honest> {
  const costs: Honest[] = [];
  for (let round = 0; round < times; round++) {
    const victim = new Victim(side, false);
    await victim.warm();
    const bytes = write([[5, victim.nextId, 1, honest(size), 0]]);
    const { ms, heap = 0 } = await measure(victim, bytes, collect);
    costs.push({ bytes: bytes.length, ms, heap });
    victim.close();
  }
  return {
    bytes: costs[0]?.bytes ?? size,
    ms: middle(costs.map(({ ms }) => ms)),
    heap: middle(costs.map(({ heap }) => heap)),
  };
}

/** What honest values cost, by size: measured once for each, and used for all messages of the side. */
async function measureHonest(side: Side, collect: () => void): Promise<readonly Honest[]> {
  const found: Honest[] = [];
  for (const size of sizes) found.push(await honestOf(side, size, size < 200_000 ? 31 : 9, collect));
  return found;
}

/** Between two sizes that were measured by a straight line. */
function at(honestCosts: readonly Honest[], bytes: number): Honest {
  const above = honestCosts.findIndex((cost) => cost.bytes >= bytes);
  const next = honestCosts[above === -1 ? honestCosts.length - 1 : above];
  const last = honestCosts[Math.max(0, (above === -1 ? honestCosts.length : above) - 1)];
  if (next === undefined || last === undefined || next === last)
    return { bytes, ms: next?.ms ?? 1, heap: next?.heap ?? 1 };
  const part = (bytes - last.bytes) / (next.bytes - last.bytes);
  return { bytes, ms: last.ms + part * (next.ms - last.ms), heap: last.heap + part * (next.heap - last.heap) };
}

// What seems to cost so much is measured again, against a new victim each time: the least counts.
const suspicious = { time: 3, heap: 5, again: 5 } as const;

interface Round {
  readonly side: Side;
  readonly withCodec: boolean;
  readonly seed: number;
  readonly round: number;
}

async function again(of: Round, first: Measured, collect?: () => void): Promise<Measured> {
  let { ms, heap, engineMs, engineHeap } = first;
  for (let time = 0; time < suspicious.again; time++) {
    const cost = await once(of, collect);
    if (cost === undefined) continue;
    if (cost.ms < ms) ({ ms, engineMs } = cost);
    if (heap !== undefined && cost.heap !== undefined && cost.heap < heap) ({ heap, engineHeap } = cost);
  }
  return { ms, heap, engineMs, engineHeap };
}

/** One round, against a victim of its own. */
async function once(
  { side, withCodec, seed, round }: Round,
  collect?: () => void,
): Promise<(Measured & { readonly bytes: number; readonly name: string }) | undefined> {
  const random = new Random(seed, round);
  random.once(4); // as when it was made
  const victim = new Victim(side, withCodec);
  await victim.warm();
  const made = makeBatch(random, victim);
  const cost = made === undefined ? undefined : await measure(victim, made.bytes, collect);
  victim.close();
  return made && cost && { ...cost, name: made.name };
}

/** Measures some rounds, each so many times, and says what each has cost at least: for who looks for what makes one dear. */
export async function lookAt(
  rounds: readonly number[],
  times: number,
  seed: number,
  side: Side,
  collect: () => void,
): Promise<void> {
  const all = rounds.map((round) => ({ side, seed, round, withCodec: new Random(seed, round).once(4) }));
  for (let warm = 0; warm < warmUp / 10; warm++) for (const of of all) await once(of);
  for (const of of all) {
    const costs: (Measured & { readonly bytes: number; readonly name: string })[] = [];
    for (let time = 0; time < times; time++)
      costs.push(...[await once(of, time % 2 ? collect : undefined)].flatMap((cost) => cost ?? []));
    const [any] = costs;
    if (any === undefined) continue;
    const own = await honestOf(side, any.bytes, times);
    const ownHeap = (await honestOf(side, any.bytes, times, collect)).heap;
    const least = (pick: (cost: Measured) => number | undefined): number =>
      Math.min(...costs.map((cost) => pick(cost) ?? Infinity));
    const [ms, engineMs, heap] = [least((cost) => cost.ms), least((cost) => cost.engineMs), least((cost) => cost.heap)];
    process.stdout.write(
      `${of.round} ${(any.bytes / 1000).toFixed(0)} kB ${ms.toFixed(2)} ms, ${(ms / own.ms).toFixed(1)} times, ${((ms - engineMs) / own.ms).toFixed(1)} ours; ` +
        `heap ${(heap / ownHeap).toFixed(1)} times: ${any.name}\n`,
    );
  }
}

type Measured = Pick<Cost, 'ms' | 'heap' | 'engineMs' | 'engineHeap'>;

interface Row extends Cost {
  readonly time: number;
  readonly heapTimes: number | undefined;
  /** Both without what the engine takes to deserialise. */
  readonly ownTime: number;
  readonly ownHeapTimes: number | undefined;
  /** Messages of the protocol in it. */
  readonly messages: number;
}

const noHeap = { heapTimes: undefined, ownHeapTimes: undefined } as const;

/** Attacks one side with so many batches and returns what each has cost, as times of an honest value. */
async function amplify(side: Side, seed: number, count: number, collect: () => void): Promise<readonly Row[]> {
  let honestCosts: readonly Honest[] = [];
  let rows: Row[] = [];
  let victims: (Victim | undefined)[] = [undefined, undefined];
  const startedAt = performance.now();
  for (let round = 0, warm = 0; rows.length < count; round++) {
    if (honestCosts.length === 0 && warm++ >= Math.min(warmUp, count)) {
      honestCosts = await measureHonest(side, collect);
      rows = [];
    }
    const random = new Random(seed, round);
    const withCodec = random.once(4);
    const kept = victims[withCodec ? 1 : 0];
    const isFresh = kept === undefined || kept.isEnded || round % perVictim === 0;
    const victim = isFresh ? new Victim(side, withCodec) : kept;
    if (isFresh) {
      kept?.close();
      await victim.warm();
    }
    victims = withCodec ? [victims[0], victim] : [victim, victims[1]];
    const made = makeBatch(random, victim);
    if (made === undefined) continue;
    const heapOf = round % heapEvery === 0 ? collect : undefined;
    const cost = await measure(victim, made.bytes, heapOf);
    if (honestCosts.length === 0) {
      rows.push({ ...cost, blocks: '', seed: round, messages: 0, time: 0, ownTime: 0, ...noHeap });
      continue;
    }
    let own = at(honestCosts, cost.bytes);
    let { ms, heap, engineMs, engineHeap } = cost;
    if (cost.ms > suspicious.time * own.ms || (cost.heap ?? 0) > suspicious.heap * own.heap) {
      ({ ms, heap, engineMs, engineHeap } = await again({ side, withCodec, seed, round }, cost, heapOf));
      const beside = await honestOf(side, cost.bytes, suspicious.again);
      own = { ...own, ms: Math.max(own.ms, beside.ms) };
    }
    rows.push({
      ...cost,
      blocks: `${withCodec ? 'superjson, ' : ''}${made.name}`,
      messages: made.batch.length,
      seed: round,
      ms,
      engineMs,
      time: ms / own.ms,
      heapTimes: heap === undefined ? undefined : heap / own.heap,
      ownTime: (ms - engineMs) / own.ms,
      ownHeapTimes: heap === undefined ? undefined : (heap - (engineHeap ?? 0)) / own.heap,
    });
    if (rows.length % 5000 === 0)
      process.stderr.write(`${side}: ${rows.length} in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  }
  for (const victim of victims) victim?.close();
  return rows;
}

function table(rows: readonly Row[], pick: (row: Row) => number, most: number): string {
  const worst = [...rows].sort((a, b) => pick(b) - pick(a)).slice(0, most);
  const lines = worst.map(
    ({ blocks, bytes, ms, time, heapTimes, ownTime, ownHeapTimes, seed }) =>
      `| ${blocks} | ${(bytes / 1000).toFixed(0)} | ${ms.toFixed(1)} | ${time.toFixed(1)} | ${ownTime.toFixed(1)} | ${heapTimes?.toFixed(1) ?? ''} | ${ownHeapTimes?.toFixed(1) ?? ''} | ${seed} |`,
  );
  return [
    '| blocks | kB | ms | time, times honest | of it ours | heap, times honest | of it ours | round |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

function quantile(rows: readonly Row[], pick: (row: Row) => number, part: number): string {
  const sorted = rows.map(pick).sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
}

/** With a comma for each thousand. */
function show(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/gu, ',');
}

const timeOf = ({ time }: Row): number => time;
const heapOf = ({ heapTimes = 0 }: Row): number => heapTimes;

interface SideRows {
  readonly side: Side;
  readonly rows: readonly Row[];
}

interface Missed {
  readonly time: number;
  readonly heap: number;
}

/** Those that cost more than the goals allow; and of them those where that is not the engine's alone. */
function missed(rows: readonly Row[]): { readonly all: Missed; readonly ours: Missed } {
  const over = (pick: (row: Row) => number, goal: number): number => rows.filter((row) => pick(row) > goal).length;
  return {
    all: { time: over(timeOf, goals.time), heap: over(heapOf, goals.heap) },
    ours: {
      time: over(({ ownTime }) => ownTime, goals.time),
      heap: over(({ ownHeapTimes = 0 }) => ownHeapTimes, goals.heap),
    },
  };
}

/** Writes what a run has found as a page. */
function page(sides: readonly SideRows[], seed: number): string {
  const parts = sides.map(({ side, rows }) => {
    const heaps = rows.filter(({ heapTimes }) => heapTimes !== undefined);
    const over = missed(rows);
    const inner = rows.reduce((sum, { messages }) => sum + messages, 0);
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    const small = rows.filter((row) => row.bytes < 50_000).length;
    return `## Against a ${side}: ${show(rows.length)} batches

They carried ${show(inner)} messages of the protocol and ${show(Math.round(bytes / 1e6))} MB; ${show(small)} batches had less than 50 kB, ${show(rows.length - small)} more.

Time, measured for all: half of them cost ${quantile(rows, timeOf, 0.5)} times an honest value or less, 99 % ${quantile(rows, timeOf, 0.99)}, 99.9 % ${quantile(rows, timeOf, 0.999)}; ${over.all.time} cost more
than ${goals.time} times, ${over.ours.time} of them without what the engine takes to deserialise. Heap, measured for ${show(heaps.length)} of them: half ${quantile(heaps, heapOf, 0.5)}, 99 % ${quantile(heaps, heapOf, 0.99)}; ${over.all.heap} more than ${goals.heap} times, ${over.ours.heap} of
them without the engine's part.

The worst in time:

${table(rows, timeOf, 12)}

The worst in heap:

${table(heaps, heapOf, 8)}
`;
  });
  return `# What one message can cost

Written by \`npm run fuzz -- --amplify N\`, with seed ${seed}, on Node ${process.versions.node.split('.')[0] ?? ''}. A batch, which is one \`postMessage\`, of ${smallest / 1000} kB to 2 MB is
built of all that a peer can say: values of every shape, shared and not, attachments of every kind and number, encoded values, messages of every kind,
many or few. What it costs is compared with one honest nested value of the same size as the input of a call: processor time from the bytes to the last
step that follows, and growth of the heap before anything is collected. Both include what the engine does to deserialise. Most batches are small,
because a small one of each kind says as much as a large one and costs less to try.

The goal is ${goals.time} times the time and ${goals.heap} times the heap; the command fails when a batch misses one by what our code does. The engine deserialises a
message before any code of ours can refuse it, and for some values (arrays of holes, objects with thousands of keys) takes that much by itself: what is
ours is shown beside the whole. A single measurement also has the collections of the
engine in it: what seems to cost more than ${suspicious.time} times the time or ${suspicious.heap} times the heap is measured ${suspicious.again} times more, against a new victim each time, and the least
counts. The heap is measured for one batch in ${heapEvery}, since each takes a collection of everything before.

${parts.join('\n')}`;
}

/** \`--amplify N\`: attacks each side with so many batches; \`--write FILE\` writes the page. Fails when a goal is missed. */
export async function run(
  options: { count: number; seed: number; only: string | undefined; write: string | undefined },
  collect: () => void,
): Promise<void> {
  const sides: SideRows[] = [];
  for (const side of ['host', 'guest'] satisfies Side[])
    if (options.only === undefined || options.only === side)
      sides.push({ side, rows: await amplify(side, options.seed, options.count, collect) });
  const text = page(sides, options.seed);
  process.stdout.write(`${text}\n`);
  if (options.write !== undefined) writeFileSync(options.write, text);
  for (const { side, rows } of sides) {
    const { time, heap } = missed(rows).ours;
    if (time + heap === 0) continue;
    process.stderr.write(`FAILED, ${side}: ${time} batches over ${goals.time} times the time, ${heap} over the heap\n`);
    process.exitCode = 1;
  }
}
