import { readFileSync } from 'node:fs';
import { MuntinError } from '@muntin/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isTraced, reportFailure, traceState } from '../src/console.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the console', () => {
  const error = new MuntinError('GUEST_SILENT', 'It said nothing: call expose()');

  it('has one line for a failure: whose, the code, the cause with its remedy, and where to read more', () => {
    const line = vi.spyOn(console, 'error').mockReturnValue();
    reportFailure('https://guest.example', error, false);
    const read = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const { homepage } = JSON.parse(read) as { readonly homepage: string };
    expect(line.mock.calls).toEqual([
      [
        `Muntin: the mount of https://guest.example has failed with GUEST_SILENT. It said nothing: call expose(). See ${homepage}errors/GUEST_SILENT.html`,
      ],
    ]);
  });

  it('has a warning for one that is loaded again, and nothing for one that was unmounted', () => {
    const lines = [vi.spyOn(console, 'warn').mockReturnValue(), vi.spyOn(console, 'error').mockReturnValue()];
    reportFailure('https://guest.example', error, true);
    reportFailure('https://guest.example', new MuntinError('UNMOUNTED', ''), false);
    expect(lines.map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  });

  it('traces states by the option, or by the storage, also where that is closed', () => {
    expect([isTraced(true), isTraced(false)]).toEqual([true, false]);
    vi.stubGlobal('localStorage', { getItem: (key: string) => (key === 'muntin.debug' ? '' : null) });
    expect([isTraced(undefined), isTraced(false)]).toEqual([true, false]);
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('closed');
      },
    });
    expect(isTraced(undefined)).toBe(false);
    const line = vi.spyOn(console, 'info').mockReturnValue();
    traceState('https://guest.example', { name: 'failed', cause: error });
    expect(line.mock.calls[0]?.[0]).toMatch(
      /^Muntin: https:\/\/guest\.example is failed \(GUEST_SILENT\) after \d+ ms$/,
    );
  });
});
