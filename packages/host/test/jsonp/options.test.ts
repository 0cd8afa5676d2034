// @vitest-environment jsdom
import { MuntinError } from '@muntin/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeWrongOptions } from '../../../core/test/fixtures/wrong-options.ts';
import { type JsonpOptions, jsonp, speaksCors } from '../../src/jsonp/jsonp.ts';

const url = 'https://books.example/search?q=1';
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;

// No frame is made: they are all cancelled.
const options = (): JsonpOptions => ({
  schema,
  signal: AbortSignal.abort(),
  timeoutMs: 10,
  maxBytes: 10,
  callbackParam: 'cb',
  prefer: 'jsonp',
  frameUrl: '/jsonp-frame',
  allowInsecure: false,
});

async function ask(given: JsonpOptions, address: string | URL = url): Promise<void> {
  try {
    await jsonp(address, given);
  } catch (error) {
    if (!(error instanceof MuntinError) || error.code !== 'CALL_CANCELLED') throw error;
  }
}

describeWrongOptions([{ name: 'jsonp', options: () => ({ ...options() }), give: (given) => ask(given) }]);

const wrong = (message: string): object => ({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });

describe('jsonp', () => {
  it.each([
    [{ timeoutMs: 0 }, 'timeoutMs is 0: give milliseconds from 1 to 2147483647'],
    [{ timeoutMs: NaN }, 'timeoutMs is NaN: give'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs is 2147483648: give'],
    [{ timeoutMs: Infinity }, 'timeoutMs is Infinity: give'],
    [{ maxBytes: 0 }, 'maxBytes is 0: give bytes from 1 to 268435456'],
    [{ maxBytes: NaN }, 'maxBytes is NaN: give'],
    [{ maxBytes: 2 ** 29 }, 'maxBytes is 536870912: give'],
    [{ callbackParam: '' }, 'callbackParam is "": give the name of a query parameter'],
    [{ prefer: 'CORS' }, 'prefer is "CORS": give "cors", "jsonp"; did you mean "cors"?'],
    [{ schema: {} }, 'schema is object: give a Standard Schema'],
    [{ schema: null }, 'schema is null: give a Standard Schema'],
    [{ signal: {} }, 'signal is object: give an AbortSignal'],
    [{ frameUrl: 'data:text/html,x' }, 'frameUrl is "data:text/html,x": give an http(s) address without a fragment'],
    [{ frameUrl: '/frame#x' }, 'frameUrl is "/frame#x": give'],
  ])('refuses %o, and says what to give', async (given, message) => {
    await expect(ask({ ...options(), ...given } as never)).rejects.toMatchObject(wrong(message));
    await expect(speaksCors(url, { ...options(), ...given } as never)).rejects.toMatchObject(wrong(message));
  });

  it.each([
    ['http://books.example/', 'url is "http://books.example/": give an https address'],
    ['https://user@books.example/', 'url is "https://user@books.example/": give an https address without user-info'],
    ['https://:secret@books.example/', 'without user-info'],
    ['data:text/javascript,cb(1)', 'url is "data:text/javascript,cb(1)": give an address'],
    ['https://[::1]/', 'url is "https://[::1]/": give a name in place of the IPv6 address'],
    ['https://', 'url is "https://": give an address'],
  ])('refuses the address %s', async (address, message) => {
    await expect(ask(options(), address)).rejects.toMatchObject(wrong(message));
  });

  it('takes plain http where that is allowed, and on loopback', async () => {
    await expect(ask({ ...options(), allowInsecure: true }, 'http://books.example/')).resolves.toBe(undefined);
    await expect(ask(options(), 'http://localhost:3000/')).resolves.toBe(undefined);
  });

  it.each(['its time', 'the signal of the call'])('an answer over CORS that never comes ends with %s', async (what) => {
    // As in an engine that has forgotten the signal of a request.
    vi.stubGlobal('fetch', async () => new Response(new ReadableStream()));
    onTestFinished(() => void vi.unstubAllGlobals());
    const isTimed = what === 'its time';
    const given = isTimed ? { timeoutMs: 20 } : { signal: AbortSignal.timeout(20), timeoutMs: 60_000 };
    await expect(speaksCors('https://slow.example/', given)).rejects.toMatchObject({
      code: isTimed ? 'JSONP_TIMED_OUT' : 'CALL_CANCELLED',
    });
  });
});
