import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import type { Side } from '../../src/rpc/caller.ts';
import { type Cost, honest, makeBatch, measure, Victim } from './amplify.ts';
import { Random } from './random.ts';

/** How often the heap is measured: it takes a whole collection before. */
const heapEvery = 10;
const sizes = [10_000, 50_000, 250_000, 1_000_000, 2_000_000] as const;

/** What honest values cost, by size; per byte of the size below, by interpolation. */
interface Honest {
  readonly bytes: number;
  readonly ms: number;
  readonly heap: number;
}

async function measureHonest(side: Side, collect: () => void): Promise<readonly Honest[]> {
  const found: Honest[] = [];
  for (const size of sizes) {
    const costs: { readonly bytes: number; readonly ms: number; readonly heap: number }[] = [];
    for (let round = 0; round < 7; round++) {
      const victim = new Victim(side, false);
      await victim.warm();
      const bytes = serialize([[5, victim.nextId, 1, honest(size), 0]]);
      const { ms, heap = 0 } = await measure(victim, bytes, collect);
      costs.push({ bytes: bytes.length, ms, heap });
      victim.close();
    }
    const half = Math.floor(costs.length / 2);
    const middle = (pick: (cost: Honest) => number): number => costs.map(pick).sort((a, b) => a - b)[half] ?? 1;
    found.push({ bytes: costs[0]?.bytes ?? size, ms: middle(({ ms }) => ms), heap: middle(({ heap }) => heap) });
  }
  return found;
}

/** What an honest value of so many bytes costs. */
function at(honestCosts: readonly Honest[], bytes: number): Honest {
  const above = honestCosts.findIndex((cost) => cost.bytes >= bytes);
  const next = honestCosts[above === -1 ? honestCosts.length - 1 : above];
  const last = honestCosts[Math.max(0, (above === -1 ? honestCosts.length : above) - 1)];
  if (next === undefined || last === undefined || next === last)
    return { bytes, ms: next?.ms ?? 1, heap: next?.heap ?? 1 };
  const part = (bytes - last.bytes) / (next.bytes - last.bytes);
  return { bytes, ms: last.ms + part * (next.ms - last.ms), heap: last.heap + part * (next.heap - last.heap) };
}

// What seems to cost so many times an honest value is measured three times more, against a new victim each time: the least counts.
const suspicious = 3;

interface Round {
  readonly side: Side;
  readonly withCodec: boolean;
  readonly seed: number;
  readonly round: number;
}

async function again({ side, withCodec, seed, round }: Round, first: number): Promise<number> {
  let least = first;
  for (let time = 0; time < 3; time++) {
    const random = new Random(seed, round);
    random.once(4); // as when it was made
    const victim = new Victim(side, withCodec);
    await victim.warm();
    const made = makeBatch(random, victim);
    if (made !== undefined) least = Math.min(least, (await measure(victim, made.bytes)).ms);
    victim.close();
  }
  return least;
}

interface Row extends Cost {
  readonly time: number;
  readonly heapTimes: number | undefined;
}

/** Attacks one side with so many batches and returns what each has cost, as times of an honest value. */
async function amplify(side: Side, seed: number, count: number, collect: () => void): Promise<readonly Row[]> {
  const honestCosts = await measureHonest(side, collect);
  const rows: Row[] = [];
  let victims: (Victim | undefined)[] = [undefined, undefined];
  for (let round = 0; rows.length < count; round++) {
    const random = new Random(seed, round);
    const withCodec = random.once(4);
    const kept = victims[withCodec ? 1 : 0];
    const isFresh = kept === undefined || kept.isEnded || round % 50 === 0;
    const victim = isFresh ? new Victim(side, withCodec) : kept;
    if (isFresh) {
      kept?.close();
      await victim.warm();
    }
    victims = withCodec ? [victims[0], victim] : [victim, victims[1]];
    const made = makeBatch(random, victim);
    if (made === undefined) continue;
    const cost = await measure(victim, made.bytes, round % heapEvery === 0 ? collect : undefined);
    const own = at(honestCosts, cost.bytes);
    const ms = cost.ms > suspicious * own.ms ? await again({ side, withCodec, seed, round }, cost.ms) : cost.ms;
    const heapTimes = cost.heap === undefined ? undefined : cost.heap / own.heap;
    rows.push({
      ...cost,
      blocks: `${withCodec ? 'superjson, ' : ''}${made.name}`,
      seed: round,
      ms,
      time: ms / own.ms,
      heapTimes,
    });
  }
  for (const victim of victims) victim?.close();
  return rows;
}

