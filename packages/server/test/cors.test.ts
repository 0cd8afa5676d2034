import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import {
  connect,
  createServer as createHttp2Server,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cors, type DiagnoseOptions, diagnoseCors, honoCors, nodeCors } from '../src/index.ts';

const origin = 'https://shell.example';
const policy = cors({
  origins: [origin, 'https://admin.example'],
  methods: ['PUT', 'PATCH'],
  headers: ['Authorization', 'Content-Type'],
  exposeHeaders: ['ETag'],
  credentials: true,
});
const from = (page: string | undefined, method = 'GET', more: Record<string, string> = {}): Request =>
  new Request('https://api.example/', { method, headers: page === undefined ? more : { Origin: page, ...more } });
const asks = { 'Access-Control-Request-Method': 'PUT' };

describe('cors', () => {
  it('answers a listed origin with exactly that origin', () => {
    const headers = policy.headers(from('https://admin.example'));
    expect(Object.fromEntries(headers)).toEqual({
      vary: 'Origin',
      'access-control-allow-origin': 'https://admin.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'ETag',
    });
  });

  it.each([
    undefined,
    'null',
    '*',
    'https://shell.example.evil.example',
    'https://evil-shell.example',
    'http://shell.example',
    'https://shell.example:8443',
    'https://shell.example/',
    'HTTPS://SHELL.EXAMPLE',
    `${origin}, https://evil.example`,
  ])('gives nothing but Vary to the origin %s', (page) => {
    expect(Object.fromEntries(policy.headers(from(page)))).toEqual({ vary: 'Origin' });
    const preflight = policy.preflight(from(page ?? '-', 'OPTIONS', asks));
    expect(Object.fromEntries(preflight?.headers ?? [])).toEqual({ vary: 'Origin' });
  });

  it('answers a preflight with what is allowed, whatever was asked for', () => {
    const answer = policy.preflight(from(origin, 'OPTIONS', { ...asks, 'Access-Control-Request-Headers': 'x-evil' }));
    expect(answer?.status).toBe(204);
    expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH',
      'access-control-allow-headers': 'Authorization, Content-Type',
      'access-control-max-age': '600',
    });
  });

  it('takes an OPTIONS that asks for nothing for a request like others', () => {
    expect(policy.preflight(from(origin, 'OPTIONS'))).toBeUndefined();
    expect(policy.preflight(from(undefined, 'OPTIONS', asks))).toBeUndefined();
    expect(policy.preflight(from(origin, 'GET', asks))).toBeUndefined();
  });

  it.each([
    [{ origins: [] }, 'origins'],
    [{ origins: ['*'] }, 'wildcard'],
    [{ origins: ['null'] }, 'null'],
    [{ origins: ['https://*.example'] }, 'wildcard'],
    [{ origins: ['https://shell.example/'] }, 'write "https://shell.example"'],
    [{ origins: ['http://shell.example'] }, 'TLS'],
    [{ origins: [origin], methods: ['patch'] }, 'PATCH'],
    [{ origins: [origin], methods: ['*'] }, 'methods'],
    [{ origins: [origin], methods: ['TRACE'] }, 'never sends'],
    [{ origins: [origin], headers: ['*'] }, 'Authorization'],
    [{ origins: [origin], headers: ['X One'] }, 'headers'],
    [{ origins: [origin], exposeHeaders: ['*'] }, 'exposeHeaders'],
    [{ origins: [origin], maxAgeSeconds: -1 }, 'maxAgeSeconds'],
    [{ origins: [origin], maxAgeSeconds: 1.5 }, 'maxAgeSeconds'],
    [{ origins: [origin], maxAgeSeconds: 86_401 }, 'maxAgeSeconds'],
  ])('refuses %j', (options, named) => {
    expect(() => cors(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(named) as unknown }),
    );
  });
});

