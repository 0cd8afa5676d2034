import { expect, it } from 'vitest';
import { Line } from '../../src/extension/line.ts';

it('lets each pass behind those before it, and nobody waits for a turn that it has left', async () => {
  const line = new Line();
  const places = [line.enter(), line.enter(), line.enter()];
  const passed: number[] = [];
  expect(places[0]?.turn()).toBeUndefined();
  const turns = [1, 2].map((at) => places[at]?.turn()?.then(() => passed.push(at)));
  places[2]?.leave();
  await turns[1];
  expect(passed).toEqual([2]);
  places[0]?.leave();
  await turns[0];
  expect(passed).toEqual([2, 1]);
  expect(places[0]?.turn()).toBeUndefined(); // it tries again, and has had its turn
  expect(places[1]?.turn()).toBeUndefined();
});
