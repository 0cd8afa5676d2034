import type { ClientFunction } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import { byReference, release, transfer } from '../reference/mark.ts';
import { split } from './broker.ts';
import type { BodySource, FetchCall, FetchHead, fetchProcedure } from './protocol.ts';

/** `fetch`, through the other side. */
export type BrokeredFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** How many pieces of a body may be on their way: half a megabyte. */
const pieces = 8;
const normalized: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Makes a `fetch` of a client's function for `fetchProcedure`. It takes whole addresses, `method`, `headers`, `body` and `signal`; what else
 * a `RequestInit` says is up to the grant. The answer is a real `Response`, whose body is read from the other side while it is read here.
 *
 * The promise rejects with `DENIED` (its data names the rule), with `FETCH_FAILED`, with the signal's reason, or as any stream does.
 */
export function fetchThrough(ask: ClientFunction<typeof fetchProcedure>): BrokeredFetch {
  return async (input, init = {}) => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const call = readCall(input, init);
    const iterator = ask(call, { window: pieces, ...(signal === undefined ? {} : { signal }) })[Symbol.asyncIterator]();
    // A cancelled stream ends as Muntin says it; whoever fetches knows the signal's own reason.
    const next = async (): Promise<IteratorResult<FetchHead | Uint8Array<ArrayBuffer>, unknown>> => {
      try {
        return await iterator.next();
      } catch (error) {
        if (call.body !== undefined) release(call.body);
        throw signal?.aborted === true ? signal.reason : error;
      }
    };
    const { value: head } = await next();
    if (head === undefined || head instanceof Uint8Array || typeof head !== 'object')
      throw new MuntinError('FETCH_FAILED', 'The other side has answered without a head');
    return asResponse(head as FetchHead, next, () => void iterator.return?.());
  };
}

function readCall(input: string | URL | Request, init: RequestInit): FetchCall {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input); // throws TypeError, as fetch does
  url.hash = '';
  const method = init.method ?? request?.method ?? 'GET';
  const upper = method.toUpperCase();
  const headers = new Headers(init.headers ?? request?.headers);
  // A Response takes every kind of body that a request takes, and has its stream in every engine.
  const content = init.body ?? request?.body ?? undefined;
  const body = content === undefined ? undefined : new Response(content);
  const stream = body?.body ?? null;
  const type = body?.headers.get('Content-Type') ?? null;
  if (type !== null && !headers.has('Content-Type')) headers.set('Content-Type', type);
  if (body !== undefined && ['GET', 'HEAD'].includes(upper)) throw new TypeError(`A request with ${upper} has no body`);
  return {
    url: url.href,
    method: normalized.has(upper) ? upper : method,
    headers: [...headers],
    ...(stream === null ? {} : { body: byReference(sourceOf(stream)) }),
  };
}

/** A stream as something that is asked for each piece. */
function sourceOf(stream: ReadableStream<Uint8Array>): BodySource {
  const reader = stream.getReader();
  let rest: Iterator<Uint8Array<ArrayBuffer>> | undefined;
  return {
    async next() {
      for (;;) {
        const part = rest?.next();
        if (part !== undefined && part.done !== true) return transfer(part.value, [part.value.buffer]);
        const { done, value } = await reader.read();
        if (done) return undefined;
        rest = split(value);
      }
    },
  };
}

function asResponse(
  { status, statusText, headers }: FetchHead,
  next: () => Promise<IteratorResult<FetchHead | Uint8Array<ArrayBuffer>, unknown>>,
  stop: () => void,
): Response {
  const init = { status, statusText, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  if (withoutBody.has(status)) {
    stop();
    return new Response(null, init);
  }
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done === true) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
        else throw new MuntinError('FETCH_FAILED', 'The other side has sent a piece that is no Uint8Array');
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, init);
}
