import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import {
  attachBroker,
  type BrokeredFetch,
  type BrokerOptions,
  denialOf,
  type FetchGrant,
} from '../../src/fetch/index.ts';
import { byReference, contract, type Extensible, extension, observable, type Use } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';

const bare = contract({ name: 'test/net', version: '1.0.0' });
/** The names of the broker's extension, as a peer may use them that is not ours. */
const foreign = extension('muntin/fetch', { host: { fetch: observable<unknown, unknown>() } });

/** A guest and a host with something in `use`. */
function pairWith(host: Use, guest: Use): { readonly host: Extensible; readonly guest: Extensible } {
  return openPair(bare, { host: {}, guest: {}, use: { host: [host], guest: [guest] } });
}

beforeAll(() => vi.stubGlobal('origin', 'https://shell.example'));
afterAll(() => void vi.unstubAllGlobals());

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
  readonly broker: {
    readonly log: readonly {
      readonly url: string;
      readonly outcome: string;
      readonly rule?: string;
      readonly bytesSent: number;
      readonly bytesReceived: number;
    }[];
  };
  readonly close: () => void;
}

/** A guest that fetches through a host, over a real port. */
function start(origin: string, grant: Partial<FetchGrant> = {}, more: Partial<BrokerOptions> = {}): Bench {
  const host = attachBroker('host', { grants: [{ origin, paths: ['/*'], ...grant }], ...more });
  const guest = attachBroker('guest', {});
  const pair = openPair(bare, { host: {}, guest: {}, use: { host: [host], guest: [guest] } });
  return { fetch: guest.of(pair.guest).fetch, broker: host.of(pair.host), close: pair.close };
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

  it('sends the body of a Request, also where the engine has no Request.body, as Firefox has none', async () => {
    const origin = await serve((request, response) => void request.pipe(response));
    const { fetch } = start(origin, { methods: ['POST', 'PUT'] });
    const make = (): Request => new Request(`${origin}/a`, { method: 'POST', body: 'hello' });
    const without = (request: Request): Request => Object.defineProperty(request, 'body', { value: undefined });
    expect(await (await fetch(make())).text()).toBe('hello');
    expect(await (await fetch(without(make()))).text()).toBe('hello');
    expect(await (await fetch(without(make()), { method: 'PUT', body: 'other' })).text()).toBe('other');
    expect(await (await fetch(without(new Request(`${origin}/a`, { method: 'PUT' })))).text()).toBe('');
    const used = make();
    await used.text();
    await expect(fetch(without(used))).rejects.toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['a text', 'hello'],
    ['other numbers', new Uint16Array([1, 2, 300])],
    ['a buffer', new ArrayBuffer(3)],
    ['nothing', null],
  ])(
    'refuses a stream whose chunk is %s, as fetch does: it would be lost or changed on its way',
    async (_title, chunk) => {
      let isStopped = false;
      const origin = await serve((request, response) => void request.pipe(response));
      const { fetch } = start(origin, { methods: ['POST'] });
      const body = new ReadableStream<unknown>({
        start: (controller) => controller.enqueue(chunk),
        cancel: () => void (isStopped = true),
      });
      const init: RequestInit = { method: 'POST', body: body as ReadableStream<Uint8Array<ArrayBuffer>> };
      await expect(fetch(`${origin}/a`, init)).rejects.toThrow(/no Uint8Array/);
      await expect.poll(() => isStopped).toBe(true);
    },
  );

  it('gives the place of an answer back that nobody reads, nor has any more', { timeout: 20_000 }, async () => {
    const origin = await serve((_request, response) => response.end(Buffer.alloc(2_000_000)));
    const { fetch, broker } = start(origin, {}, { maxOpen: 1 });
    const only = async (): Promise<number> => (await fetch(`${origin}/a`)).status;
    expect(await only()).toBe(200);
    const second = only();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const outcome = (): string | undefined => {
      collect();
      return broker.log[0]?.outcome;
    };
    await expect.poll(outcome, { timeout: 10_000 }).toBe('cancelled');
    expect(await second).toBe(200);
  });

  it('throws for user info in an address, as fetch does, before the other side gets to know it', async () => {
    const origin = await serve((_request, response) => response.end('x'));
    const { fetch, broker } = start(origin);
    await expect(fetch(`${origin.replace('//', '//user:secret@')}/a`)).rejects.toThrow(TypeError);
    await (await fetch(`${origin}/b`)).text();
    expect(broker.log.map(({ url }) => url)).toEqual([`${origin}/b`]);
  });

  it.each(['TRACE', 'connect', 'A B', ''])(
    'throws for the method %j, as fetch does, and asks nobody',
    async (method) => {
      const { fetch, broker } = start('https://api.example');
      const init = { method };
      await expect(globalThis.fetch('https://api.example/', init)).rejects.toThrow(TypeError);
      await expect(fetch('https://api.example/', init)).rejects.toThrow(TypeError);
      expect(broker.log).toEqual([]);
    },
  );

  it('lets the caller take the signal of a Request away, as fetch does', async () => {
    const origin = await serve((_request, response) => response.end('x'));
    const request = new Request(`${origin}/a`, { signal: AbortSignal.abort() });
    const { fetch } = start(origin);
    await expect(fetch(request)).rejects.toMatchObject({ name: 'AbortError' });
    expect((await fetch(request, { signal: null })).status).toBe(200);
  });

  it('tells the source of a body why it is not read any more', async () => {
    const origin = await serve(() => undefined);
    const { fetch, broker } = start(origin, { methods: ['POST'] });
    const why: unknown[] = [];
    const post = (signal: AbortSignal): Promise<Response> =>
      fetch(`${origin}/a`, {
        method: 'POST',
        body: new ReadableStream({ cancel: (reason) => void why.push(reason) }),
        signal,
      });
    const late = new AbortController();
    const within = post(late.signal);
    await expect.poll(() => broker.log.length).toBe(1);
    late.abort('late');
    await expect(within).rejects.toBe('late');
    await expect.poll(() => why).toEqual(['late']);
  });

  it('answers HEAD without a body, as fetch does, and has no place taken by it', async () => {
    const origin = await serve((_request, response) => response.writeHead(200, { 'content-length': '9' }).end());
    const { fetch, broker } = start(origin);
    const response = await fetch(`${origin}/a`, { method: 'HEAD' });
    expect([response.status, response.body]).toEqual([200, null]);
    await expect.poll(() => broker.log[0]?.outcome).toBe('answered');
  });

  it('waits for a piece of the body for as long as it takes: the time of a call is not the time of a body', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const origin = await serve((request, response) => void request.pipe(response));
    const { fetch, broker } = start(origin, { methods: ['POST'] });
    let give: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (give = controller) });
    const answer = fetch(`${origin}/a`, { method: 'POST', body }).then((response) => response.text());
    const wait = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
        vi.advanceTimersByTime(1000);
      }
    };
    await wait(60);
    give?.enqueue(new TextEncoder().encode('one, '));
    await wait(60);
    expect(broker.log[0]).toMatchObject({ outcome: 'open', bytesSent: 5 });
    give?.enqueue(new TextEncoder().encode('two'));
    give?.close();
    expect(await answer).toBe('one, two');
  });

  it('waits no longer than five minutes for a piece: whoever pauses keeps a place that others wait for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const origin = await serve((request, response) => void request.pipe(response));
    const { fetch, broker } = start(origin, { methods: ['POST'] });
    const ended = fetch(`${origin}/a`, { method: 'POST', body: new ReadableStream() }).catch((error: unknown) => error);
    for (let second = 0; second < 310; second++) {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      vi.advanceTimersByTime(1000);
    }
    expect(await ended).toMatchObject({ code: 'FETCH_FAILED', message: expect.stringContaining('paused') as unknown });
    expect(broker.log[0]).toMatchObject({ outcome: 'failed', bytesSent: 0 });
  });

  it('sends a body while it is read, where a grant says so: the server has a piece before the guest has made the next', async () => {
    const seen: string[] = [];
    const origin = await serve((request, response) => {
      request
        .setEncoding('utf8')
        .on('data', (part: string) => seen.push(part))
        .on('end', () => response.end('read'));
    });
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const made = ['one', 'two', 'three'][seen.length];
      if (made === undefined) return controller.close();
      const before = seen.length;
      controller.enqueue(new TextEncoder().encode(made));
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(before));
    };
    const { fetch, broker } = start(origin, { methods: ['POST'], streamsRequests: true, maxRequestBytes: 11 });
    const post = (body: BodyInit): Promise<Response> => fetch(`${origin}/a`, { method: 'POST', body });
    expect(await (await post(new ReadableStream({ pull }, { highWaterMark: 0 }))).text()).toBe('read');
    expect(seen).toEqual(['one', 'two', 'three']);
    expect(broker.log[0]).toMatchObject({ outcome: 'answered', bytesSent: 11 });
    await expect(post('twelve bytes')).rejects.toMatchObject({ code: 'DENIED', data: { rule: 'request-bytes' } });
    await expect.poll(() => broker.log[1]).toMatchObject({ outcome: 'refused', rule: 'request-bytes' });
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
    const seen: string[] = [];
    const closed: string[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.on('close', () => closed.push(request.url ?? ''));
      if (request.url === '/within') response.write('x');
    });
    const { fetch, broker } = start(origin);
    const before = new AbortController();
    const waiting = fetch(`${origin}/before`, { signal: before.signal });
    await expect.poll(() => seen, { timeout: 4000 }).toEqual(['/before']);
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

  it('meets nobody who waits for a place: requests beyond the places are sent when one is free', async () => {
    const open = new Set<ServerResponse>();
    let most = 0;
    const origin = await serve((_request, response) => {
      open.add(response);
      most = Math.max(most, open.size);
      setTimeout(() => {
        open.delete(response);
        response.end('x');
      }, 5);
    });
    const { fetch } = start(origin, {}, { maxOpen: 2 });
    const texts = Array.from({ length: 40 }, async (_, index) => (await fetch(`${origin}/${index}`)).text());
    expect(await Promise.all(texts)).toEqual(Array.from({ length: 40 }, () => 'x'));
    expect(most).toBeLessThanOrEqual(2);
  });

  it('meets who waits behind a thousand others, and those who gave up waiting leave their place in the queue', async () => {
    const seen: string[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.write('x');
    });
    const { fetch } = start(origin, { callsPerMinute: 5000 }, { maxOpen: 1 });
    const first = await fetch(`${origin}/first`);
    const leaving = new AbortController();
    const waiting = Array.from({ length: 1000 }, (_, index) =>
      fetch(`${origin}/${index}`, { signal: leaving.signal }).catch((error: Error) => error.name),
    );
    await expect(fetch(`${origin}/last`)).rejects.toMatchObject({ code: 'DENIED', data: { rule: 'open-calls' } });
    leaving.abort();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['AbortError']));
    const next = fetch(`${origin}/next`);
    await first.body?.cancel();
    expect((await next).status).toBe(200);
    expect(seen).toEqual(['/first', '/next']);
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
    // A page is told nothing of where it led; in Node an answer would have said it.
    const closed: unknown = await start(origin)
      .fetch(`${origin}/on`)
      .catch((error: unknown) => error);
    expect(denialOf(closed)).toEqual({ rule: 'redirect', value: origin });
    expect(String(closed)).toMatch(/redirects: true/);
    const { fetch } = start(origin, { redirects: true });
    expect(await (await fetch(`${origin}/on`)).text()).toBe('end');
    await expect(fetch(`${origin}/away`)).rejects.toMatchObject({
      code: 'DENIED',
      data: { rule: 'redirect', value: hidden },
    });
  });

  it('learns no more of where a redirect led than its origin: the rest may be a key, as in signed addresses', async () => {
    const hidden = await serve((_request, response) => response.end('secret'));
    const origin = await serve((request, response) => {
      const to = request.url === '/other' ? hidden : '';
      response.writeHead(request.url?.startsWith('/signed') ? 200 : 302, { location: `${to}/signed?key=k3y` }).end();
    });
    const { fetch } = start(origin, { paths: ['/other', '/own'], redirects: true });
    for (const path of ['/other', '/own']) {
      const error: unknown = await fetch(`${origin}${path}`).catch((thrown: unknown) => thrown);
      expect(denialOf(error)).toEqual({ rule: 'redirect', value: path === '/own' ? origin : hidden });
      expect(String(error)).not.toMatch(/signed|k3y/);
    }
  });

  it('is asked for in a way that lets no server ask the user of this page for a password', async () => {
    const asked = vi.spyOn(globalThis, 'fetch');
    onTestFinished(() => asked.mockRestore());
    const origin = await serve((_request, response) => response.end('x'));
    await start(origin, { credentials: 'include' }).fetch(`${origin}/a`);
    expect(asked.mock.lastCall?.[1]).toMatchObject({ window: null, credentials: 'include', cache: 'no-store' });
  });

  it('meets a status that no Response can have as a failure, and the log has it', async () => {
    const origin = await serve((_request, response) => response.writeHead(999, 'Denied').end());
    const { fetch, broker } = start(origin);
    await expect(fetch(`${origin}/a`)).rejects.toMatchObject({
      code: 'FETCH_FAILED',
      message: expect.stringContaining('999') as unknown,
    });
    await expect.poll(() => broker.log[0]).toMatchObject({ outcome: 'failed', status: 999 });
  });
});

