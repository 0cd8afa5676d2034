import type { HandlerContext } from '../contract/types.ts';
import { MuntinError, messageOf } from '../errors.ts';
import type { OriginOptions } from '../origin.ts';
import { release, transfer } from '../reference/mark.ts';
import { type FetchGrant, type Grant, readGrants } from './grants.ts';
import { denied, judge, type PathTest } from './judge.ts';
import { loadPathTest } from './patterns.ts';
import type { BodySource, Denial, FetchCall, FetchHead, FetchRule } from './protocol.ts';
import { Rates } from './rate.ts';

/** One request that a peer asked for, and what became of it. */
export interface FetchLogEntry {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** The peer's origin, as its session is pinned to it. */
  readonly peer: string;
  readonly method: string;
  /** The address as the peer gave it, cut at 2,048 characters. */
  readonly url: string;
  /** `refused` by a rule, `failed` on the network, `cancelled` by the peer, or answered. */
  outcome: 'open' | 'refused' | 'failed' | 'cancelled' | 'answered';
  /** The rule that refused it. */
  rule?: FetchRule;
  /** The status of the answer. */
  status?: number;
  /** How many bytes of the bodies went each way. */
  bytesSent: number;
  bytesReceived: number;
}

/** Options of {@link createBroker}. */
export interface BrokerOptions extends OriginOptions {
  /** What the peer may ask for; without any, nothing. */
  readonly grants: readonly FetchGrant[];
  /** Hears of each request when it has ended. What it throws is reported like any uncaught error. @defaultValue none */
  readonly onRequest?: (entry: Readonly<FetchLogEntry>) => void;
  /** How many requests may be open at once, from 1. @defaultValue 16 */
  readonly maxOpen?: number;
  /** The origin of this page. @defaultValue `self.origin` */
  readonly ownOrigin?: string;
}

/** Serves the fetches of one peer. */
export interface FetchBroker {
  /** The handler of `fetchProcedure`. */
  readonly fetch: (call: FetchCall, context: HandlerContext) => AsyncIterable<FetchHead | Uint8Array<ArrayBuffer>>;
  /** The last 1,000 requests, oldest first, those that are open included. */
  readonly log: readonly Readonly<FetchLogEntry>[];
}

const maxLog = 1000;
const pieceBytes = 65_536;

/**
 * Makes a broker: it asks for a peer what its grants allow, without cookies unless a grant says otherwise, and answers what came. A refusal is
 * `DENIED` and names the rule that is missing; what fails on the way is `FETCH_FAILED`.
 *
 * @throws MuntinError `INVALID_OPTION` for a wrong grant, naming it, its value and the remedy.
 */
