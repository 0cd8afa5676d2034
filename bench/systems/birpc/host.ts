import { createBirpc } from 'birpc';
import { acceptPort, createFrame } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import type { GuestFunctions } from './guest.ts';

const birpc: System = {
  streams: 'an event of the guest for each value; stopped by a call of our own',
  cannot: {
    callback: 'its arguments are what its channel carries: no functions',
    transfer: 'it has no way to transfer',
  },
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const port = await acceptPort(frame);
    const consumers: ((value: unknown) => unknown)[] = [];
    const guest = createBirpc<GuestFunctions>(
      { next: (id: number, value: unknown) => consumers[id]?.(value) },
      {
        post: (data) => port.postMessage(data),
        on: (receive) => {
          port.onmessage = ({ data }) => receive(data);
        },
      },
    );
    return {
      add: (input) => guest.add(input),
      echo: (value) => guest.echo(value),
      stream: (request, next) => {
        void guest.stream(consumers.push(next) - 1, request);
        return { cancel: () => void guest.stop() };
      },
      produced: () => guest.produced(),
      stop: () => guest.stop(),
      close: () => {
        guest.$close();
        port.close();
        frame.remove();
      },
    };
  },
};

serve(birpc);
