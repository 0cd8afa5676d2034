import { IframeChildIO, RPCChannel } from 'kkrpc/browser';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

const api = {
  ...job,
  ...padding(() => () => undefined),
  stream: (request: StreamRequest, next: (value: unknown) => void) => pushAll(request, next),
};

export type Api = typeof api;

new RPCChannel(new IframeChildIO(), { expose: api });