function table(rows: readonly Row[], pick: (row: Row) => number, most: number): string {
  const worst = [...rows].sort((a, b) => pick(b) - pick(a)).slice(0, most);
  const lines = worst.map(
    ({ blocks, bytes, ms, time, heapTimes, seed }) =>
      `| ${blocks} | ${(bytes / 1000).toFixed(0)} | ${ms.toFixed(1)} | ${time.toFixed(1)} | ${heapTimes?.toFixed(1) ?? ''} | ${seed} |`,
  );
  return [
    '| blocks | kB | ms | time, times honest | heap, times honest | round |',
    '| --- | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

function quantile(rows: readonly Row[], pick: (row: Row) => number, part: number): string {
  const sorted = rows.map(pick).sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
}

/** Writes what a run has found as a page. */
function page(sides: readonly { readonly side: Side; readonly rows: readonly Row[] }[], seed: number): string {
  const parts = sides.map(({ side, rows }) => {
    const heaps = rows.filter(({ heapTimes }) => heapTimes !== undefined);
    const heapOf = ({ heapTimes = 0 }: Row): number => heapTimes;
    const timeOf = ({ time }: Row): number => time;
    const over = rows.filter(({ time }) => time > 5).length;
    const overHeap = heaps.filter((row) => heapOf(row) > 8).length;
    return `## Against a ${side}: ${rows.length} batches

Time: half of them cost ${quantile(rows, timeOf, 0.5)} times an honest value or less, 99 % ${quantile(rows, timeOf, 0.99)}, 99.9 % ${quantile(rows, timeOf, 0.999)}; ${over} cost more
than 5 times. Heap, measured for ${heaps.length} of them: half ${quantile(heaps, heapOf, 0.5)}, 99 % ${quantile(heaps, heapOf, 0.99)}; ${overHeap} more than 8 times.

The worst in time:

${table(rows, timeOf, 12)}

The worst in heap:

${table(heaps, heapOf, 8)}
`;
  });
  return `# What one message can cost

Written by \`npm run fuzz -- --amplify N\`, with seed ${seed}, on Node ${process.versions.node.split('.')[0] ?? ''}. A batch of 10 kB to 2 MB is built of all that a peer can
say: values of every shape, shared and not, attachments of every kind and number, encoded values, messages of every kind, many or few. What it costs
is compared with one honest nested value of the same size as the input of a call: processor time from the bytes to the last step that follows, and
growth of the heap before anything is collected. Both include what the engine does to deserialise.

The goal is 5 times the time and 8 times the heap. A single measurement also has the collections of the engine in it: a row of a table is a place to
look at, not a proof. What seems to cost more than 3 times is measured three times more, and the least counts.

${parts.join('\n')}`;
}

/** \`--amplify N\`: attacks each side with so many batches; \`--write FILE\` writes the page. */
export async function run(
  options: { count: number; seed: number; only: string | undefined; write: string | undefined },
  collect: () => void,
): Promise<void> {
  const sides: { side: Side; rows: readonly Row[] }[] = [];
  for (const side of ['host', 'guest'] satisfies Side[])
    if (options.only === undefined || options.only === side)
      sides.push({ side, rows: await amplify(side, options.seed, options.count, collect) });
  const text = page(sides, options.seed);
  process.stdout.write(`${text}\n`);
  if (options.write !== undefined) writeFileSync(options.write, text);
}
