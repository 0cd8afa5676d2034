import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { diagnoseCors } from '../src/index.ts';

/** A server that says this, whatever it is asked, and then nothing more. */
function say(text: string, then: (socket: Socket) => void = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(text, () => then(socket)));
    });
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
    });
  });
}

it.each<[string, string, ((socket: Socket) => void)?]>([
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ['an answer that never comes', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['hints and then nothing', 'HTTP/1.1 103 Early Hints\r\n\r\n', (socket) => socket.end()],
  ['something else than HTTP', 'SSH-2.0-x\r\n'],
  ['half a head', 'HTTP/1.1 200 OK\r\nX-', (socket) => socket.destroy()],
])('comes to an end where a server answers with %s', async (_title, text, then) => {
  const url = await say(text, then);
  const found = await diagnoseCors({ url, origin: 'http://shell.example', isPublic: false, timeoutMs: 300 });
  expect(found).toMatchObject({ ok: false, cause: 'NO_ANSWER' });
  expect(found.exchanges[0]?.error).not.toBe('');
});

it.each(['constructor', '__proto__', 'toString', 'x-one'])(
  'sends a header named %s, as often as it is given',
  async (name) => {
    const came: string[] = [];
    const server = createHttpServer(({ method, rawHeaders }, response) => {
      for (let at = 0; at < rawHeaders.length; at += 2)
        if (method === 'GET' && rawHeaders[at] === name) came.push(rawHeaders[at + 1] ?? '');
      response
        .writeHead(204, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': name, Vary: 'Origin' })
        .end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const headers = [
      [name, 'a'],
      [name, 'b'],
    ] as const;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const found = await diagnoseCors({ url, origin: 'http://shell.example', isPublic: false, headers });
    expect(found.exchanges.map(({ status }) => status)).toEqual([204, 204]);
    expect(came).toEqual(['a', 'b']);
  },
);
