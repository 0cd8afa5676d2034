import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pageClock } from '../../src/handshake/clock.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the clock of a page', () => {
  it('counts the time that passes, and can be stopped', () => {
    const run = vi.fn<() => void>();
    pageClock.after(1000, run);
    const stop = pageClock.after(1000, run);
    vi.advanceTimersByTime(999);
    expect(run).not.toHaveBeenCalled();
    stop();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stands still while the page is prerendered: the frames in it do not load', () => {
    const page = { prerendering: true };
    vi.stubGlobal('document', page);
    const run = vi.fn<() => void>();
    pageClock.after(1000, run);
    vi.advanceTimersByTime(60_000);
    expect(run).not.toHaveBeenCalled();
    page.prerendering = false; // a person goes there
    vi.advanceTimersByTime(950);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(150);
    expect(run).toHaveBeenCalledOnce();
  });

  it.each([500, 20_000])('does not count %s ms in which the thread was busy, or the page frozen', (ms) => {
    const run = vi.fn<() => void>();
    pageClock.after(1000, run);
    const from = performance.now();
    let lost = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => from + lost + (Date.now() - startedAt));
    const startedAt = Date.now();
    vi.advanceTimersByTime(50);
    lost = ms; // the step that runs now comes so much too late
    vi.advanceTimersByTime(900);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(150);
    expect(run).toHaveBeenCalledOnce();
    vi.restoreAllMocks();
  });
});
