import { finalize, map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Latest } from '../../src/stream/latest.ts';
import { turns } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

function watch(latest: Latest<unknown>): unknown[] {
  const seen: unknown[] = [];
  latest.changes$.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('|') });
  return seen;
}

describe('a latest value', () => {
  it('is told at once, and every change after it', () => {
    const latest = new Latest<unknown>();
    const early = watch(latest);
    latest.set(1);
    const late = watch(latest);
    latest.set(undefined);
    latest.end();
    expect([early, late]).toEqual([
      [1, undefined, '|'],
      [1, undefined, '|'],
    ]);
  });

  it('may be undefined', () => {
    const latest = new Latest<unknown>();
    latest.set(undefined);
    expect(watch(latest)).toEqual([undefined]);
  });

  it('is told also after the end, and changes no more', () => {
    const latest = new Latest<unknown>();
    latest.set(1);
    latest.end();
    latest.set(2);
    expect(watch(latest)).toEqual([1, '|']);
    expect(latest.value).toBe(1);
  });

  it('allows to come and go from within a change', () => {
    const latest = new Latest<unknown>();
    const seen: unknown[] = [];
    latest.changes$.subscribe((value) => {
      if (value === 1) latest.changes$.pipe(take(1)).subscribe((inner) => seen.push(inner));
    });
    latest.set(1);
    latest.set(2);
    expect(seen).toEqual([1]);
  });

  it('tells nobody a change twice who comes while it is told', () => {
    const latest = new Latest<unknown>();
    const late: unknown[][] = [];
    latest.changes$.subscribe((value) => {
      if (value === 1) latest.set(2);
    });
    latest.changes$.subscribe((value) => {
      if (value === 1) late.push(watch(latest)); // the value is 2 already, and most have not heard that yet
    });
    latest.set(1);
    latest.set(3);
    expect(late).toEqual([[2, 3]]);
  });

  it('is told to everybody, also when one throws', async () => {
    const uncaught = collectUncaught();
    const throwing = (): never => {
      throw new Error('mine');
    };
    const latest = new Latest<unknown>();
    // An error in an operator ends its chain, and RxJS throws what a finalizer throws then.
    latest.changes$.pipe(map(throwing), finalize(throwing)).subscribe({ error: () => undefined });
    latest.changes$.pipe(finalize(throwing)).subscribe();
    const seen = watch(latest);
    latest.set(1);
    latest.end();
    await turns();
    expect(seen).toEqual([1, '|']);
    expect(uncaught.length).toBeGreaterThan(0);
  });
});
