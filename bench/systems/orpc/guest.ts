import { os, type } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { offerPort } from '../../page/frame.ts';
import { job, padding, type StreamRequest, type Sum, source } from '../../page/job.ts';
import { buffersOf } from './buffers.ts';

const router = {
  add: os.input(type<Sum>()).handler(({ input }) => job.add(input)),
  echo: os.input(type<unknown>()).handler(({ input }) => input),
  produced: os.handler(() => job.produced()),
  stop: os.handler(() => job.stop()),
  stream: os.input(type<StreamRequest>()).handler(async function* ({ input }) {
    yield* source(input);
  }),
  ...padding(() => os.handler(() => undefined)),
};

export type Router = typeof router;

const port = offerPort();
new RPCHandler(router, { experimental_transfer: (message) => buffersOf(message) }).upgrade(port, { context: {} });
port.start();
