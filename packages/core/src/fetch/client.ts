import type { ClientFunction } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import { byReference } from '../reference/by-reference.ts';
import { transfer } from '../reference/mark.ts';
import { split } from './broker.ts';
import type { BodySource, FetchCall, FetchHead, fetchProcedure } from './protocol.ts';

/** `fetch`, through the other side. */
export type BrokeredFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** How many pieces of a body may be on their way: half a megabyte. */
const pieces = 8;
/** How long the other side waits for a piece before it has to ask again: well within the time that a call has. */
const patienceMs = 4000;
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

// Of a body that is neither read nor cancelled, and that nobody has any more, nobody says so: it would keep its place at the other side. What
// is registered is the source of its stream: a browser may collect what stands for the stream in the page while the stream is still read.
const dropped = /* @__PURE__ */ new FinalizationRegistry<() => void>((stop) => stop());

/**
 * Makes a `fetch` of a client's function for `fetchProcedure`. It takes whole addresses, `method`, `headers`, `body` and `signal`; what else
 * a `RequestInit` says is up to the grant. The answer is a real `Response`, whose body is read from the other side while it is read here.
 *
 * The promise rejects with `DENIED` (its data names the rule), with `FETCH_FAILED`, with the signal's reason, or as any stream does.
 */
export function fetchThrough(ask: ClientFunction<typeof fetchProcedure>): BrokeredFetch {
  return async (input, init = {}) => {
    // `null` takes away what a Request has.
    const signal = init.signal === undefined && input instanceof Request ? input.signal : init.signal;
    signal?.throwIfAborted();
    const opaque = opaqueOf(input, init);
    const { call, drop } = readCall(input, init, opaque && (await opaque.arrayBuffer()));
    const iterator = ask(call, { window: pieces, ...(signal ? { signal } : {}) })[Symbol.asyncIterator]();
    let isStopped = false;
    // A cancelled stream ends as Muntin says it; whoever fetches knows the signal's own reason.
    const next = async (): Promise<IteratorResult<FetchHead | Uint8Array<ArrayBuffer>, unknown>> => {
      try {
        const result = await iterator.next();
        if (result.done !== true) return result;
        drop();
        if (!isStopped) return result;
      } catch (error) {
        const why: unknown = signal?.aborted === true ? signal.reason : error;
        drop(why);
        throw why;
      }
      // Whoever still reads takes no part of a body for all of it.
      throw new MuntinError('FETCH_FAILED', 'The answer was given up before its end');
    };
    const stop = (): void => {
      isStopped = true;
      drop();
      void iterator.return?.();
    };
    const { value: head } = await next();
    try {
      if (head === undefined || head instanceof Uint8Array || typeof head !== 'object')
        throw new MuntinError('FETCH_FAILED', 'The other side has answered without a head');
      return asResponse(call.method, head as FetchHead, next, stop);
    } catch (error) {
      stop(); // it may be anything, such as a head that no Response can have
      throw error;
    }
  };
}

/** What is asked for, and how to let go of its body, which nobody may have read to its end. */
interface ReadCall {
  readonly call: FetchCall;
  readonly drop: (why?: unknown) => void;
}

/** The Request whose body has to be read as a whole: Firefox has no `Request.body`. All others are taken at once, as they are now. */
function opaqueOf(input: string | URL | Request, { body }: RequestInit): Request | undefined {
  if ((body ?? undefined) !== undefined || !(input instanceof Request)) return undefined;
  const request: Omit<Request, 'body'> & { readonly body?: Request['body'] } = input;
  return request.body === undefined ? input : undefined;
}

function readCall(input: string | URL | Request, init: RequestInit, whole: ArrayBuffer | undefined): ReadCall {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(input instanceof Request ? input.url : input); // throws TypeError, as fetch does
  if (url.username !== '' || url.password !== '')
    throw new TypeError('The address has user info: what lets somebody in is sent in a header'); // and not told to the other side
  url.hash = '';
  const { method } = new Request(url, { method: init.method ?? request?.method ?? 'GET' }); // as fetch has it: normalized, or a TypeError
  const headers = new Headers(init.headers ?? request?.headers);
  // A Response takes every kind of body that a request takes, and has its stream in every engine.
  const content =
    init.body ?? (whole === undefined ? request?.body : whole.byteLength > 0 ? whole : undefined) ?? undefined;
  const body = content === undefined ? undefined : new Response(content);
  const stream = body?.body ?? null;
  const type = body?.headers.get('Content-Type') ?? null;
  if (type !== null && !headers.has('Content-Type')) headers.set('Content-Type', type);
  if (body !== undefined && ['GET', 'HEAD'].includes(method))
    throw new TypeError(`A request with ${method} has no body`);
  const call: FetchCall = { url: url.href, method, headers: [...headers] };
  if (stream === null) return { call, drop: () => undefined };
  const reader = stream.getReader();
  return {
    call: { ...call, body: byReference(sourceOf(reader)) },
    drop: (why) => void reader.cancel(why).catch(() => undefined), // it has failed, and whoever reads it has been told
  };
}

/** A stream as something that is asked for each piece. */
function sourceOf(reader: ReadableStreamDefaultReader<Uint8Array>): BodySource {
  let rest: Iterator<Uint8Array<ArrayBuffer>> | undefined;
  // One read at a time, which may outlast whoever waited for it.
  let reading: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
  return {
    async next() {
      for (;;) {
        const part = rest?.next();
        if (part !== undefined && part.done !== true) return transfer(part.value, [part.value.buffer]);
        const asked = (reading ??= reader.read());
        const result = await within(patienceMs, asked);
        if (result === undefined) return null;
        if (reading !== asked) continue; // somebody asks twice at once, and the other has it
        reading = undefined;
        if (result.done) return undefined;
        // What the stream of an application has is not looked at by anybody before.
        if (!isBytes(result.value)) throw new TypeError('The body is a stream with a chunk that is no Uint8Array');
        rest = split(result.value);
      }
    },
  };
}

/** Also of another realm, as in test environments and frames: `instanceof` knows those of this one only. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** What a promise brings, or `undefined` when it takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function asResponse(
  method: string,
  { status, statusText, headers }: FetchHead,
  next: () => Promise<IteratorResult<FetchHead | Uint8Array<ArrayBuffer>, unknown>>,
  stop: () => void,
): Response {
  const init = { status, statusText, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  if (method === 'HEAD' || withoutBody.has(status)) {
    stop();
    return new Response(null, init);
  }
  const source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> = {
    async pull(controller) {
      const { done, value } = await next();
      if (done === true) controller.close();
      else if (value instanceof Uint8Array) controller.enqueue(value);
      else {
        stop();
        throw new MuntinError('FETCH_FAILED', 'The other side has sent a piece that is no Uint8Array');
      }
    },
    cancel: stop,
  };
  dropped.register(source, stop);
  return new Response(new ReadableStream(source, { highWaterMark: 0 }), init);
}