describe('the extension', () => {
  it('fetches in both directions, each by the grants of the side that is asked', async () => {
    const origin = await serve((request, response) => response.end(request.url));
    const host = attachBroker('host', { grants: [{ origin, paths: ['/guest/*'] }] });
    const guest = attachBroker('guest', { grants: [{ origin, paths: ['/host/*'] }] });
    const pair = pairWith(host, guest);
    expect(await (await guest.of(pair.guest).fetch(`${origin}/guest/a`)).text()).toBe('/guest/a');
    expect(await (await host.of(pair.host).fetch(`${origin}/host/a`)).text()).toBe('/host/a');
    await expect(host.of(pair.host).fetch(`${origin}/guest/a`)).rejects.toMatchObject({ data: { rule: 'path' } });
    expect(host.of(pair.host).log.map(({ url }) => url)).toEqual([`${origin}/guest/a`]);
    expect(await pair.host.supports(guest)).toBe(true);
  });

  it('fetches over a session with a codec as over one without', async () => {
    const origin = await serve((request, response) => void request.pipe(response));
    const host = attachBroker('host', { grants: [{ origin, paths: ['/*'], methods: ['POST'] }] });
    const guest = attachBroker('guest', {});
    const pair = openPair(bare, {
      host: {},
      guest: {},
      use: { host: [host], guest: [guest] },
      codec: superjsonCodec(),
    });
    const sent = Buffer.alloc(70_000, 7);
    const response = await guest.of(pair.guest).fetch(`${origin}/a`, { method: 'POST', body: sent });
    expect(sent.equals(new Uint8Array(await response.arrayBuffer()))).toBe(true);
    await expect(guest.of(pair.guest).fetch(`${origin}/a`)).rejects.toMatchObject({ data: { rule: 'method' } });
  });

  it('has a log and counts of its own for each mount that uses it', async () => {
    const origin = await serve((request, response) => response.end(request.url));
    const host = attachBroker('host', { grants: [{ origin, paths: ['/*'], callsPerMinute: 1 }] });
    const guest = attachBroker('guest', {});
    const [one, two] = [pairWith(host, guest), pairWith(host, guest)];
    expect((await guest.of(one.guest).fetch(`${origin}/one`)).status).toBe(200);
    expect((await guest.of(two.guest).fetch(`${origin}/two`)).status).toBe(200);
    await expect(guest.of(one.guest).fetch(`${origin}/more`)).rejects.toMatchObject({
      data: { rule: 'calls-per-minute' },
    });
    expect(host.of(two.host).log.map(({ url }) => url)).toEqual([`${origin}/two`]);
  });

  it('tells a side whose other side has none, and denies with denialOf what is not granted', async () => {
    const guest = attachBroker('guest', {});
    const pair = openPair(bare, { host: {}, guest: {}, use: { guest: [guest] } });
    await expect(guest.of(pair.guest).fetch('https://api.example/')).rejects.toMatchObject({
      code: 'PROCEDURE_NOT_FOUND',
    });
    expect(await pair.guest.supports(guest)).toBe(false);
    const { fetch } = start('https://api.example', { paths: ['/v1/*'] });
    const error: unknown = await fetch('https://api.example/').catch((thrown: unknown) => thrown);
    expect(denialOf(error)).toEqual({ rule: 'path', value: '/' });
    expect(denialOf(new Error('other'))).toBeUndefined();
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', { grant: [] }, /no option "grant".*"grants"/],
    [
      'an unknown option of a grant',
      { grants: [{ origin: 'https://a.example', path: ['/'] }] },
      /"grants\[0\]\.path".*"paths"/,
    ],
    ['grants that are no list', { grants: {} }, /grants is/],
    ['no places', { maxOpen: 0 }, /maxOpen is 0/],
    ['a place and a half', { maxOpen: 1.5 }, /maxOpen is 1.5/],
    [
      'credentials of another word',
      { grants: [{ origin: 'https://a.example', paths: ['/'], credentials: 'same-origin' }] },
      /credentials is or has "same-origin"/,
    ],
    ['the own origin, by accident', { grants: [{ origin: 'https://shell.example', paths: ['/'] }] }, /isOwnOrigin/],
    [
      'another origin as the own',
      { grants: [{ origin: 'https://a.example', isOwnOrigin: true, paths: ['/'] }] },
      /isOwnOrigin/,
    ],
  ])('refuses %s at once', (_title, options, message) => {
    expect(() => attachBroker('host', options)).toThrow(message);
    expect(() => attachBroker('host', options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('judges the last address of a redirect with the headers that went there', async () => {
    const hidden = await serve((_request, response) => response.end('secret'));
    const origin = await serve((_request, response) => response.writeHead(302, { location: `${hidden}/a` }).end());
    const host = attachBroker('host', {
      grants: [
        { origin, paths: ['/*'], headers: ['x-key'], redirects: true },
        { origin: hidden, paths: ['/*'], redirects: true },
      ],
    });
    const guest = attachBroker('guest', {});
    const { fetch } = guest.of(pairWith(host, guest).guest);
    expect(await (await fetch(`${origin}/a`)).text()).toBe('secret');
    await expect(fetch(`${origin}/a`, { headers: { 'x-key': '1' } })).rejects.toMatchObject({
      data: { rule: 'redirect' },
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
    [
      'headers that are large together',
      { ...call, headers: Array.from({ length: 5 }, () => ['a', 'b'.repeat(16_000)]) },
    ],
    ['a body that is none', { ...call, body: 'text' }],
  ])('is refused as a call: %s', async (_title, wrong) => {
    const host = attachBroker('host', {});
    const guest = foreign.onGuest();
    const pair = pairWith(host, guest);
    const ask = guest.of(pair.guest).fetch(structuredCloneOf(wrong));
    await expect(ask[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: expect.stringMatching(/INPUT_INVALID|VALUE_NOT_CLONEABLE/) as unknown,
    });
    expect(host.of(pair.host).log).toEqual([]);
  });

  it.each<[string, readonly unknown[]]>([
    ['a status that no Response has', [{ status: 99, statusText: '', headers: [] }]],
    ['a status that is text', [{ status: '200', statusText: '', headers: [] }]],
    ['bytes without a head', [new Uint8Array(1)]],
    ['bytes that show a part of what they bring', [new Uint8Array(2).subarray(1)]],
    ['nothing', []],
    ['null', [null]],
  ])('is refused as an answer: %s', async (_title, parts) => {
    const guest = attachBroker('guest', {});
    const pair = pairWith(foreign.onHost({ fetch: () => parts }), guest);
    await expect(guest.of(pair.guest).fetch('https://api.example/')).rejects.toMatchObject({
      code: expect.stringMatching(/OUTPUT_INVALID|FETCH_FAILED/) as unknown,
    });
  });
});

describe('nothing is held when it is over', () => {
  it('waits for no piece of a body that does not come: whoever cancels gives the place back', async () => {
    const origin = await serve((_request, response) => response.end('ok'));
    const grant = { origin, paths: ['/*'], methods: ['GET', 'POST'] };
    const network = attachBroker('host', { grants: [grant], maxOpen: 1 });
    const guest = foreign.onGuest();
    const pair = pairWith(network, guest);
    const { fetch } = guest.of(pair.guest);
    const silent = byReference({ next: () => new Promise<never>(() => undefined) });
    const asked = fetch({ url: `${origin}/a`, method: 'POST', headers: [], body: silent }).subscribe({
      error: () => 0,
    });
    const { log } = network.of(pair.host);
    await vi.waitFor(() => expect(log).toHaveLength(1));
    asked.unsubscribe();
    await vi.waitFor(() => expect(log[0]?.outcome).toBe('cancelled'));
    const heads: unknown[] = [];
    fetch({ url: `${origin}/b`, method: 'GET', headers: [] }).subscribe({ next: (value) => heads.push(value) });
    await vi.waitFor(() => expect(heads[0]).toMatchObject({ status: 200 }));
  });

  it('takes no pieces of a body that show one byte of what they bring: only that byte would be counted', async () => {
    const network = attachBroker('host', {
      grants: [{ origin: 'https://api.example', paths: ['/*'], methods: ['POST'] }],
    });
    const guest = foreign.onGuest();
    const pair = pairWith(network, guest);
    const body = byReference({ next: () => new Uint8Array(1_000_000).subarray(1, 2) });
    const call = { url: 'https://api.example/a', method: 'POST', headers: [], body };
    await expect(guest.of(pair.guest).fetch(call)[Symbol.asyncIterator]().next()).rejects.toThrow(/failed/);
    expect(network.of(pair.host).log[0]).toMatchObject({ outcome: 'failed', bytesSent: 0 });
  });

  it('is not kept asking by a body that says at once that it has nothing yet', async () => {
    const network = attachBroker('host', {
      grants: [{ origin: 'https://api.example', paths: ['/*'], methods: ['POST'] }],
    });
    const guest = foreign.onGuest();
    const pair = pairWith(network, guest);
    let asked = 0;
    const body = byReference({
      next: () => {
        asked++;
        return null;
      },
    });
    const call = { url: 'https://api.example/a', method: 'POST', headers: [], body };
    await expect(guest.of(pair.guest).fetch(call)[Symbol.asyncIterator]().next()).rejects.toThrow(/failed/);
    expect(network.of(pair.host).log[0]).toMatchObject({ outcome: 'failed', bytesSent: 0 });
    expect(asked).toBe(1);
  });

  it('ends a body that is sent while it is read, at both ends, when whoever fetches gives up or the server has answered', async () => {
    const closed: string[] = [];
    const origin = await serve((request, response) => {
      request.resume();
      response.on('close', () => closed.push(request.url ?? ''));
      if (request.url === '/early') response.writeHead(413).end('too much');
    });
    const { fetch, broker } = start(origin, { methods: ['POST'], streamsRequests: true });
    const { signal, abort } = aborting();
    const one = endless();
    const given = fetch(`${origin}/late`, { method: 'POST', body: one.body, signal });
    await expect.poll(() => broker.log[0]?.bytesSent).toBeGreaterThan(1);
    abort();
    await expect(given).rejects.toThrow(/enough/);
    const two = endless();
    const answer = await fetch(`${origin}/early`, { method: 'POST', body: two.body });
    expect([answer.status, await answer.text()]).toEqual([413, 'too much']);
    await expect.poll(() => [one.isCancelled(), two.isCancelled()]).toEqual([true, true]);
    await expect.poll(() => closed.sort()).toEqual(['/early', '/late']);
    await expect.poll(() => broker.log.map(({ outcome }) => outcome)).toEqual(['cancelled', 'answered']);
  });

  it('stays of use after a storm of requests that were aborted at once, while they waited, and on their way', async () => {
    let asked = 0;
    const origin = await serve((request, response) => {
      asked++;
      if (request.url === '/last') response.end('ok');
    });
    const { fetch, broker } = start(origin, { callsPerMinute: 100_000 }, { maxOpen: 4 });
    const ends = Array.from({ length: 2000 }, async (_, index) => {
      const storm = new AbortController();
      const answer = fetch(`${origin}/${index}`, { signal: storm.signal });
      if (index % 3 === 1) queueMicrotask(() => storm.abort());
      else if (index % 3 === 0) storm.abort();
      else setTimeout(() => storm.abort(), index % 50);
      return answer.then(
        () => 'answered',
        (error: Error) => error.name,
      );
    });
    // Who came when a thousand were waiting has been refused; nobody hangs, and nothing was answered.
    for (const end of await Promise.all(ends)) expect(['AbortError', 'MuntinError']).toContain(end);
    expect(await (await fetch(`${origin}/last`)).text()).toBe('ok');
    await expect.poll(() => broker.log.filter(({ outcome }) => outcome === 'open')).toEqual([]);
    expect(asked).toBeLessThan(700);
  });

  /** A body that never ends, and whether whoever fetches has let go of it. */
  function endless(): { readonly body: ReadableStream<Uint8Array>; readonly isCancelled: () => boolean } {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        new Promise((resolve) => setTimeout(resolve, 5)).then(() => controller.enqueue(new Uint8Array(1))),
      cancel: () => {
        isCancelled = true;
      },
    });
    return { body, isCancelled: () => isCancelled };
  }

  it.each<
    [string, RegExp, (fetch: BrokeredFetch, body: ReadableStream<Uint8Array>, origin: string) => Promise<unknown>]
  >([
    ['is refused', /granted/, (fetch, body, origin) => fetch(`${origin}/a`, { method: 'PUT', body })],
    ['is too large', /granted/, (fetch, body, origin) => fetch(`${origin}/a`, { method: 'POST', body })],
    [
      'is aborted',
      /enough/,
      (fetch, body, origin) => {
        const { signal, abort } = aborting();
        setTimeout(abort, 20);
        return fetch(`${origin}/a`, { method: 'POST', body, signal });
      },
    ],
  ])('the body of a request that %s is cancelled, as fetch does', async (_title, why, ask) => {
    const origin = await serve((_request, response) => response.end());
    const { fetch, broker } = start(origin, { methods: ['POST'], maxRequestBytes: 10 });
    const { body, isCancelled } = endless();
    await expect(ask(fetch, body, origin)).rejects.toThrow(why);
    await expect.poll(isCancelled).toBe(true);
    await expect.poll(() => broker.log.map(({ outcome }) => outcome)).not.toEqual(['open']);
  });

  it.each<[string, readonly unknown[]]>([
    ['bytes without a head', [new Uint8Array(1)]],
    ['a head that no Response has', [{ status: 200, statusText: '\n', headers: [] }]],
    [
      'a head in the body',
      [
        { status: 200, statusText: '', headers: [] },
        { status: 200, statusText: '', headers: [] },
      ],
    ],
  ])('a stream that brings %s is ended', async (_title, parts) => {
    let isEnded = false;
    async function* answer(): AsyncGenerator<unknown> {
      try {
        yield* parts;
        await new Promise((resolve) => setTimeout(resolve, 50));
        yield new Uint8Array(1);
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      } finally {
        isEnded = true;
      }
    }
    const guest = attachBroker('guest', {});
    const pair = pairWith(foreign.onHost({ fetch: answer }), guest);
    const read = async (): Promise<string> => (await guest.of(pair.guest).fetch('https://api.example/')).text();
    await expect(read()).rejects.toThrow(/head|statusText|piece/i);
    await expect.poll(() => isEnded).toBe(true);
  });
});

function aborting(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error('enough')) };
}

/** What can cross of it: the tests are about shapes, not about functions. */
function structuredCloneOf(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
