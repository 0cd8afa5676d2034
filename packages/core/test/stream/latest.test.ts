import { finalize, from, map, take } from 'rxjs';
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
    const latest = new Latest<unknown>(undefined);
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
    const latest = new Latest<unknown>(undefined);
    latest.set(undefined);
    expect(watch(latest)).toEqual([undefined]);
  });

  it('is told also after the end, and changes no more', () => {
    const latest = new Latest<unknown>(undefined);
    latest.set(1);
    latest.end();
    latest.set(2);
    expect(watch(latest)).toEqual([1, '|']);
    expect(latest.value).toBe(1);
  });

  it('allows to come and go from within a change', () => {
    const latest = new Latest<unknown>(undefined);
    const seen: unknown[] = [];
    latest.changes$.subscribe((value) => {
      if (value === 1)
        from(latest.changes$)
          .pipe(take(1))
          .subscribe((inner) => seen.push(inner));
    });
    latest.set(1);
    latest.set(2);
    expect(seen).toEqual([1]);
  });

  it('tells nobody a change twice who comes while it is told', () => {
    const latest = new Latest<unknown>(undefined);
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
    const latest = new Latest<unknown>(undefined);
    // An error in an operator ends its chain, and RxJS throws what a finalizer throws then.
    from(latest.changes$)
      .pipe(map(throwing), finalize(throwing))
      .subscribe({ error: () => undefined });
    from(latest.changes$).pipe(finalize(throwing)).subscribe();
    const seen = watch(latest);
    latest.set(1);
    latest.end();
    await turns();
    expect(seen).toEqual([1, '|']);
    expect(uncaught.length).toBeGreaterThan(0);
  });

  it('is what RxJS takes: `from` tells the present value, later ones and the end, and can leave', () => {
    const latest = new Latest<unknown>(undefined);
    latest.set(1);
    const seen: unknown[] = [];
    const subscription = from(latest.changes$).subscribe((value) => seen.push(value));
    from(latest.changes$)
      .pipe(take(2))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('|') });
    latest.set(2);
    subscription.unsubscribe();
    latest.set(3);
    expect(seen).toEqual([1, 1, 2, 2, '|']);
  });

  it('shows its present value, and before the first what it was made with', () => {
    const latest = new Latest<number, 'none'>('none');
    expect(latest.changes$.value).toBe('none');
    expect(watch(latest as Latest<unknown, unknown>)).toEqual([]);
    latest.set(1);
    expect(latest.changes$.value).toBe(1);
  });

  it('tells an observer that left nothing more, also when it left while others were told', () => {
    const latest = new Latest<unknown>(undefined);
    const seen: unknown[] = [];
    latest.changes$.subscribe((value) => {
      if (value === 1) second.unsubscribe();
    });
    const second = latest.changes$.subscribe((value) => seen.push(value));
    latest.set(1);
    latest.end();
    expect(seen).toEqual([]);
  });

  it('tells the end behind the last value, also when it ends while that is told', () => {
    const latest = new Latest<unknown>(undefined);
    latest.changes$.subscribe(() => latest.end());
    const seen = watch(latest);
    latest.set(1);
    expect(seen).toEqual([1, '|']);
  });

  it('tells one observer that subscribes twice everything twice', () => {
    const latest = new Latest<unknown>(undefined);
    const seen: unknown[] = [];
    const observer = { next: (value: unknown) => seen.push(value) };
    latest.changes$.subscribe(observer);
    latest.changes$.subscribe(observer).unsubscribe();
    latest.changes$.subscribe(observer);
    latest.set(1);
    expect(seen).toEqual([1, 1]);
  });
});
