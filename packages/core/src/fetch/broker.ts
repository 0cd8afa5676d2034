import type { HandlerContext } from '../contract/types.ts';
import { inspect, invalidOption, MuntinError, messageOf } from '../errors.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import type { OriginOptions } from '../origin.ts';
import { release } from '../reference/by-reference.ts';
import { transfer } from '../reference/mark.ts';
import { type FetchGrant, type Grant, readGrants } from './grants.ts';
import { denied, judge, type PathTest } from './judge.ts';
import { loadPathTest } from './patterns.ts';
import { Places } from './places.ts';
import {
  type BodySource,
  type Denial,
  denialOf,
  type FetchCall,
  type FetchHead,
  type FetchRule,
  isHead,
  isPiece,
} from './protocol.ts';
import { Rates } from './rate.ts';
import { isRedirect } from './redirect.ts';

/** One request that a peer asked for, and what became of it. */
export interface FetchLogEntry {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** The peer's origin, as its session is pinned to it. */
  readonly peer: string;
  /** As it was asked for, cut at 64 characters. */
  readonly method: string;
  /** The address as the peer gave it, cut at 2,048 characters. */
  readonly url: string;
  /** `refused` by a rule, `failed` on the network, `cancelled` by the peer, or answered. */
  outcome: 'open' | 'refused' | 'failed' | 'cancelled' | 'answered';
  /** The rule that refused it. */
  rule?: FetchRule;
  /** The status of the answer. */
  status?: number;
  /** How many bytes of the request's body have gone. */
  bytesSent: number;
  /** How many bytes of the answer's body have come. */
  bytesReceived: number;
}

/** Options of `fetchBroker`. */
export interface BrokerOptions extends OriginOptions {
  /** What the other side may ask this one for; without any, nothing. @defaultValue none */
  readonly grants?: readonly FetchGrant[];
  /** Hears of each request when it has ended. What it throws is reported like any uncaught error. @defaultValue none */
  readonly onRequest?: (entry: Readonly<FetchLogEntry>) => void;
  /** How many requests of one other side may be on their way at once, from 1; the next 1,000 wait in order. @defaultValue 16 */
  readonly maxOpen?: number;
}

const brokerKinds: OptionKinds<BrokerOptions> = {
  grants: 'array',
  onRequest: 'function',
  maxOpen: 'number',
  allowInsecure: 'boolean',
};

/** Serves the fetches of one peer. */
export interface FetchBroker {
  /** The handler of `fetchProcedure`. */
  readonly fetch: (call: FetchCall, context: HandlerContext) => AsyncIterable<FetchHead | Uint8Array<ArrayBuffer>>;
  /** The last 1,000 requests, oldest first, those that are open included. */
  readonly log: readonly Readonly<FetchLogEntry>[];
}

interface Admitted {
  readonly grant: Grant;
  readonly url: URL;
  readonly fits: PathTest;
}

const maxLog = 1000;
const maxWaiting = 1000;
const pieceBytes = 65_536;
/** Who says sooner that there is no piece yet does not wait for one: it makes this side ask as fast as it can. */
const leastWaitMs = 1000;
/** So long a body may pause: whoever pauses keeps one of the places. */
const mostWaitMs = 5 * 60_000;

/**
 * Makes a broker: it asks for a peer what its grants allow, without cookies unless a grant says otherwise, and answers what came. A refusal is
 * `DENIED` and names the rule that is missing; what fails on the way is `FETCH_FAILED`.
 *
 * @throws MuntinError `INVALID_OPTION` for a wrong grant, naming it, its value and the remedy.
 */