export function createBroker(options: BrokerOptions): FetchBroker {
  const { ownOrigin = globalThis.origin ?? 'null', maxOpen = 16, onRequest } = options;
  const grants = readGrants(options.grants, ownOrigin, options);
  const rates = new Rates(() => performance.now());
  const log: FetchLogEntry[] = [];
  let fits: Promise<PathTest> | undefined;
  let open = 0;

  async function admit(
    call: FetchCall,
  ): Promise<{ readonly grant: Grant; readonly url: URL; readonly fits: PathTest }> {
    fits ??= loadPathTest(grants);
    const test = await fits;
    const judgement = judge(call, grants, test);
    if ('denial' in judgement) throw refusal(judgement.denial, judgement.why);
    const { grant } = judgement;
    if (!rates.take(grant))
      throw refuse(
        'calls-per-minute',
        String(grant.callsPerMinute),
        `the grant for ${grant.origin} has no more calls within this minute`,
      );
    return { ...judgement, fits: test };
  }

  async function* serve(
    call: FetchCall,
    { signal, peer }: HandlerContext,
  ): AsyncGenerator<FetchHead | Uint8Array<ArrayBuffer>> {
    const entry = begin(log, call, peer.origin);
    const ended = new AbortController();
    const onAbort = (): void => ended.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      if (++open > maxOpen) throw refuse('open-calls', String(maxOpen), 'too many requests are open at once');
      const { grant, url, fits: test } = await admit(call);
      const body = await collect(call.body, grant, entry);
      signal.throwIfAborted();
      const response = await ask(call, url, grant, body, ended.signal);
      if (response.redirected) judgeRedirect(response.url, call, grants, test);
      entry.status = response.status;
      yield headOf(response, grant);
      yield* piecesOf(response, grant, entry);
      entry.outcome = 'answered';
    } catch (error) {
      throw conclude(error, entry, signal);
    } finally {
      open--;
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
  if (error instanceof MuntinError && error.code === 'DENIED') {
    entry.outcome = 'refused';
    entry.rule = (error.data as Denial).rule; // we have made it
    return error;
  }
  entry.outcome = signal.aborted ? 'cancelled' : 'failed';
  const why = messageOf(error);
  return new MuntinError('FETCH_FAILED', `${entry.method} ${entry.url.slice(0, 200)} failed: ${why}`, {
    data: { why: why.slice(0, 1000) },
  });
}

/** The body of a request, whole: few engines send what is still being read, and then over HTTP/2 only. A large Blob is not in memory. */
async function collect(
  source: BodySource | undefined,
  { maxRequestBytes, origin }: Grant,
  entry: FetchLogEntry,
): Promise<Blob | undefined> {
  if (source === undefined) return undefined;
  let body = new Blob();
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  for (;;) {
    const piece: unknown = await source.next();
    if (piece === undefined) return new Blob([body, ...pieces]);
    if (!(piece instanceof Uint8Array))
      throw new MuntinError('FETCH_FAILED', 'The body has a piece that is no Uint8Array');
    entry.bytesSent += piece.byteLength;
    if (entry.bytesSent > maxRequestBytes)
      throw refuse('request-bytes', String(maxRequestBytes), `the grant for ${origin} allows no larger body`);
    pieces.push(new Uint8Array(piece));
    waiting += piece.byteLength;
    // In few parts, whatever the pieces are like: a part costs more than its bytes.
    if (waiting < 1_048_576 && pieces.length < 1024) continue;
    body = new Blob([body, ...pieces]);
    pieces = [];
    waiting = 0;
  }
}

function ask(call: FetchCall, url: URL, grant: Grant, body: Blob | undefined, signal: AbortSignal): Promise<Response> {
  const headers = new Headers();
  for (let at = 0; at < call.headers.length; at++)
    headers.append(call.headers[at]?.[0] ?? '', call.headers[at]?.[1] ?? '');
  return fetch(url, {
    method: call.method,
    headers,
    ...(body === undefined ? {} : { body }),
    credentials: grant.credentials,
    redirect: grant.redirects ? 'follow' : 'error',
    mode: 'cors',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal,
  });
}

/** The last address has to be granted as if it had been asked for. */
function judgeRedirect(url: string, { method }: FetchCall, grants: readonly Grant[], fits: PathTest): void {
  const judgement = judge({ url, method, headers: [] }, grants, fits);
  if ('denial' in judgement) throw refuse('redirect', url, `it leads where nothing is granted (${judgement.why})`);
  if (!judgement.grant.redirects || judgement.grant.credentials === 'include')
    throw refuse('redirect', url, `the grant for ${judgement.grant.origin} is not for redirects`);
}

function headOf({ status, statusText, headers }: Response, { exposeHeaders }: Grant): FetchHead {
  return { status, statusText, headers: [...headers].filter(([name]) => exposeHeaders.has(name.toLowerCase())) };
}

/** The body in pieces of at most 64 KiB, so that what is on its way is bounded in bytes, each read when it is asked for. */
async function* piecesOf(
  { body }: Response,
  { maxResponseBytes, origin }: Grant,
  entry: FetchLogEntry,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      entry.bytesReceived += value.byteLength;
      if (entry.bytesReceived > maxResponseBytes)
        throw refuse('response-bytes', String(maxResponseBytes), `the grant for ${origin} allows no larger answer`);
      for (const piece of split(value)) yield transfer(piece, [piece.buffer]);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** Copies of a chunk's parts, each with a buffer of its own that can be given away. */
export function* split(chunk: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < chunk.byteLength; at += pieceBytes) yield new Uint8Array(chunk.subarray(at, at + pieceBytes));
}
