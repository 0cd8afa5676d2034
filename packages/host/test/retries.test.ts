import { MuntinError } from '@muntin/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Retries } from '../src/retries.ts';

const silent = new MuntinError('GUEST_SILENT', 'silent');
const options = { retries: 3, delayMs: 1000, maxDelayMs: 1500 };

let isOnline = true;
let online = new EventTarget();

/** The page goes offline, or comes back. */
function connect(is: boolean): void {
  isOnline = is;
  online.dispatchEvent(new Event(is ? 'online' : 'offline'));
}

beforeEach(() => {
  vi.useFakeTimers();
  isOnline = true;
  online = new EventTarget();
  vi.stubGlobal('navigator', {
    get onLine() {
      return isOnline;
    },
  });
  vi.stubGlobal('addEventListener', online.addEventListener.bind(online));
  vi.stubGlobal('removeEventListener', online.removeEventListener.bind(online));
});
afterEach(() => {
  vi.unstubAllGlobals();
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
    vi.advanceTimersByTime(1000);
    for (const readyMs of [-Infinity, 9999]) {
      retries.forget(readyMs);
      expect(retries.isWorth(silent)).toBe(false);
    }
    retries.forget(10_000);
    expect(retries.isWorth(silent)).toBe(true);
    retries.schedule();
    vi.advanceTimersByTime(1000);
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

  it('is done at once when the page comes back online, once, and counts', () => {
    const load = vi.fn<() => void>();
    const retries = new Retries({ ...options, retries: 1 }, load);
    retries.schedule();
    connect(false);
    expect(load).not.toHaveBeenCalled();
    connect(true);
    expect(load).toHaveBeenCalledOnce();
    connect(true);
    vi.advanceTimersByTime(60_000);
    expect(load).toHaveBeenCalledOnce();
    expect(retries.isWorth(silent)).toBe(false);
  });

  it('is done after the longest pause where the page is offline, and does not count', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const load = vi.fn<() => void>();
    const retries = new Retries({ ...options, retries: 1 }, load);
    connect(false);
    for (const nth of [1, 2, 3]) {
      retries.schedule();
      vi.advanceTimersByTime(1480);
      expect(load).toHaveBeenCalledTimes(nth - 1);
      vi.advanceTimersByTime(40);
      expect(load).toHaveBeenCalledTimes(nth);
      expect(retries.isWorth(silent)).toBe(true);
    }
    retries.schedule();
    connect(true);
    expect(load).toHaveBeenCalledTimes(4);
    expect(retries.isWorth(silent)).toBe(false);
  });

  it('does not count what began its pause online, and is loaded offline', () => {
    const load = vi.fn<() => void>();
    const retries = new Retries({ ...options, retries: 1 }, load);
    retries.schedule();
    connect(false);
    vi.advanceTimersByTime(1000);
    expect(load).toHaveBeenCalledOnce();
    expect(retries.isWorth(silent)).toBe(true);
  });

  it('hears nothing of being online once it was stopped', () => {
    const load = vi.fn<() => void>();
    const retries = new Retries(options, load);
    retries.schedule();
    retries.stop();
    connect(true);
    expect(load).not.toHaveBeenCalled();
  });

  it.each(['BLOCKED_BY_CSP', 'HOST_NOT_ALLOWED', 'GUEST_FORBIDS_FRAMING', 'GUEST_SANDBOXED', 'RELOAD_LOOP'] as const)(
    'is not worth it after %s',
    (code) => {
      expect(new Retries(options, () => undefined).isWorth(new MuntinError(code, ''))).toBe(false);
    },
  );
});