export function createBroker(options: BrokerOptions): FetchBroker {
  checkOptions('fetchBroker', options, brokerKinds);
  const { maxOpen = 16, onRequest } = options;
  if (!Number.isSafeInteger(maxOpen) || maxOpen < 1)
    throw invalidOption(`maxOpen is ${inspect(maxOpen)}: give a whole number from 1`);
  const grants = readGrants(options.grants ?? [], globalThis.origin ?? 'null', options);
  const rates = new Rates(() => performance.now());
  const places = new Places(maxOpen, maxWaiting);
  const log: FetchLogEntry[] = [];
  let fits: Promise<PathTest> | undefined;

  async function admit(call: FetchCall): Promise<Admitted> {
    fits ??= loadPathTest(grants);
    const test = await fits.catch((error: unknown) => {
      fits = undefined; // the polyfill may load the next time
      throw error;
    });
    const judgement = judge(call, grants, test);
    if ('denial' in judgement) throw refusal(judgement.denial, judgement.why);
    return { ...judgement, fits: test };
  }

  function count(grant: Grant): void {
    if (rates.take(grant)) return;
    throw refuse(
      'calls-per-minute',
      String(grant.callsPerMinute),
      `the grant for ${grant.origin} has no more calls within this minute`,
    );
  }

  async function* serve(
    call: FetchCall,
    { signal, peer }: HandlerContext,
  ): AsyncGenerator<FetchHead | Uint8Array<ArrayBuffer>> {
    const entry = begin(log, call, peer.origin);
    const ended = new AbortController();
    const onAbort = (): void => ended.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    let leave: (() => void) | undefined;
    let upload: Upload | undefined;
    try {
      const { grant, url, fits: test } = await admit(call);
      leave = await places.take(signal);
      if (leave === undefined)
        throw refuse('open-calls', String(maxOpen), `${maxOpen} requests are open and ${maxWaiting} wait`);
      count(grant);
      upload = await uploadOf(call.body, grant, entry, ended.signal);
      const response = await ask(call, url, grant, upload, ended.signal);
      if (isRedirect(response))
        throw refuse(
          'redirect',
          url.origin,
          `it answers with a redirect, and the grant for ${grant.origin} has no redirects: true`,
        );
      if (response.redirected) count(judgeRedirect(response.url, call, grants, test));
      entry.status = response.status;
      yield headOf(response, grant);
      yield* piecesOf(response, grant, entry, ended.signal);
      entry.outcome = 'answered';
    } catch (error) {
      throw conclude(upload?.failure ?? error, entry, signal);
    } finally {
      leave?.();
      if (entry.outcome === 'open') entry.outcome = 'cancelled';
      signal.removeEventListener('abort', onAbort);
      ended.abort();
      if (call.body !== undefined) release(call.body);
      tell(onRequest, entry);
    }
  }
  return { fetch: serve, log };
}

function begin(log: FetchLogEntry[], { method, url }: FetchCall, peer: string): FetchLogEntry {
  const entry: FetchLogEntry = {
    at: Date.now(),
    peer,
    method: method.slice(0, 64),
    url: url.slice(0, 2048),
    outcome: 'open',
    bytesSent: 0,
    bytesReceived: 0,
  };
  log.push(entry);
  if (log.length > maxLog) log.shift();
  return entry;
}

/** Nobody's listener changes what the peer gets. */
function tell(onRequest: BrokerOptions['onRequest'], entry: FetchLogEntry): void {
  if (onRequest !== undefined) queueMicrotask(() => onRequest(entry));
}

function refusal(denial: Denial, why: string): MuntinError<'DENIED', Denial> {
  return new MuntinError('DENIED', `This request is not granted: ${why}`, { data: denial });
}

function refuse(rule: FetchRule, value: string, why: string): MuntinError<'DENIED', Denial> {
  const { denial, why: text } = denied(rule, value, why);
  return refusal(denial, text);
}

function conclude(error: unknown, entry: FetchLogEntry, signal: AbortSignal): unknown {
  const denial = denialOf(error);
  if (denial !== undefined) {
    entry.outcome = 'refused';
    entry.rule = denial.rule;
    return error;
  }
  entry.outcome = signal.aborted ? 'cancelled' : 'failed';
  const why = messageOf(error);
  return new MuntinError('FETCH_FAILED', `${entry.method} ${entry.url.slice(0, 200)} failed: ${why}`, {
    data: { why: why.slice(0, 1000) },
  });
}

/** The body of a request. */
interface Upload {
  readonly body: Blob | ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Why it broke off: what `fetch` says then is not the reason. */
  readonly failure?: unknown;
}

async function uploadOf(
  source: BodySource | undefined,
  grant: Grant,
  entry: FetchLogEntry,
  signal: AbortSignal,
): Promise<Upload | undefined> {
  if (source === undefined) return undefined;
  const pieces = piecesFrom(source, grant, entry, signal);
  return grant.streamsRequests && sendsStreams() ? stream(pieces) : { body: await gather(pieces) };
}

/** Whether this engine sends what is still being read: then it asks for `duplex`, and makes no text of the stream. */
function sendsStreams(): boolean {
  let isAsked = false;
  const init = {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      isAsked = true;
      return 'half';
    },
  };
  try {
    return !new Request('https://muntin.invalid', init).headers.has('Content-Type') && isAsked;
  } catch {
    return false;
  }
}

function stream(pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>): Upload {
  let failure: unknown;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      cancel: () => void pieces.return(undefined),
    },
    { highWaterMark: 0 },
  );
  return {
    body,
    get failure() {
      return failure;
    },
  };
}

