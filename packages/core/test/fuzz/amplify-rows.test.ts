import { expect, it } from 'vitest';
import { keepLine, median, missed, nextRound, type Row, readRows, section } from './amplify-rows.ts';

const row = (parts: Partial<Row>): Row => ({
  side: 'host',
  seed: 1,
  round: 0,
  blocks: 'calls × 1: rows',
  messages: 1,
  measured: 1,
  bytes: 20_000,
  ms: 1,
  engineMs: 0.2,
  heap: 100,
  engineHeap: 20,
  honest: { ms: 1, heap: 100 },
  ...parts,
});

it('takes the middle of what was measured, not the least', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 9, 2])).toBe(3);
});

it('counts what misses a goal, and what of that is not the engine', () => {
  const rows = [row({ ms: 5.1 }), row({ ms: 5.1, engineMs: 0.05 }), row({ heap: 900 }), row({})];
  expect(missed(rows)).toEqual({ all: { time: 2, heap: 1 }, ours: { time: 1, heap: 1 } });
});

it('goes on behind what was kept, also when the last line was cut off', () => {
  const text = [row({ round: 3 }), row({ round: 5 }), row({ side: 'guest', round: 9 })].map(keepLine).join('');
  const kept = readRows(`${text}{"side":"ho`);
  expect(kept).toHaveLength(3);
  expect(nextRound(kept, 'host', 1, 0)).toBe(6);
  expect(nextRound(kept, 'host', 2, 70)).toBe(70);
  expect(nextRound(kept, 'host', 1, 70)).toBe(70);
});

it('counts a round once that two parts of a run have measured', () => {
  expect(readRows(keepLine(row({ ms: 2 })) + keepLine(row({ ms: 3 })))).toEqual([row({ ms: 3 })]);
});

it('puts together what is one kind of message', () => {
  const blocks = (n: number): string => `calls × 1: ${n} signals (0 methods, own)`;
  const page = section('host', [row({ ms: 9, blocks: blocks(16) }), row({ ms: 7, blocks: blocks(16) }), row({})]);
  expect(page).toContain('| calls × 1: 16 signals | 2 | 8.8 | 0.8 |');
});
