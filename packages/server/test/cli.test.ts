import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../src/cli/cli.ts';
import { type CorsDiagnosis, cors, nodeCors } from '../src/index.ts';

async function muntin(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const code = await run(args, { out: (text) => void (out += text), error: (text) => void (error += text) });
  return { code, out, error };
}

const requests: string[] = [];

function serve(): Promise<string> {
  const handle = nodeCors(cors({ origins: ['https://shell.example'], methods: ['PUT'] }));
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      requests.push(request.method ?? '');
      if (!handle(request, response)) response.end();
    });
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
  });
}

describe('muntin cors', () => {
  it('says what is wrong and what to send, and ends with 1', async () => {
    const url = await serve();
    const { code, out } = await muntin('cors', url, '--origin', 'http://localhost:1', '--method', 'PUT');
    expect(code).toBe(1);
    expect(out).toContain('not ok  ORIGIN_MISSING');
    expect(out).toContain('add_header Access-Control-Allow-Origin "http://localhost:1" always;');
    expect(out).toContain("origins: ['http://localhost:1'], methods: ['PUT']");
    expect(out).toContain('OPTIONS ' + url);
  });

  it.each([[], ['--json']])('lets no server write to the terminal what it obeys: %j', async (...options) => {
    const server = createNetServer((socket) => {
      const evil = '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u009b2Jx';
      const head = `HTTP/1.1 302 Found\r\nLocation: /${evil}\r\nAccess-Control-Allow-Origin: ${evil}\r\n\r\n`;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.from(head, 'latin1')));
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { out } = await muntin('cors', url, '--origin', 'http://localhost:1', ...options);
    expect(out).toContain('u001b]52');
    // oxlint-disable-next-line no-control-regex -- those are what is looked for
    expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });

  it('gives the whole diagnosis as JSON, and sends no more than the preflight where it is told to', async () => {
    requests.length = 0;
    const url = await serve();
    const { out } = await muntin(
      'cors',
      url,
      '--origin',
      'https://shell.example',
      '--method',
      'PUT',
      '--only-preflight',
      '--json',
    );
    const found = JSON.parse(out) as CorsDiagnosis;
    expect(found.engines.chromium).toMatchObject({ ok: true, cause: 'OK' });
    expect(found.engines.webkit).toMatchObject({ ok: false, cause: 'MIXED_CONTENT' });
    expect(found.advice).toContain('Engines differ here');
    expect(requests).toEqual(['OPTIONS']);
  });

  it.each([
    [],
    ['cors'],
    ['cors', 'https://a.example'],
    ['cors', 'https://a.example', '--origin', 'shell'],
    ['cors', 'https://a.example', '--origin', 'https://a.example', '--colour'],
    ['cors', 'https://a.example', '--origin', 'https://a.example', '--header', 'none'],
    ['cors', 'ftp://a.example', '--origin', 'https://a.example'],
    ['fix'],
  ])('ends with 2 for what it cannot read: %j', async (...args) => {
    const { code, error } = await muntin(...args);
    expect(code).toBe(2);
    expect(error).not.toBe('');
  });
});

describe('muntin manifest', () => {
  it('writes the manifest of a contract, and says when it no longer fits', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muntin-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const module = join(folder, 'contract.mjs');
    const out = join(folder, 'muntin.json');
    const wishes = join(folder, 'wishes.json');
    const write = (version: string): Promise<void> =>
      writeFile(
        module,
        `export const ticker = { name: 'acme/ticker', version: '${version}', guest: {}, host: {} }; export const other = 1;`,
      );
    await write('1.0.0');
    await writeFile(wishes, JSON.stringify({ permissions: [{ name: 'camera', purpose: 'To see.' }] }));
    const args = [
      'manifest',
      module,
      '--url',
      '/ticker/',
      '--host',
      'https://shell.example',
      '--with',
      wishes,
      '--out',
      out,
    ];
    expect(await muntin(...args)).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(out, 'utf8'))).toEqual({
      name: 'acme/ticker',
      contract: { name: 'acme/ticker', version: '1.0.0' },
      start_url: '/ticker/',
      hosts: ['https://shell.example'],
      permissions: [{ name: 'camera', purpose: 'To see.' }],
    });
    expect(await muntin(...args, '--check')).toMatchObject({ code: 0 });
    await writeFile(out, '{}');
    expect(await muntin(...args, '--check')).toMatchObject({ code: 1 });
    expect(await muntin('manifest', module, '--url', '/ticker/', '--host', '*')).toMatchObject({
      code: 2,
      error: expect.stringContaining('hosts[0]') as unknown,
    });
    expect(await muntin('manifest', module, '--export', 'other')).toMatchObject({ code: 2 });
    await writeFile(wishes, 'no JSON');
    for (const [wrong, error] of [
      [['manifest'], 'takes one module with a contract, and was given 0'],
      [['manifest', module, module], 'takes one module with a contract, and was given 2'],
      [['manifest', module, '--check'], '--check needs --out'],
      [['manifest', module, '--with', wishes], 'is not a file with JSON'],
    ] as const)
      expect(await muntin(...wrong)).toMatchObject({ code: 2, error: expect.stringContaining(error) as unknown });
  });
});
