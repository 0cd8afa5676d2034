import { os, type } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { offerPort } from '../../page/frame.ts';
import { job, type Sum } from '../../page/job.ts';
import { tableSchema } from '../../page/schema.ts';

const router = {
  add: os.input(type<Sum>()).handler(({ input }) => job.add(input)),
  // It checks inputs and outputs, both where the procedure runs.
  echo: os
    .input(tableSchema)
    .output(tableSchema)
    .handler(({ input }) => input),
  produced: os.handler(() => job.produced()),
  stop: os.handler(() => job.stop()),
};

export type Router = typeof router;

const port = offerPort();
new RPCHandler(router).upgrade(port, { context: {} });
port.start();
