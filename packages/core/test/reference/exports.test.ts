import { expect, it, vi } from 'vitest';
import { byReference } from '../../src/index.ts';
import { Exports } from '../../src/reference/exports.ts';

it('keeps a thing until it is given back as often as it was sent', () => {
  const table = new Exports(10, () => undefined);
  const thing = byReference(() => 1);
  const index = table.add(thing);
  expect(table.add(thing)).toBe(index);
  table.released(index, 1);
  expect(table.find(index)).toBeDefined();
  table.released(index, 1);
  expect(table.find(index)).toBeUndefined();
  expect(table.size).toBe(0);
  expect(table.add(thing)).not.toBe(index);
});

it('refuses one more thing than the other side may hold, and sends again what it holds', () => {
  const table = new Exports(1, () => undefined);
  const thing = byReference(() => 1);
  const index = table.add(thing);
  expect(() => table.add(byReference(() => 2))).toThrow('release some, or raise limits.references');
  expect(table.add(thing)).toBe(index);
  expect(table.size).toBe(1);
});

it('watches a signal for as long as the other side holds it', () => {
  const abort = vi.fn<(index: number, reason: unknown) => void>();
  const table = new Exports(10, abort);
  const kept = new AbortController();
  const returned = new AbortController();
  const index = table.add(kept.signal);
  table.takeBack(table.add(returned.signal));
  kept.abort('enough');
  returned.abort('late');
  expect(abort.mock.calls).toEqual([[index, 'enough']]);
});

it('stops a source that nobody has begun to read when it is given back, and not what was not sent', async () => {
  const table = new Exports(10, () => undefined);
  const cancel = vi.fn<(reason: unknown) => void>();
  const source = new ReadableStream({ cancel });
  table.takeBack(table.add(source));
  expect(cancel).not.toHaveBeenCalled();
  table.released(table.add(source), 1);
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledTimes(1));
});

it('holds nothing after the end of its session', () => {
  const abort = vi.fn<(index: number, reason: unknown) => void>();
  const table = new Exports(10, abort);
  const { signal } = new AbortController();
  const controller = new AbortController();
  const index = table.add(controller.signal);
  table.add(signal);
  table.close();
  controller.abort();
  expect(table.size).toBe(0);
  expect(table.find(index)).toBeUndefined();
  expect(abort).not.toHaveBeenCalled();
});
