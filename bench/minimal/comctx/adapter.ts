import { type Adapter, defineProxy } from 'comctx';

export const adapterFor = (target: Window, origin: string): Adapter => ({
  sendMessage: (message) => target.postMessage(message, origin),
  onMessage: (callback) => {
    addEventListener('message', (event) => {
      if (event.source === target && event.origin === origin) callback(event.data);
    });
  },
});

export const [provide, inject] = defineProxy(() => ({ add: async (a: number, b: number) => a + b }), {
  namespace: 'sums',
});
