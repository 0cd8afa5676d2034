import { BehaviorSubject, Observable, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { contract, MuntinError, observable, shareRemote } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { turns, until } from '../fixtures/turns.ts';

const c = contract({ name: 'test/share', version: '1.0.0', guest: { ticks: observable<void, number>() } });

function open(source: Observable<number>) {
  const seen = { subscribed: 0, tornDown: 0 };
  const pair = openPair(c, {
    host: {},
    guest: {
      ticks: () =>
        new Observable<number>((subscriber) => {
          seen.subscribed++;
          const inner = source.subscribe(subscriber);
          return () => {
            seen.tornDown++;
            inner.unsubscribe();
          };
        }),
    },
  });
  return { ...pair, seen, ticks: shareRemote(pair.host.client.ticks()) };
}

/** Subscribes and writes down what comes, as marbles: values, `#` for an error, `|` for the completion. */
function note(stream: Observable<number>): { text: string; unsubscribe(): void } {
  const noted = { text: '', unsubscribe: () => subscription.unsubscribe() };
  const subscription = stream.subscribe({
    next: (value) => (noted.text += String(value)),
    error: (error) => (noted.text += error instanceof MuntinError ? '#' : '?'),
    complete: () => (noted.text += '|'),
  });
  return noted;
}

describe('a shared remote stream', () => {
  it('is subscribed to once for all who subscribe here', async () => {
    const source = new Subject<number>();
    const { ticks, seen } = open(source);
    const noted = Array.from({ length: 100 }, () => note(ticks));
    await until(() => source.observed);
    for (const value of [1, 2, 3]) source.next(value);
    await until(() => noted.every(({ text }) => text === '123'));
    expect(seen).toEqual({ subscribed: 1, tornDown: 0 });
  });

  it('gives the last value, and only that, to who comes late', async () => {
    const source = new Subject<number>();
    const { ticks, seen } = open(source);
    const first = note(ticks);
    await until(() => source.observed);
    source.next(1);
    source.next(2);
    await until(() => first.text === '12');
    const late = note(ticks);
    expect(late.text).toBe('2');
    source.next(3);
    await until(() => late.text === '23' && first.text === '123');
    expect(seen.subscribed).toBe(1);
  });

  it('is not subscribed to before somebody is', async () => {
    const { seen } = open(new Subject());
    await turns(3);
    expect(seen.subscribed).toBe(0);
  });

  it('ends with its last subscriber, and not before', async () => {
    const source = new Subject<number>();
    const { ticks, seen } = open(source);
    const [a, b] = [note(ticks), note(ticks)];
    await until(() => source.observed);
    a.unsubscribe();
    await turns(3);
    expect(seen.tornDown).toBe(0);
    b.unsubscribe();
    await until(() => seen.tornDown === 1);
  });

  it('begins anew with the next subscriber, without an old value', async () => {
    const source = new Subject<number>();
    const { ticks, seen } = open(source);
    const first = note(ticks);
    await until(() => source.observed);
    source.next(1);
    await until(() => first.text === '1');
    first.unsubscribe();
    await until(() => !source.observed);
    const next = note(ticks);
    await until(() => source.observed);
    source.next(2);
    await until(() => next.text === '2');
    expect(seen).toEqual({ subscribed: 2, tornDown: 1 });
  });

  it('tells everybody the completion, and begins anew after it', async () => {
    let source = new Subject<number>();
    const { ticks, seen } = open(new Observable((subscriber) => source.subscribe(subscriber)));
    const [a, b] = [note(ticks), note(ticks)];
    await until(() => source.observed);
    source.next(1);
    source.complete();
    await until(() => a.text === '1|' && b.text === '1|');
    source = new Subject();
    const late = note(ticks);
    await until(() => source.observed);
    source.next(2);
    await until(() => late.text === '2');
    expect(seen.subscribed).toBe(2);
  });

  it('tells everybody an error, and begins anew after it', async () => {
    const source = new Subject<number>();
    const { ticks, seen } = open(source);
    const [a, b] = [note(ticks), note(ticks)];
    await until(() => source.observed);
    source.error(new Error('dry'));
    await until(() => a.text === '#' && b.text === '#');
    note(ticks);
    await expect.poll(() => seen.subscribed).toBe(2);
  });

  it('ends for everybody with the session', async () => {
    const { ticks, guest } = open(new BehaviorSubject(1));
    const [a, b] = [note(ticks), note(ticks)];
    await until(() => a.text === '1' && b.text === '1');
    guest.session.close(new MuntinError('PEER_CLOSED', 'bye'), 'closed');
    await expect.poll(() => a.text === '1#' && b.text === '1#').toBe(true);
  });

  it('lets one of its subscribers take and go', async () => {
    const source = new BehaviorSubject(1);
    const { ticks } = open(source);
    const [few, all] = [note(ticks.pipe(take(1))), note(ticks)];
    await until(() => all.text === '1');
    source.next(2);
    await until(() => all.text === '12');
    expect(few.text).toBe('1|');
  });
});