/** All of it: few engines send what is still being read, and then not to every server. */
async function gather(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const parts: Blob[] = [];
  let small: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  for await (const piece of pieces) {
    small.push(piece);
    waiting += piece.byteLength;
    // In few parts, whatever the pieces are like: a part costs more than its bytes.
    if (waiting < 1_048_576 && small.length < 1024) continue;
    parts.push(new Blob(small));
    small = [];
    waiting = 0;
  }
  return new Blob([...parts, ...small]);
}

/** What the peer gives, piece by piece, as long as it keeps to the grant. */
async function* piecesFrom(
  source: BodySource,
  { maxRequestBytes, origin }: Grant,
  entry: FetchLogEntry,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  // Who cancels may never give the piece that was asked for. A promise for each piece: one for all would keep what each race was won by.
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      const leave = (): void => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort);
      source.next().then(resolve, reject).finally(leave);
    });
  let since = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const asked = performance.now();
    const piece = await next();
    if (piece === undefined) return;
    const now = performance.now();
    if (now - since > mostWaitMs)
      throw new MuntinError('FETCH_FAILED', 'The body has paused for longer than five minutes');
    if (piece === null && now - asked >= leastWaitMs) continue;
    if (!isPiece(piece))
      throw new MuntinError(
        'FETCH_FAILED',
        'The body has a piece that is no Uint8Array with a buffer of its own, or an empty one',
      );
    entry.bytesSent += piece.byteLength;
    if (entry.bytesSent > maxRequestBytes)
      throw refuse('request-bytes', String(maxRequestBytes), `the grant for ${origin} allows no larger body`);
    yield piece;
    since = performance.now();
  }
}

function ask(
  call: FetchCall,
  url: URL,
  grant: Grant,
  upload: Upload | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const headers = new Headers();
  for (let at = 0; at < call.headers.length; at++)
    headers.append(call.headers[at]?.[0] ?? '', call.headers[at]?.[1] ?? '');
  const isStream = upload?.body instanceof ReadableStream;
  return fetch(url, {
    method: call.method,
    headers,
    ...(upload === undefined ? {} : { body: upload.body }),
    ...(isStream ? { duplex: 'half' } : {}),
    credentials: grant.credentials,
    // Not `error`: what fails in that way is not told from a network that is away.
    redirect: grant.redirects ? 'follow' : 'manual',
    mode: 'cors',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    // A server that asks for a password is not to make this page's user type one for the peer.
    window: null,
    signal,
  });
}

/**
 * The last address has to be granted as if it had been asked for, with the headers that have gone there. Returns its grant. The peer learns
 * its origin at most: path and query may be what lets their holder in, as signed addresses do.
 */
function judgeRedirect(url: string, { method, headers }: FetchCall, grants: readonly Grant[], fits: PathTest): Grant {
  const judgement = judge({ url, method, headers }, grants, fits);
  const { origin } = new URL(url);
  if ('denial' in judgement)
    throw refuse('redirect', origin, `it leads where nothing is granted (${judgement.denial.rule})`);
  if (!judgement.grant.redirects || judgement.grant.credentials === 'include')
    throw refuse('redirect', origin, `the grant for ${origin} is not for redirects`);
  return judgement.grant;
}

function headOf({ status, statusText, headers }: Response, { exposeHeaders }: Grant): FetchHead {
  const shown = [...headers].filter(([name]) => exposeHeaders.has(name.toLowerCase()));
  const head: unknown = { status, statusText, headers: shown };
  if (isHead(head)) return head;
  throw new MuntinError(
    'FETCH_FAILED',
    `The answer has the status ${status}, which no Response can have, or headers that are too large`,
  );
}

/** The body in pieces of at most 64 KiB, so that what is on its way is bounded in bytes, each read when it is asked for. */
async function* piecesOf(
  { body }: Response,
  { maxResponseBytes, origin }: Grant,
  entry: FetchLogEntry,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  // An engine may forget the signal that its fetch was given (Node does, after a collection of garbage): the reader ends the wait.
  const onAbort = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      entry.bytesReceived += value.byteLength;
      if (entry.bytesReceived > maxResponseBytes)
        throw refuse('response-bytes', String(maxResponseBytes), `the grant for ${origin} allows no larger answer`);
      for (const piece of split(value, true)) yield transfer(piece, [piece.buffer]);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    void reader.cancel().catch(() => undefined);
  }
}

/** A chunk's parts, each with a buffer of its own that can be given away. Copies, but for a small chunk that is nobody else's. */
export function* split(chunk: Uint8Array, isOwned = false): Generator<Uint8Array<ArrayBuffer>> {
  if (isOwned && chunk.byteLength <= pieceBytes && isPiece(chunk)) {
    yield chunk;
    return;
  }
  for (let at = 0; at < chunk.byteLength; at += pieceBytes) yield new Uint8Array(chunk.subarray(at, at + pieceBytes));
}
