import * as Comlink from 'comlink';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, visit } from '../../page/job.ts';

const api = {
  ...job,
  ...padding(() => () => undefined),
  visit,
  give: (buffer: ArrayBuffer) => Comlink.transfer(buffer, [buffer]),
  // The README awaits each call of a callback; not awaiting it is faster, and keeps the order.
  stream: (request: StreamRequest, next: (value: unknown) => unknown) => pushAll(request, (value) => void next(value)),
};

export type Api = typeof api;

Comlink.expose(api, Comlink.windowEndpoint(parent, self, hostOrigin), [hostOrigin]);
