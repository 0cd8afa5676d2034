import { EventPublisher, os, type } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { offerPort } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, type Sum, source } from '../../page/job.ts';
import { buffersOf } from './buffers.ts';

/** Its publisher, as its documentation has it for sources that push. It keeps 100 values unless it is told otherwise, and drops others. */
async function* pushed(request: StreamRequest, signal: AbortSignal | undefined): AsyncGenerator<unknown> {
  const publisher = new EventPublisher<{ value: unknown }>({ maxBufferedEvents: Number.POSITIVE_INFINITY });
  const values = publisher.subscribe('value', { signal });
  void pushAll(request, (value) => publisher.publish('value', value));
  yield* values;
}

const router = {
  add: os.input(type<Sum>()).handler(({ input }) => job.add(input)),
  echo: os.input(type<unknown>()).handler(({ input }) => input),
  produced: os.handler(() => job.produced()),
  stop: os.handler(() => job.stop()),
  stream: os.input(type<StreamRequest>()).handler(async function* ({ input, signal }) {
    yield* input.kind === 'pushed' ? pushed(input, signal) : source(input);
  }),
  ...padding(() => os.handler(() => undefined)),
};

export type Router = typeof router;

const port = offerPort();
new RPCHandler(router, { experimental_transfer: (message) => buffersOf(message) }).upgrade(port, { context: {} });
port.start();
