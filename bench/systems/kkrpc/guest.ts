import { IframeChildIO, RPCChannel } from 'kkrpc/browser';
import { job, padding, pushAll, type StreamRequest, visit } from '../../page/job.ts';

const api = {
  ...job,
  ...padding(() => () => undefined),
  visit,
  stream: (request: StreamRequest, next: (value: unknown) => void) => pushAll(request, next),
};

export type Api = typeof api;

new RPCChannel(new IframeChildIO(), { expose: api });
