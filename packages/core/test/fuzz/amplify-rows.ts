import type { Side } from '../../src/rpc/sent-calls.ts';
import type { Cost } from './amplify.ts';

/** What the goals are, as times of an honest value of the same size. */
export const goals = { time: 5, heap: 8 } as const;

/** What one batch has cost, as it is kept between two parts of a run. */
export interface Row extends Pick<Cost, 'bytes' | 'ms' | 'heap' | 'engineMs' | 'engineHeap'> {
  readonly side: Side;
  readonly seed: number;
  readonly round: number;
  readonly blocks: string;
  /** Messages of the protocol in it. */
  readonly messages: number;
  /** How often it was measured: once, or where it seemed dear, more often; then all figures are medians. */
  readonly measured: number;
  /** What an honest value of its kind and size costs; where the batch was measured more often, in as many turns between its own. */
  readonly honest: { readonly ms: number; readonly heap: number };
}

/** Of an even number of values the mean of both in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2;
}

type Figure = (row: Row) => number;

export const timeOf: Figure = ({ ms, honest }) => ms / honest.ms;
export const heapOf: Figure = ({ heap, honest }) => heap / honest.heap;
/** Both without what the engine takes to deserialise. */
const ownTimeOf: Figure = ({ ms, engineMs, honest }) => (ms - engineMs) / honest.ms;
const ownHeapOf: Figure = ({ heap, engineHeap, honest }) => (heap - engineHeap) / honest.heap;

export interface Missed {
  readonly time: number;
  readonly heap: number;
}

/** Those that cost more than the goals allow; and of them those where that is not the engine's alone. */
export function missed(rows: readonly Row[]): { readonly all: Missed; readonly ours: Missed } {
  const over = (pick: Figure, goal: number): number => rows.filter((row) => pick(row) > goal).length;
  return {
    all: { time: over(timeOf, goals.time), heap: over(heapOf, goals.heap) },
    ours: { time: over(ownTimeOf, goals.time), heap: over(ownHeapOf, goals.heap) },
  };
}

/** What was kept of one side, a round to a line. A last line that is not whole, of a run that was killed, is not there. */
export function readRows(text: string): readonly Row[] {
  const lines = text.split('\n').slice(0, -1);
  const rows = new Map<string, Row>();
  for (const line of lines) {
    const row = JSON.parse(line) as Row; // written by `keepLine`
    rows.set(`${row.side} ${row.seed} ${row.round}`, row);
  }
  return [...rows.values()];
}

export function keepLine(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}

/** Where a run goes on: behind the last round of this side and seed that was kept. */
export function nextRound(rows: readonly Row[], side: Side, seed: number, from: number): number {
  return rows.reduce(
    (next, row) => (row.side === side && row.seed === seed ? Math.max(next, row.round + 1) : next),
    from,
  );
}

function table(rows: readonly Row[], pick: Figure, most: number): string {
  const worst = [...rows].sort((a, b) => pick(b) - pick(a)).slice(0, most);
  const lines = worst.map((row) =>
    [
      '',
      row.blocks,
      (row.bytes / 1000).toFixed(0),
      row.ms.toFixed(1),
      ...[timeOf, ownTimeOf, heapOf, ownHeapOf].map((times) => times(row).toFixed(1)),
      row.round,
      '',
    ]
      .join(' | ')
      .trim(),
  );
  return [
    '| blocks | kB | ms | time, times honest | of it ours | heap, times honest | of it ours | round |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

function quantile(rows: readonly Row[], pick: Figure, part: number): string {
  const sorted = rows.map(pick).sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
}

/** What is over a goal by our own doing, by what it carries: many rounds that miss it are often one thing. */
function kinds(rows: readonly Row[]): string {
  const found = new Map<string, { count: number; time: number; heap: number }>();
  for (const row of rows) {
    const [time, heap] = [ownTimeOf(row), ownHeapOf(row)];
    if (time <= goals.time && heap <= goals.heap) continue;
    // Without the figures of each: how many methods, and whether they share.
    const name = row.blocks.replace(/ \(.*\)/u, '').replace(/, shared/u, '');
    const sofar = found.get(name) ?? { count: 0, time: 0, heap: 0 };
    found.set(name, {
      count: sofar.count + 1,
      time: Math.max(sofar.time, time),
      heap: Math.max(sofar.heap, heap),
    });
  }
  if (found.size === 0) return 'No batch misses a goal by what our code does.';
  const lines = [...found]
    .sort(
      ([, a], [, b]) =>
        Math.max(b.time / goals.time, b.heap / goals.heap) - Math.max(a.time / goals.time, a.heap / goals.heap),
    )
    .slice(0, 24)
    .map(([name, { count, time, heap }]) => `| ${name} | ${count} | ${time.toFixed(1)} | ${heap.toFixed(1)} |`);
  return `What misses a goal by what our code does, by what it is (${show(found.size)} kinds; the worst 24 at most), with the most of each:

| blocks | batches | time, ours | heap, ours |
| --- | --: | --: | --: |
${lines.join('\n')}`;
}

/** With a comma for each thousand. */
function show(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/gu, ',');
}

/** What was found out about one side. */
export function section(side: Side, rows: readonly Row[]): string {
  const over = missed(rows);
  const inner = rows.reduce((sum, { messages }) => sum + messages, 0);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const small = rows.filter((row) => row.bytes < 50_000).length;
  const again = rows.filter((row) => row.measured > 1).length;
  const spread = (pick: Figure): string =>
    `half of them cost ${quantile(rows, pick, 0.5)} times an honest value or less, 99 % ${quantile(rows, pick, 0.99)}, 99.9 % ${quantile(rows, pick, 0.999)}`;
  return `## Against a ${side}: ${show(rows.length)} batches

They carried ${show(inner)} messages of the protocol and ${show(Math.round(bytes / 1e6))} MB; ${show(small)} batches had less than 50 kB, ${show(rows.length - small)} more. ${show(again)} seemed dear and were measured again.

Time: ${spread(timeOf)}; ${show(over.all.time)} cost more
than ${goals.time} times, ${show(over.ours.time)} of them without what the engine takes to deserialise.

Heap: ${spread(heapOf)}; ${show(over.all.heap)} took more
than ${goals.heap} times, ${show(over.ours.heap)} of them without the engine's part.

${kinds(rows)}

The worst in time:

${table(rows, timeOf, 12)}

The worst in heap:

${table(rows, heapOf, 8)}
`;
}
