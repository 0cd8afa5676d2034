import * as Comlink from 'comlink';
import { loadFrame, windowOf } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import type { Api } from './guest.ts';

const comlink: System = {
  streams: 'a callback by Comlink.proxy, not awaited; stopped by a call of our own',
  connect: async (url, into) => {
    const frame = await loadFrame(url, into);
    const api = Comlink.wrap<Api>(Comlink.windowEndpoint(windowOf(frame), self, new URL(url).origin));
    return {
      add: (input) => api.add(input),
      echo: (value) => api.echo(value),
      transfer: (buffer) => api.give(Comlink.transfer(buffer, [buffer])),
      visit: (ticks, onDone) => api.visit(ticks, Comlink.proxy(onDone)),
      stream: (request, next) => {
        void api.stream(request, Comlink.proxy(next));
        return { cancel: () => void api.stop() };
      },
      produced: () => api.produced(),
      stop: () => api.stop(),
      close: () => {
        api[Comlink.releaseProxy]();
        frame.remove();
      },
    };
  },
};

serve(comlink);
