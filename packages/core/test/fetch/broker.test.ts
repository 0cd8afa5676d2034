import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type BrokeredFetch,
  createBroker,
  type FetchBroker,
  type FetchGrant,
  fetchProcedure,
  fetchThrough,
} from '../../src/fetch/index.ts';
import { contract } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';

const net = contract({ name: 'test/net', version: '1.0.0', host: { fetch: fetchProcedure } });

function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return new Promise((resolve) => {
    const server: Server = createServer(handler);
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

interface Bench {
  readonly fetch: BrokeredFetch;
  readonly broker: FetchBroker;
  readonly close: () => void;
}

/** A guest that fetches through a host, over a real port. */
function start(origin: string, grant: Partial<FetchGrant> = {}, more: { readonly maxOpen?: number } = {}): Bench {
  const broker = createBroker({
    grants: [{ origin, paths: ['/*'], ...grant }],
    ownOrigin: 'https://shell.example',
    ...more,
  });
  const pair = openPair(net, { host: { fetch: broker.fetch }, guest: {} });
  onTestFinished(() => pair.close());
  return { fetch: fetchThrough(pair.guest.client.fetch), broker, close: pair.close };
}

describe('a brokered fetch', () => {
  it('answers with a real Response: status, listed headers, body', async () => {
    const origin = await serve((_request, response) => {
      response
        .writeHead(201, 'Made', {
          'content-type': 'application/json',
          'x-secret': '1',
          'set-cookie': 'a=1',
          'x-listed': 'yes',
        })
        .end('{"a":1}');
    });
    const { fetch } = start(origin, { exposeHeaders: ['X-Listed'] });
    const response = await fetch(`${origin}/a`);
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText, response.ok, response.url]).toEqual([201, 'Made', true, '']);
    expect(Object.fromEntries(response.headers)).toEqual({ 'content-type': 'application/json', 'x-listed': 'yes' });
    expect(await response.json()).toEqual({ a: 1 });
  });

  it.each([204, 304])('answers %i without a body', async (status) => {
    const origin = await serve((_request, response) => response.writeHead(status).end());
    const response = await start(origin).fetch(`${origin}/a`);
    expect([response.status, response.body]).toEqual([status, null]);
  });

  it.each<[string, () => RequestInit['body'], string, string | undefined]>([
    ['text', () => 'hällo', 'hällo', 'text/plain;charset=UTF-8'],
    ['a Blob', () => new Blob(['hello'], { type: 'text/css' }), 'hello', 'text/css'],
    ['bytes', () => new Uint8Array([104, 105]), 'hi', undefined],
    ['a form', () => new URLSearchParams({ a: 'b c' }), 'a=b+c', 'application/x-www-form-urlencoded;charset=UTF-8'],
    ['a stream', () => new Blob(['one', 'two']).stream(), 'onetwo', undefined],
  ])('sends %s as fetch does', async (_title, body, text, type) => {
    const origin = await serve((request, response) => {
      let read = '';
      request
        .setEncoding('utf8')
        .on('data', (part: string) => (read += part))
        .on('end', () => {
          response.end(JSON.stringify({ read, type: request.headers['content-type'], method: request.method }));
        });
    });
    const { fetch } = start(origin, { methods: ['POST'] });
    const response = await fetch(`${origin}/a`, { method: 'post', body: body() ?? null });
    expect(await response.json()).toEqual({ read: text, ...(type === undefined ? {} : { type }), method: 'POST' });
  });

  it('reads the server no faster than the guest reads', { timeout: 30_000 }, async () => {
    let written = 0;
    const origin = await serve((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (written < 100e6) {
          written += chunk.byteLength;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const { fetch, broker } = start(origin, { maxResponseBytes: 200e6 });
    const reader = (await fetch(`${origin}/a`)).body?.getReader();
    await reader?.read();
    let before = -1;
    while (before !== broker.log[0]?.bytesReceived) {
      before = broker.log[0]?.bytesReceived ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(before).toBeLessThan(2e6);
    expect(written).toBeLessThan(40e6); // what sockets and undici hold
    let read = 0;
    while (read < 10e6) read += (await reader?.read())?.value?.byteLength ?? 0;
    await reader?.cancel();
    await expect.poll(() => broker.log).toMatchObject([{ outcome: 'cancelled', status: 200 }]);
  });

  it('aborts the request of the server when the guest aborts, before the answer and within it', async () => {
    const closed: string[] = [];
    const origin = await serve((request, response) => {
      response.on('close', () => closed.push(request.url ?? ''));
      if (request.url === '/within') response.write('x');
    });
    const { fetch, broker } = start(origin);
    const before = new AbortController();
    const waiting = fetch(`${origin}/before`, { signal: before.signal });
    await expect.poll(() => broker.log.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    before.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const within = new AbortController();
    const response = await fetch(`${origin}/within`, { signal: within.signal });
    within.abort(new Error('enough too'));
    await expect(response.text()).rejects.toThrow('enough too');
    await expect.poll(() => closed.sort()).toEqual(['/before', '/within']);
    await expect.poll(() => broker.log.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
  });

  it('aborts the request of the server when the body is cancelled, and when the session ends', async () => {
    const closed: string[] = [];
    const origin = await serve((request, response) => {
      response.on('close', () => closed.push(request.url ?? ''));
      response.write('x');
    });
    const { fetch, close } = start(origin);
    await (await fetch(`${origin}/cancelled`)).body?.cancel();
    await fetch(`${origin}/left`);
    close();
    await expect.poll(() => closed.sort()).toEqual(['/cancelled', '/left']);
  });
});

describe('a refusal', () => {
  it('is DENIED with the rule, and nothing reaches the server', async () => {
    const seen: string[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.end();
    });
    const { fetch, broker } = start(origin, { paths: ['/v1/*'] });
    await expect(fetch(`${origin}/admin`)).rejects.toMatchObject({
      code: 'DENIED',
      data: { rule: 'path', value: '/admin' },
    });
    await expect(fetch(`${origin}/v1/a`, { method: 'DELETE' })).rejects.toMatchObject({
      code: 'DENIED',
      data: { rule: 'method' },
    });
    await expect(fetch(`${origin}/v1/a`, { headers: { 'X-HTTP-Method-Override': 'DELETE' } })).rejects.toMatchObject({
      data: { rule: 'header' },
    });
    await expect(fetch('https://other.example/v1/a')).rejects.toMatchObject({
      data: { rule: 'origin', value: 'https://other.example' },
    });
    await expect(fetch('/v1/a')).rejects.toThrow(TypeError);
    expect(seen).toEqual([]);
    await expect
      .poll(() => broker.log.map(({ outcome, rule }) => [outcome, rule]))
      .toEqual([
        ['refused', 'path'],
        ['refused', 'method'],
        ['refused', 'header'],
        ['refused', 'origin'],
      ]);
  });

  it('meets the call after the last one of a minute', async () => {
    const origin = await serve((_request, response) => response.end('x'));
    const { fetch } = start(origin, { callsPerMinute: 2 });
    await (await fetch(`${origin}/1`)).text();
    await (await fetch(`${origin}/2`)).text();
    await expect(fetch(`${origin}/3`)).rejects.toMatchObject({
      code: 'DENIED',
      data: { rule: 'calls-per-minute', value: '2' },
    });
  });

  it('meets one open request too many, and the place is free again afterwards', async () => {
    const origin = await serve((_request, response) => response.write('x'));
    const { fetch } = start(origin, {}, { maxOpen: 1 });
    const first = await fetch(`${origin}/1`);
    await expect(fetch(`${origin}/2`)).rejects.toMatchObject({ data: { rule: 'open-calls' } });
    await first.body?.cancel();
    await expect
      .poll(() =>
        fetch(`${origin}/3`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });

  it('meets bodies that are too large, either way', async () => {
    const origin = await serve((request, response) => {
      request.resume();
      response.end('x'.repeat(1000));
    });
    const { fetch } = start(origin, { methods: ['POST', 'GET'], maxRequestBytes: 10, maxResponseBytes: 999 });
    await expect(fetch(`${origin}/a`, { method: 'POST', body: 'x'.repeat(11) })).rejects.toMatchObject({
      data: { rule: 'request-bytes' },
    });
    const response = await fetch(`${origin}/a`);
    await expect(response.text()).rejects.toMatchObject({ code: 'DENIED', data: { rule: 'response-bytes' } });
  });

  it('meets a redirect that no grant is for, before and after it is followed', async () => {
    const hidden = await serve((_request, response) => response.end('secret'));
    const origin = await serve((request, response) => {
      if (request.url === '/away') return void response.writeHead(302, { location: `${hidden}/a` }).end();
      if (request.url === '/on') return void response.writeHead(302, { location: '/v1/end' }).end();
      response.end('end');
    });
    await expect(start(origin).fetch(`${origin}/on`)).rejects.toMatchObject({ code: 'FETCH_FAILED' });
    const { fetch } = start(origin, { redirects: true });
    expect(await (await fetch(`${origin}/on`)).text()).toBe('end');
    await expect(fetch(`${origin}/away`)).rejects.toMatchObject({
      code: 'DENIED',
      data: { rule: 'redirect', value: `${hidden}/a` },
    });
  });
});

describe('what the other side says', () => {
  const call = { url: 'http://127.0.0.1/', method: 'GET', headers: [] as [string, string][] };

  it.each<[string, object]>([
    ['no address', { ...call, url: undefined }],
    ['an address that is an object', { ...call, url: { toString: () => 'x' } }],
    ['headers that are none', { ...call, headers: [['a']] }],
    ['a thousand headers', { ...call, headers: Array.from({ length: 1000 }, () => ['a', 'b']) }],
    ['a body that is none', { ...call, body: 'text' }],
  ])('is refused as a call: %s', async (_title, wrong) => {
    const broker = createBroker({ grants: [], ownOrigin: 'https://shell.example' });
    const pair = openPair(net, { host: { fetch: broker.fetch }, guest: {} });
    onTestFinished(() => pair.close());
    const ask = pair.guest.client.fetch as (input: unknown) => AsyncIterable<unknown>;
    await expect(ask(structuredCloneOf(wrong))[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: expect.stringMatching(/INPUT_INVALID|VALUE_NOT_CLONEABLE/) as unknown,
    });
    expect(broker.log).toEqual([]);
  });

  it.each<[string, readonly unknown[]]>([
    ['a status that no Response has', [{ status: 99, statusText: '', headers: [] }]],
    ['a status that is text', [{ status: '200', statusText: '', headers: [] }]],
    ['bytes without a head', [new Uint8Array(1)]],
    ['nothing', []],
    ['null', [null]],
  ])('is refused as an answer: %s', async (_title, parts) => {
    const pair = openPair(net, { host: { fetch: (() => parts) as never }, guest: {} });
    onTestFinished(() => pair.close());
    await expect(fetchThrough(pair.guest.client.fetch)('https://api.example/')).rejects.toMatchObject({
      code: expect.stringMatching(/OUTPUT_INVALID|FETCH_FAILED/) as unknown,
    });
  });
});

/** What can cross of it: the tests are about shapes, not about functions. */
function structuredCloneOf(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
