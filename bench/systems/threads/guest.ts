import { markAsTransferable, ThreadWindow } from '@quilted/threads';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, type Sum, source, type Tick, visit } from '../../page/job.ts';

const exported = {
  ...padding(() => async () => undefined),
  add: async (input: Sum) => job.add(input),
  echo: async (value: unknown) => value,
  produced: async () => job.produced(),
  stop: async () => job.stop(),
  give: async (buffer: ArrayBuffer) => markAsTransferable(buffer),
  visit: async ({ ticks, onDone }: { ticks: readonly Tick[]; onDone: (count: number) => void }) => visit(ticks, onDone),
  push: (request: StreamRequest, next: (value: unknown) => void) => pushAll(request, next),
  stream: async function* (request: StreamRequest) {
    yield* source(request);
  },
};

export type Exported = typeof exported;

ThreadWindow.export(parent, exported, { targetOrigin: hostOrigin });