function open(handler: RequestListener): Promise<string> {
  return new Promise((resolve) => {
    const server: Server = createServer(handler);
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

/** The same three answers on each kind of server: one with its own Vary, one that fails, one behind authentication. */
const servers: Readonly<Record<string, () => Promise<string>>> = {
  'node:http': () => {
    const handle = nodeCors(policy);
    return open((request, response) => {
      response.setHeader('Vary', 'Accept');
      if (handle(request, response)) return;
      if (request.headers.authorization === undefined && request.url === '/secret')
        return void response.writeHead(401).end();
      if (request.url === '/fails') return void response.writeHead(500).end();
      response.end('hello');
    });
  },
  Express: () => {
    const app = express();
    app.use((_request, response, next) => {
      response.vary('Accept');
      next();
    });
    app.use(nodeCors(policy));
    app.use('/secret', (request, response, next) =>
      request.headers.authorization === undefined ? response.status(401).end() : next(),
    );
    app.get('/fails', () => {
      throw new Error('boom');
    });
    app.use((_error: unknown, _request: unknown, response: { status(code: number): { end(): void } }, _next: unknown) =>
      response.status(500).end(),
    );
    app.use((_request, response) => response.send('hello'));
    return open(app);
  },
  Hono: () => {
    const app = new Hono();
    app.use('*', honoCors(policy));
    app.use('/secret', async (context, next) =>
      context.req.header('authorization') === undefined ? context.body(null, 401) : next(),
    );
    app.onError((_error, context) => context.body(null, 500));
    app.all('/fails', () => {
      throw new Error('boom');
    });
    app.all('*', (context) => context.text('hello', 200, { Vary: 'Accept' }));
    return open((message, response) => {
      const headers = new Headers(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
      void Promise.resolve(
        app.fetch(new Request(`http://127.0.0.1${message.url ?? ''}`, { method: message.method ?? 'GET', headers })),
      ).then(async (answer) => {
        response.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text());
      });
    });
  },
};

describe.each(Object.entries(servers))('a server with %s', (_name, start) => {
  it.each<[string, Partial<DiagnoseOptions> & { readonly path?: string }, string]>([
    ['GET', {}, 'OK'],
    ['GET with credentials', { credentials: 'include' }, 'OK'],
    [
      'PUT with credentials and headers',
      { method: 'PUT', credentials: 'include', headers: { Authorization: 'x', 'Content-Type': 'application/json' } },
      'OK',
    ],
    [
      'PATCH behind authentication, which the preflight has not',
      { method: 'PATCH', path: '/secret', headers: { Authorization: 'x' } },
      'OK',
    ],
    ['an answer of authentication', { path: '/secret' }, 'OK'],
    ['an error', { path: '/fails' }, 'OK'],
    ['another page', { origin: 'https://evil.example' }, 'ORIGIN_MISSING'],
    ['an opaque page', { origin: 'null' }, 'NULL_ORIGIN'],
    ['another method', { method: 'DELETE' }, 'METHOD_NOT_ALLOWED'],
    ['another header', { headers: { 'X-One': '1' } }, 'HEADER_NOT_ALLOWED'],
  ])('is diagnosed: %s', async (_title, { path = '/', ...options }, cause) => {
    const found = await diagnoseCors({ url: (await start()) + path, origin, isPublic: false, ...options });
    // A page with TLS cannot read plain http on loopback in WebKit: that is not what is in question here.
    expect(found.engines.chromium.cause).toBe(cause);
    const last = found.engines.chromium.exchanges.at(-1);
    const vary = last?.responseHeaders.find(([one]) => one.toLowerCase() === 'vary')?.[1] ?? '';
    expect(vary.split(/, */)).toContain('Origin');
  });

  it('keeps the Vary of the application', async () => {
    const { headers } = await fetch(await start(), { headers: { Origin: origin } });
    expect(headers.get('Vary')?.split(', ').sort()).toEqual(['Accept', 'Origin']);
  });
});

/** A server on a free port, asked once; answers the fields of `Vary`. */
const protocols: Readonly<Record<string, (say: (response: NodeAnswer) => unknown) => Promise<string[]>>> = {
  async http(say) {
    const handle = nodeCors(policy);
    const url = await open((request, response) => {
      handle(request, response);
      say(response);
      response.end('hello');
    });
    return fieldsOf((await fetch(url, { headers: { Origin: origin } })).headers.get('Vary'));
  },
  async http2(say) {
    const handle = nodeCors(policy);
    const server = createHttp2Server((request, response) => {
      handle(request, response);
      say(response);
      response.end('hello');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const request = client.request({ ':path': '/', origin });
    const headers = await new Promise<IncomingHttpHeaders>((resolve) => void request.on('response', resolve));
    return fieldsOf(headers.vary);
  },
};

type NodeAnswer = ServerResponse | Http2ServerResponse;

function fieldsOf(vary: string | readonly string[] | null | undefined): string[] {
  const text = typeof vary === 'string' ? vary : (vary ?? []).join(',');
  return [...new Set(text.toLowerCase().split(/, */))].sort();
}

describe.each(Object.entries(protocols))(
  'what an application says of Vary behind nodeCors, over %s',
  (protocol, ask) => {
    it.each<[string, (response: NodeAnswer) => unknown, string[]]>([
      ['nothing', () => undefined, ['origin']],
      ['by setHeader', (response) => response.setHeader('vary', 'Accept'), ['accept', 'origin']],
      ['a list, by setHeader', (response) => response.setHeader('Vary', ['A', 'B']), ['a', 'b', 'origin']],
      ['by appendHeader', (response) => response.appendHeader('Vary', 'Accept'), ['accept', 'origin']],
      ['by writeHead', (response) => response.writeHead(200, { Vary: 'Accept' }), ['accept', 'origin']],
      ['by writeHead, with a text', (response) => response.writeHead(200, '', { vary: 'A' }), ['a', 'origin']],
      ['that it is all, by writeHead', (response) => response.writeHead(200, { Vary: '*' }), ['*']],
      ['by removeHeader', (response) => response.removeHeader('Vary'), ['origin']],
      ['that it is Origin', (response) => response.setHeader('Vary', 'Accept, origin'), ['accept', 'origin']],
      ['that it is all', (response) => response.setHeader('Vary', '*'), ['*']],
    ])('joins Origin: %s', async (_how, say, expected) => {
      expect(await ask(say)).toEqual(expected);
    });

    it('joins Origin: a list, by writeHead', async () => {
      const list = ['VARY', 'A', 'X-One', '1'];
      const pairs = [
        ['VARY', 'A'],
        ['X-One', '1'],
      ];
      // Types of Node do not know the pairs that http2 takes, nor a list.
      const given: unknown = protocol === 'http' ? list : pairs;
      expect(await ask((response) => Reflect.apply(response.writeHead, response, [200, given]))).toEqual([
        'a',
        'origin',
      ]);
    });
  },
);
