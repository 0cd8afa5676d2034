import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PageTimer } from '../src/page-time.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** From now on timers run at the next multiple of so many milliseconds only, as browsers have it in hidden pages. */
function alignTimers(ms: number): void {
  const set = setTimeout;
  const next = (at: number): number => Math.ceil(at / ms) * ms;
  vi.stubGlobal('setTimeout', (run: () => void, wait = 0) =>
    set(run, next(performance.now() + wait) - performance.now()),
  );
}

/** How long a wait takes. */
function measure(ms: number): number {
  const timer = new PageTimer();
  const over = vi.fn<() => void>();
  const from = performance.now();
  timer.wakeAt(timer.now() + ms, over);
  for (let passed = 0; over.mock.calls.length === 0 && passed < 3_600_000; passed += 50) vi.advanceTimersByTime(50);
  return performance.now() - from;
}

/** The thread of the page runs nothing for so long. */
function stall(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

describe('the time of a page', () => {
  it.each([
    [250, 1000],
    [1000, 1000],
    [8000, 8000],
  ])('passes in a hidden page, whose timers run once a second: %i ms', (ms, within) => {
    vi.stubGlobal('document', { hidden: true });
    alignTimers(1000);
    expect(measure(ms)).toBeLessThanOrEqual(within + 1000);
  });

  it.each([250, 8000, 30_000, 59_000, 90_000])(
    'passes in a page that has been hidden for long, whose timers run once a minute: %i ms, a minute later at most',
    (ms) => {
      vi.stubGlobal('document', { hidden: true });
      alignTimers(60_000);
      const measured = measure(ms);
      expect(measured).toBeGreaterThanOrEqual(ms);
      expect(measured).toBeLessThanOrEqual(ms + 60_050);
    },
  );

  it('does not pass in a hidden page that was frozen, or on a machine that was asleep, for longer', () => {
    vi.stubGlobal('document', { hidden: true });
    const timer = new PageTimer();
    const woken = vi.fn<() => void>();
    timer.wakeAt(timer.now() + 10_000, woken);
    stall(600_000);
    vi.advanceTimersByTime(8000);
    expect(woken).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2500);
    expect(woken).toHaveBeenCalledOnce();
  });

  it.each([
    ['a page that says nothing of it', { hidden: false }],
    ['a worker', undefined],
  ])('passes, though slowly, where timers run once a minute: %s', (_, document) => {
    vi.stubGlobal('document', document);
    alignTimers(60_000);
    const ms = measure(8000);
    expect(ms).toBeGreaterThan(300_000);
    expect(ms).toBeLessThan(1_200_000);
  });

  it('gives what was begun before and after an interruption its time', () => {
    const timer = new PageTimer();
    const woken: number[] = [];
    const before = timer.now() + 10_000;
    timer.wakeAt(before, () => woken.push(1));
    vi.advanceTimersByTime(5500);
    stall(3_600_000);
    // Before any timer has run.
    const after = timer.now() + 2000;
    expect(after).toBeLessThan(before);
    timer.wakeAt(after, () => woken.push(2));
    vi.advanceTimersByTime(1900);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(woken).toEqual([2]);
    timer.wakeAt(before, () => woken.push(3));
    vi.advanceTimersByTime(1900);
    expect(woken).toEqual([2]);
    vi.advanceTimersByTime(400);
    expect(woken).toEqual([2, 3]);
  });

  it('is not over in the turn in which the page goes on: what has come is heard first', () => {
    const timer = new PageTimer();
    const woken = vi.fn<() => void>();
    timer.wakeAt(timer.now() + 300, woken);
    vi.advanceTimersByTime(299);
    stall(60_000);
    vi.advanceTimersByTime(1);
    expect(woken).not.toHaveBeenCalled();
    vi.advanceTimersByTime(31);
    expect(woken).toHaveBeenCalledOnce();
  });

  it('leaves most of a short wait to what comes behind an interruption', () => {
    const timer = new PageTimer();
    const woken = vi.fn<() => void>();
    timer.wakeAt(timer.now() + 1000, woken);
    stall(3000);
    vi.advanceTimersByTime(700);
    expect(woken).not.toHaveBeenCalled();
    vi.advanceTimersByTime(700);
    expect(woken).toHaveBeenCalledOnce();
  });

  it('can be stopped, and leaves no timer', () => {
    const timer = new PageTimer();
    timer.wakeAt(timer.now() + 5000, () => expect.fail('it was stopped'));
    vi.advanceTimersByTime(2500);
    timer.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
