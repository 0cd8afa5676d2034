import { MuntinError } from '@muntin/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Retries } from '../src/retries.ts';

const silent = new MuntinError('GUEST_SILENT', 'silent');
const options = { retries: 3, delayMs: 1000, maxDelayMs: 1500 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('loading a failed guest again', () => {
  it('waits longer each time, up to the longest pause, shortened at random by up to a half', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const load = vi.fn<() => void>();
    const retries = new Retries(options, load);
    for (const [nth, pause] of [750, 1125, 1125].entries()) {
      expect(retries.isWorth(silent)).toBe(true);
      retries.schedule();
      vi.advanceTimersByTime(pause - 20);
      expect(load).toHaveBeenCalledTimes(nth);
      vi.advanceTimersByTime(40);
      expect(load).toHaveBeenCalledTimes(nth + 1);
    }
    expect(retries.isWorth(silent)).toBe(false);
  });

  it('counts anew after a guest that stayed, and when it is told to', () => {
    const retries = new Retries({ ...options, retries: 1 }, () => undefined);
    retries.schedule();
    for (const readyMs of [-Infinity, 9999]) {
      retries.forget(readyMs);
      expect(retries.isWorth(silent)).toBe(false);
    }
    retries.forget(10_000);
    expect(retries.isWorth(silent)).toBe(true);
    retries.schedule();
    expect(retries.isWorth(silent)).toBe(false);
    retries.forget();
    expect(retries.isWorth(silent)).toBe(true);
  });

  it('does not load after it was stopped', () => {
    const load = vi.fn<() => void>();
    const retries = new Retries(options, load);
    retries.schedule();
    retries.stop();
    vi.advanceTimersByTime(60_000);
    expect(load).not.toHaveBeenCalled();
  });

  it.each(['BLOCKED_BY_CSP', 'HOST_NOT_ALLOWED', 'GUEST_FORBIDS_FRAMING', 'GUEST_SANDBOXED', 'RELOAD_LOOP'] as const)(
    'is not worth it after %s',
    (code) => {
      expect(new Retries(options, () => undefined).isWorth(new MuntinError(code, ''))).toBe(false);
    },
  );
});
