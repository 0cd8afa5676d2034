import type { MuntinError } from '@muntin/core';
import type { Request } from './frame.ts';

/**
 * The errors that a call can end with. They are given: a part that is loaded on use, and imports what its page has, too, makes bundlers cut
 * that out into one more file for every page.
 */
export interface Ends {
  cancelled(request: Request): MuntinError;
  timedOut(request: Request): MuntinError;
  tooLarge(request: Request): MuntinError;
  /** It had spoken CORS before. */
  notFetched(request: Request, why: string, cause: unknown): MuntinError;
}

// What is known of endpoints; the oldest are forgotten, so that addresses without end fill nothing.
const maxKnown = 1000;
// `true`: it speaks CORS; a time: until then it counts as one that does not.
const known = new Map<string, true | number>();
// A refusal and a network that is away look the same.
const doubtMs = 60_000;

/**
 * Asks for the address without the callback, as a page may by CORS. `undefined` where the endpoint does not answer so: then its script has to
 * run. Once it has answered, nothing but `fetch` is used for it, and what fails is told.
 */
export async function fetchCors(request: Request, ends: Ends): Promise<string | undefined> {
  const { name } = request;
  const until = known.get(name);
  if (typeof until === 'number' && performance.now() < until) return undefined;
  const over = new Over();
  try {
    const text = await fetchText(request, over, ends);
    if (over.why !== undefined) throw over.why;
    JSON.parse(text);
    remember(name, true);
    return text;
  } catch (cause) {
    if (over.why !== undefined) throw over.why;
    if (known.get(name) === true) throw ends.notFetched(request, whyNot(cause), cause);
    // An error status is of the moment; something else than JSON, of the endpoint.
    if (!(cause instanceof BadStatus))
      remember(name, cause instanceof SyntaxError ? Infinity : performance.now() + doubtMs);
    return undefined;
  }
}

function whyNot(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'it was answered with what is not JSON';
  return cause instanceof Error ? cause.message : String(cause);
}

class BadStatus extends Error {}

/** Ends a fetch from this side, once, and keeps why. Not every engine rejects with the reason of a signal. */
class Over {
  why: MuntinError | undefined;
  readonly abort: AbortController = new AbortController();

  end(why: MuntinError): void {
    this.why ??= why;
    this.abort.abort(this.why);
  }
}

function remember(name: string, speaks: true | number): void {
  known.set(name, speaks);
  for (const oldest of known.keys()) {
    if (known.size <= maxKnown) return;
    known.delete(oldest);
  }
}

async function fetchText(request: Request, over: Over, ends: Ends): Promise<string> {
  const { signal, timeoutMs, url, callbackParam, maxBytes } = request;
  const address = new URL(url);
  if (address.searchParams.has(callbackParam)) address.searchParams.delete(callbackParam);
  const onAbort = (): void => over.end(ends.cancelled(request));
  const timer = setTimeout(() => over.end(ends.timedOut(request)), timeoutMs);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort);
  try {
    const response = await fetch(address, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { accept: 'application/json' },
      signal: over.abort.signal,
    });
    // No script of another origin would run either.
    if (response.redirected && new URL(response.url).origin !== address.origin)
      throw new Error('It was redirected to another origin');
    if (!response.ok) throw new BadStatus(`It was answered with status ${response.status}`);
    return await readText(response, maxBytes, over.abort.signal, () => over.end(ends.tooLarge(request)));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    over.abort.abort();
  }
}

async function readText(
  { body }: Response,
  maxBytes: number,
  signal: AbortSignal,
  onTooLarge: () => void,
): Promise<string> {
  const reader = body?.getReader();
  // Ends the wait also where the engine has forgotten the signal.
  signal.addEventListener('abort', () => void reader?.cancel().catch(() => undefined));
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return text + decoder.decode();
    bytes += part.value.byteLength;
    if (bytes > maxBytes) onTooLarge();
    else text += decoder.decode(part.value, { stream: true });
  }
}
