import { IframeParentIO, RPCChannel } from 'kkrpc/browser';
import { createFrame, windowOf } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import type { Api } from './guest.ts';

/** The guest has sent its port; the adapter, which listens since before, has it. */
function saysHello(frame: HTMLIFrameElement): Promise<void> {
  return new Promise((resolve) => {
    const listen = (event: MessageEvent): void => {
      if (event.source !== frame.contentWindow) return;
      removeEventListener('message', listen);
      resolve();
    };
    addEventListener('message', listen);
  });
}

const kkrpc: System = {
  handshake: true,
  streams: 'a callback; stopped by a call of our own',
  cannot: {
    copy: 'its README: of binary values it carries Uint8Array, not ArrayBuffer',
    transfer: 'it has no way to transfer',
  },
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const io = new IframeParentIO(windowOf(frame));
    const guest = new RPCChannel<object, Api>(io, {}).getAPI();
    await saysHello(frame);
    return {
      add: async (input) => guest.add(input),
      echo: async (value) => guest.echo(value),
      visit: async (ticks, onDone) => guest.visit(ticks, onDone),
      stream: (request, next) => {
        void guest.stream(request, next);
        return { cancel: () => guest.stop() };
      },
      produced: async () => guest.produced(),
      stop: async () => guest.stop(),
      close: () => {
        io.destroy();
        frame.remove();
      },
    };
  },
};

serve(kkrpc);
