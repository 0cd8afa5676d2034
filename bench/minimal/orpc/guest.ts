import { os, type } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';

const router = { add: os.input(type<{ a: number; b: number }>()).handler(({ input: { a, b } }) => a + b) };
export type Router = typeof router;

const { port1, port2 } = new MessageChannel();
parent.postMessage('hello', 'https://host.example', [port2]);
new RPCHandler(router).upgrade(port1, { context: {} });
port1.start();
