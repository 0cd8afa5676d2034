import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSettings } from '../src/options.ts';
import { Patience } from '../src/patience.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function open(onUnresponsive: 'wait' | 'fail' | { readonly reload: number }): { patience: Patience; log: string[] } {
  const log: string[] = [];
  const patience = new Patience(readSettings({ onUnresponsive, giveUpMs: 2000 }), {
    reload: () => log.push('reload'),
    over: (ms) => log.push(`over after ${ms}`),
  });
  return { patience, log };
}

describe('patience with a guest that is silent', () => {
  it('has no end where it is told to wait', () => {
    const { patience, log } = open('wait');
    patience.begin(0);
    vi.advanceTimersByTime(3_600_000);
    expect([log, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('ends after its time, unless the guest reacts before', () => {
    const { patience, log } = open('fail');
    patience.begin(0);
    vi.advanceTimersByTime(1900);
    patience.stop();
    vi.advanceTimersByTime(60_000);
    expect(log).toEqual([]);
    patience.begin(0);
    vi.advanceTimersByTime(2100);
    expect(log).toEqual(['over after 2000']);
  });

  it.each([
    [9999, ['reload', 'over after 4000']],
    [10_000, ['reload', 'reload']],
  ])('forgets a reload for a guest that was there for a while: %s ms', (readyMs, told) => {
    const { patience, log } = open({ reload: 1 });
    patience.begin(0);
    vi.advanceTimersByTime(2100);
    patience.begin(readyMs);
    vi.advanceTimersByTime(4100);
    expect(log).toEqual(told);
  });

  it('forgets its reloads where it is told to', () => {
    const { patience, log } = open({ reload: 1 });
    patience.begin(0);
    vi.advanceTimersByTime(2100);
    patience.forget();
    patience.begin(0);
    vi.advanceTimersByTime(2100);
    expect(log).toEqual(['reload', 'reload']);
  });
});
