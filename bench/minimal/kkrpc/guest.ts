import { IframeChildIO, RPCChannel } from 'kkrpc/browser';

const api = { add: async (a: number, b: number) => a + b };
export type Api = typeof api;

new RPCChannel(new IframeChildIO(), { expose: api });
