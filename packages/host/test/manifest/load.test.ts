import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';

const contract = { name: 'acme/ticker', version: '1.4.0' };
const good = {
  name: 'ACME prices',
  contract: { name: 'acme/ticker', version: '1.2.0' },
  start_url: '../ticker/',
  hosts: ['https://shell.example'],
};

function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer(handler);
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

const answering = (body: unknown, status = 200): Promise<string> =>
  serve((_request, response) => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)));

describe('loadManifest', () => {
  it('finds it by the origin, asks without cookies, and says how to mount', async () => {
    const seen: IncomingMessage[] = [];
    const origin = await serve((request, response) => {
      seen.push(request);
      response.end(
        JSON.stringify({
          ...good,
          icons: [{ src: '/i.png' }, { src: 'javascript:alert(1)' }],
          permissions: [{ name: 'camera', purpose: 'To see.' }],
        }),
      );
    });
    const loaded = await loadManifest(origin, { contract });
    expect(seen.map(({ url, headers }) => [url, headers.cookie, headers.referer])).toEqual([
      ['/.well-known/muntin.json', undefined, undefined],
    ]);
    expect(loaded.mountOptions).toEqual({ url: `${origin}/ticker/`, title: 'ACME prices' });
    expect(loaded.wishes).toEqual({
      grants: [],
      fetch: [],
      permissions: [{ name: 'camera', purpose: 'To see.' }],
      sandbox: [],
    });
    expect(loaded.icons).toEqual([`${origin}/i.png`]);
  });

  it.each<[string, () => Promise<string>, string, RegExp]>([
    ['a status', () => answering('gone', 404), 'MANIFEST_NOT_LOADED', /404/],
    ['text that is no JSON', () => answering('<!doctype html>'), 'MANIFEST_INVALID', /not one/],
    ['a field that is wrong', () => answering({ ...good, hosts: ['*'] }), 'MANIFEST_INVALID', /hosts\[0\]/],
    [
      'a page on another origin',
      () => answering({ ...good, start_url: 'https://evil.example/' }),
      'MANIFEST_INVALID',
      /start_url/,
    ],
    [
      'a page that is a script',
      () => answering({ ...good, start_url: 'javascript:alert(1)' }),
      'MANIFEST_INVALID',
      /start_url/,
    ],
    [
      'a page that is a blob of its own origin',
      async () => {
        const origin: string = await serve((_request, response) => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ ...good, start_url: `blob:${origin}/0` }));
        });
        return origin;
      },
      'MANIFEST_INVALID',
      /start_url/,
    ],
    [
      'another contract',
      () => answering({ ...good, contract: { name: 'evil/ticker', version: '1.2.0' } }),
      'CONTRACT_MISMATCH',
      /evil\/ticker/,
    ],
    [
      'another major version',
      () => answering({ ...good, contract: { name: 'acme/ticker', version: '2.0.0' } }),
      'CONTRACT_MISMATCH',
      /2\.0\.0/,
    ],
    ['too much', () => answering({ ...good, description: 'x'.repeat(70_000) }), 'MANIFEST_NOT_LOADED', /larger/],
    [
      'bytes that are no UTF-8',
      () => serve((_request, response) => response.end(Buffer.of(0x22, 0xff, 0x22))),
      'MANIFEST_INVALID',
      /not one/,
    ],
  ])('refuses %s', async (_title, start, code, message) => {
    await expect(loadManifest(await start(), { contract })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
  });

  it.each([
    { maxBytes: Number.NaN },
    { maxBytes: 0 },
    { maxBytes: '64kb' as never },
    { timeoutMs: Number.NaN },
    { timeoutMs: 2 ** 31 },
  ])('refuses %j, which would be no limit', async (wrong) => {
    await expect(loadManifest('https://guest.example', { contract, ...wrong })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it('does not read what never ends', async () => {
    let written = 0;
    const origin = await serve((_request, response) => {
      const more = (): void => {
        written += 65_536;
        if (!response.destroyed) response.write(Buffer.alloc(65_536, ' '), () => setImmediate(more));
      };
      more();
    });
    await expect(loadManifest(origin, { contract })).rejects.toMatchObject({
      code: 'MANIFEST_NOT_LOADED',
      data: { cause: 'TOO_LARGE' },
    });
    expect(written).toBeLessThan(50e6);
  });

  it('does not wait for ever, and ends when it is told to', async () => {
    const origin = await serve(() => undefined);
    await expect(loadManifest(origin, { contract, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'MANIFEST_NOT_LOADED',
      data: { cause: 'TIMED_OUT' },
    });
    const abort = new AbortController();
    const loading = loadManifest(origin, { contract, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(loading).rejects.toThrow('enough');
  });

  it('does not wait for ever for the reason of a failure either', async () => {
    const origin = await serve((request) => void request.socket.destroy());
    const explain = (): Promise<never> => new Promise(() => undefined);
    await expect(loadManifest(origin, { contract, timeoutMs: 200, explain })).rejects.toMatchObject({
      code: 'MANIFEST_NOT_LOADED',
      data: { cause: 'TIMED_OUT' },
    });
    const abort = new AbortController();
    const loading = loadManifest(origin, { contract, signal: abort.signal, explain });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(loading).rejects.toThrow('enough');
  });

  it('takes no user info into the addresses that it gives', async () => {
    const start = await serve((request, response) =>
      response.end(JSON.stringify({ ...good, start_url: `http://user:secret@${request.headers.host}/ticker/` })),
    );
    await expect(loadManifest(start, { contract })).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    const icon = await answering({ ...good, icons: [{ src: 'https://user@icons.example/i.png' }, { src: '/i.png' }] });
    expect((await loadManifest(icon, { contract })).icons).toEqual([`${icon}/i.png`]);
  });

  it('follows no redirect, and says so: what looks for another reason would follow it, and find none', async () => {
    const seen: unknown[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(loadManifest(origin, { contract })).rejects.toMatchObject({
      code: 'MANIFEST_NOT_LOADED',
      data: { cause: 'REDIRECT' },
      message: expect.stringContaining('redirect') as unknown,
    });
    expect(seen).toEqual(['/.well-known/muntin.json']);
  });

  it('says what the explanation says, where there was no answer', async () => {
    const origin = await serve((request) => request.socket.destroy());
    await expect(
      loadManifest(origin, { contract, explain: async () => ({ cause: 'CORS', advice: 'Add a header.' }) }),
    ).rejects.toMatchObject({
      code: 'MANIFEST_NOT_LOADED',
      data: { cause: 'CORS' },
      message: expect.stringContaining('Add a header.') as unknown,
    });
  });

  it.each(['', 'shell', 'file:///x', 'https://user:secret@a.example/'])('throws for the address %j', async (url) => {
    await expect(loadManifest(url, { contract })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

it.each<[string, number, string | Buffer, object]>([
  ['that is no UTF-8', 200, Buffer.from([0xff, 0xff]), {}],
  ['that is too large', 200, 'x'.repeat(64), { maxBytes: 8 }],
  ['with a status', 404, 'gone', {}],
])('ends the download of an answer %s', async (_, status, start, options) => {
  let isClosed = false;
  const origin = await serve((_request, response) => {
    response.on('close', () => (isClosed = true));
    response.writeHead(status).write(start); // and the rest never comes
  });
  await expect(loadManifest(origin, { contract, ...options })).rejects.toThrow('The manifest');
  await expect.poll(() => isClosed).toBe(true);
});
