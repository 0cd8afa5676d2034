import { markAsTransferable, ThreadWindow } from '@quilted/threads';
import { loadFrame, windowOf } from '../../page/frame.ts';
import type { StreamRequest } from '../../page/job.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import type { Exported } from './guest.ts';

const threads: System = {
  streams: 'an async iterator; for what is pushed, a function that the guest calls for each value',
  connect: async (url, into) => {
    const frame = await loadFrame(url, into);
    const thread = ThreadWindow.from<Exported>(windowOf(frame), { targetOrigin: new URL(url).origin });
    const { imports } = thread;
    const iterate = (request: StreamRequest, next: (value: unknown) => unknown): { cancel(): void } => {
      let isCancelled = false;
      void (async () => {
        for await (const value of imports.stream(request)) {
          if (isCancelled) break;
          const wait = next(value);
          if (wait instanceof Promise) await wait;
        }
      })();
      return {
        cancel: () => {
          isCancelled = true;
        },
      };
    };
    return {
      add: (input) => imports.add(input),
      echo: (value) => imports.echo(value),
      transfer: (buffer) => imports.give(markAsTransferable(buffer)),
      visit: (ticks, onDone) => imports.visit({ ticks, onDone }),
      stream: (request, next) => {
        if (request.kind !== 'pushed') return iterate(request, next);
        void imports.push(request, (value) => void next(value));
        return { cancel: () => void imports.stop() };
      },
      pull: iterate,
      produced: () => imports.produced(),
      stop: () => imports.stop(),
      close: () => {
        thread.close();
        frame.remove();
      },
    };
  },
};

serve(threads);
