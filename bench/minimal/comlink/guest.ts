import * as Comlink from 'comlink';

const api = { add: (a: number, b: number) => a + b };
export type Api = typeof api;

Comlink.expose(api, Comlink.windowEndpoint(parent, self, 'https://host.example'), ['https://host.example']);
