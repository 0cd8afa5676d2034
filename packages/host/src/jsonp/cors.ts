import { MuntinError } from '@muntin/core';
import { show } from '@muntin/core/internal';
import { cancelled, nameOf, type Request, timedOut, tooLarge } from './frame.ts';

// What is known of endpoints; the oldest are forgotten, so that addresses without end fill nothing.
const maxKnown = 1000;
const known = new Map<string, boolean>();

/**
 * Asks for the address without the callback, as a page may by CORS. `undefined` where the endpoint does not answer so: then its script has to
 * run. Once it has answered, nothing but `fetch` is used for it, and what fails is told.
 */
export async function fetchCors(request: Request): Promise<string | undefined> {
  const name = nameOf(request.url);
  if (known.get(name) === false) return undefined;
  try {
    const text = await fetchText(request);
    JSON.parse(text);
    remember(name, true);
    return text;
  } catch (cause) {
    if (cause instanceof MuntinError) throw cause;
    if (known.get(name) === true)
      throw new MuntinError('JSONP_NOT_LOADED', `${show(name)} was not answered with JSON`, { cause });
    // An error status is of the moment; a refusal, or something else than JSON, of the endpoint.
    if (!(cause instanceof BadStatus)) remember(name, false);
    return undefined;
  }
}

class BadStatus extends Error {}

function remember(name: string, speaks: boolean): void {
  known.set(name, speaks);
  for (const oldest of known.keys()) {
    if (known.size <= maxKnown) return;
    known.delete(oldest);
  }
}

async function fetchText(request: Request): Promise<string> {
  const { signal, timeoutMs, url, callbackParam, maxBytes } = request;
  const address = new URL(url);
  if (address.searchParams.has(callbackParam)) address.searchParams.delete(callbackParam);
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(cancelled(request));
  const timer = setTimeout(() => abort.abort(timedOut(request)), timeoutMs);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort);
  try {
    const response = await fetch(address, {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { accept: 'application/json' },
      signal: abort.signal,
    });
    if (!response.ok) throw new BadStatus(`It was answered with status ${response.status}`);
    return await readText(response, maxBytes, request);
  } catch (error) {
    // Not every engine rejects with the reason of the signal.
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    abort.abort();
  }
}

async function readText({ body }: Response, maxBytes: number, request: Request): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return text + decoder.decode();
    bytes += part.value.byteLength;
    if (bytes > maxBytes) throw tooLarge(request);
    text += decoder.decode(part.value, { stream: true });
  }
}
