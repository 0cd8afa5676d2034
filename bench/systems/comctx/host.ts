import type { Adapter } from 'comctx';
import { loadFrame, windowOf } from '../../page/frame.ts';
import type { StreamRequest } from '../../page/job.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import { injectCalls, injectTransfers, windowAdapter } from './service.ts';

const comctx: System = {
  streams: 'a ReadableStream, transferred',
  connect: async (url, into) => {
    const frame = await loadFrame(url, into);
    const adapter = (): Adapter => windowAdapter(windowOf(frame), new URL(url).origin);
    const [service, transfers] = [injectCalls(adapter()), injectTransfers(adapter())];
    const read = (request: StreamRequest, next: (value: unknown) => unknown): { cancel(): void } => {
      let cancel = (): void => undefined;
      void (async () => {
        const reader = (await transfers.stream(request)).getReader();
        cancel = () => void reader.cancel();
        for (let step = await reader.read(); !step.done; step = await reader.read()) {
          const wait = next(step.value);
          if (wait instanceof Promise) await wait;
        }
      })();
      return { cancel: () => cancel() };
    };
    return {
      add: (input) => service.add(input),
      echo: (value) => service.echo(value),
      transfer: (buffer) => transfers.give(buffer),
      visit: (ticks, onDone) => service.visit(ticks, onDone),
      stream: read,
      pull: read,
      produced: () => service.produced(),
      stop: () => service.stop(),
      close: () => frame.remove(),
    };
  },
};

serve(comctx);
