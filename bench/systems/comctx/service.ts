import { type Adapter, defineProxy } from 'comctx';
import { job, padding, readable, type StreamRequest, type Tick, visit } from '../../page/job.ts';

/** An adapter as its README has it for frames, with the origins that its README leaves open. */
export const windowAdapter = (target: Window, origin: string): Adapter => ({
  sendMessage: (message, transfer) => target.postMessage(message, origin, transfer),
  onMessage: (callback) => {
    const listen = (event: MessageEvent): void => {
      if (event.source === target && event.origin === origin) callback(event.data);
    };
    addEventListener('message', listen);
    return () => removeEventListener('message', listen);
  },
});

const calls = {
  ...padding(() => async () => undefined),
  add: async (input: Parameters<typeof job.add>[0]) => job.add(input),
  echo: async (value: unknown) => value,
  visit: async (ticks: readonly Tick[], onDone: (count: number) => void) => visit(ticks, onDone),
  produced: async () => job.produced(),
  stop: async () => job.stop(),
};

// Its option to transfer is for a whole service: buffers and streams have one of their own, so that calls do not pay for it.
const transfers = {
  give: async (buffer: ArrayBuffer) => buffer,
  stream: async (request: StreamRequest) => readable(request),
};

// The frame has loaded when anybody calls: its question before every call, whether the other side is there, is not needed.
const common = { heartbeatCheck: false };

export const [provideCalls, injectCalls] = defineProxy(() => calls, { ...common, namespace: 'calls' });
export const [provideTransfers, injectTransfers] = defineProxy(() => transfers, {
  ...common,
  namespace: 'transfers',
  transfer: true,
});
