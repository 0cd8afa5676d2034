import { markAsTransferable, ThreadWindow } from '@quilted/threads';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, type StreamRequest, type Sum, source } from '../../page/job.ts';

const exported = {
  ...padding(() => async () => undefined),
  add: async (input: Sum) => job.add(input),
  echo: async (value: unknown) => value,
  produced: async () => job.produced(),
  stop: async () => job.stop(),
  give: async (buffer: ArrayBuffer) => markAsTransferable(buffer),
  stream: async function* (request: StreamRequest) {
    yield* source(request);
  },
};

export type Exported = typeof exported;

ThreadWindow.export(parent, exported, { targetOrigin: hostOrigin });
