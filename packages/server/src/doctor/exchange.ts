import { lookup } from 'node:dns';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Header } from '../rules/safelist.ts';

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly kind: 'preflight' | 'request';
  readonly method: string;
  readonly url: string;
  /** What the doctor set: the request's own headers, and those that a browser adds for CORS. */
  readonly requestHeaders: readonly Header[];
  /** The status, or `undefined` where there was no answer. */
  readonly status: number | undefined;
  readonly responseHeaders: readonly Header[];
  /** The IP address that answered. */
  readonly address?: string | undefined;
  /** Why there was no answer. */
  readonly error?: string;
}

/** What is to be sent. */
export interface Outgoing {
  readonly kind: Exchange['kind'];
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly Header[];
  readonly body: string | undefined;
}

/** How it is sent. */
export interface SendOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly ca: string | undefined;
}

/** Browsers take every name under `localhost` for this machine (RFC 6761, 6.3); a resolver need not know them. */
const lookupAsBrowsers: LookupFunction = (name, options, callback) => {
  const asked = /(^|\.)localhost\.?$/i.test(name) ? 'localhost' : name;
  lookup(asked, options, callback);
};

/**
 * Sends one request with exactly these headers and waits for status and headers of its answer, not for the body. Neither `fetch` of Node
 * nor a client on top of it will do: they add, drop and merge headers.
 */
export function send(outgoing: Outgoing, { timeoutMs, signal, ca }: SendOptions): Promise<Exchange> {
  const { kind, method, url, headers, body } = outgoing;
  const base = { kind, method, url: url.href, requestHeaders: headers };
  return new Promise((resolve) => {
    const fail = (error: string): void => resolve({ ...base, status: undefined, responseHeaders: [], error });
    if (signal?.aborted === true) return fail('cancelled');
    const open = url.protocol === 'https:' ? requestTls : requestPlain;
    const message = open(url, {
      method,
      headers: groupOf(headers),
      agent: false,
      insecureHTTPParser: true, // a browser's parser is as patient
      lookup: lookupAsBrowsers,
      ...(ca === undefined ? {} : { ca }),
    });
    message.method = method; // Node has upper-cased it
    const timer = setTimeout(() => message.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const onAbort = (): void => void message.destroy(new Error('cancelled'));
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort);
    message.once('response', (response) => {
      end();
      const { statusCode: status, socket } = response;
      resolve({ ...base, status, responseHeaders: headersOf(response), address: socket.remoteAddress });
      message.destroy();
    });
    message.on('error', (error) => {
      end();
      fail(error.message);
    });
    // Also without an answer and without an error, as where a server goes over to another protocol.
    message.on('close', () => {
      end();
      fail('the connection ended before an answer that a browser takes');
    });
    message.end(body);
  });
}

/** As Node takes them: a header that is there several times as a list. */
function groupOf(headers: readonly Header[]): Record<string, string | string[]> {
  const grouped = new Map<string, string | string[]>();
  for (const [name, value] of headers) {
    const present = grouped.get(name);
    grouped.set(name, present === undefined ? value : [...[present].flat(), value]);
  }
  return Object.fromEntries(grouped);
}

function headersOf({ rawHeaders }: IncomingMessage): readonly Header[] {
  const headers: Header[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return headers;
}

/** All values of one header joined with ", " (Fetch Standard, "get" of a header list); `undefined` where it is not there. */
export function headerOf({ responseHeaders }: Exchange, name: string): string | undefined {
  const values = responseHeaders
    .filter(([one]) => one.toLowerCase() === name)
    .map(([, value]) => value.replace(/^[\t ]+|[\t ]+$/g, ''));
  return values.length > 0 ? values.join(', ') : undefined;
}
