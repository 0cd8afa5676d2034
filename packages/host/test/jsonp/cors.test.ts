import { MuntinError } from '@muntin/core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { fetchCors } from '../../src/jsonp/cors.ts';

const over = (): MuntinError => new MuntinError('CALL_CANCELLED', 'It is over');
const ends = {
  cancelled: over,
  timedOut: over,
  tooLarge: over,
  notFetched: (_: unknown, why: string) => new MuntinError('JSONP_NOT_LOADED', why),
};

function ask(name: string): Promise<string | undefined> {
  const url = new URL(name);
  const limits = { timeoutMs: 1000, maxBytes: 1000, signal: undefined, frameUrl: undefined };
  return fetchCors({ url, name, callbackParam: 'callback', ...limits }, ends);
}

/** What the network does, in its order; then nothing else. */
function serve(...answers: (Response | Error)[]) {
  const fetch = vi.fn<() => Promise<Response>>(async () => {
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error('nothing else was to be asked');
  });
  vi.stubGlobal('fetch', fetch);
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  return fetch;
}

it('asks an endpoint again a minute after the network has failed', async () => {
  const fetch = serve(new TypeError('Failed to fetch'), new Response('{"a":1}'));
  const name = 'https://away.example/data';
  expect(await ask(name)).toBeUndefined();
  expect(await ask(name)).toBeUndefined();
  expect(fetch).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(await ask(name)).toBe('{"a":1}');
});

it('asks one that has answered with a script no more', async () => {
  const fetch = serve(new Response('callback({"a":1})'), new Response('{"a":1}'));
  const name = 'https://script.example/data';
  expect(await ask(name)).toBeUndefined();
  vi.advanceTimersByTime(3_600_000);
  expect(await ask(name)).toBeUndefined();
  expect(fetch).toHaveBeenCalledTimes(1);
});

it('takes no answer of another origin for that of its endpoint, wherever that redirects', async () => {
  const redirected = (url: string): Response =>
    Object.defineProperties(new Response('{"a":1}'), { url: { value: url }, redirected: { value: true } });
  serve(redirected('https://other.example/data'), redirected('https://moved.example/there'));
  expect(await ask('https://open.example/data')).toBeUndefined();
  expect(await ask('https://moved.example/here')).toBe('{"a":1}');
});

it('says of an endpoint that has spoken CORS what is wrong now', async () => {
  serve(
    new Response('{"a":1}'),
    new TypeError('Failed to fetch'),
    new Response('', { status: 503 }),
    new Response('callback({"a":1})'),
  );
  const name = 'https://moody.example/data';
  expect(await ask(name)).toBe('{"a":1}');
  const whys = ['Failed to fetch', 'It was answered with status 503', 'it was answered with what is not JSON'];
  for (const why of whys) await expect(ask(name)).rejects.toThrow(why);
});
