import { CallOptions, connect, WindowMessenger } from 'penpal';
import { createFrame, windowOf } from '../../page/frame.ts';
import type { Job, StreamRequest } from '../../page/job.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';

type Guest = Job & {
  give(buffer: ArrayBuffer): ArrayBuffer;
  stream(id: number, request: StreamRequest): void;
};

const penpal: System = {
  handshake: true,
  cannot: { callback: 'its arguments are what structured clone carries: no functions' },
  streams: 'a method of the host that the guest calls for each value; stopped by a call of our own',
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const consumers: ((value: unknown) => unknown)[] = [];
    const connection = connect<Guest>({
      messenger: new WindowMessenger({ remoteWindow: windowOf(frame), allowedOrigins: [new URL(url).origin] }),
      methods: { next: (id: number, value: unknown) => consumers[id]?.(value) },
    });
    const guest = await connection.promise;
    return {
      add: (input) => guest.add(input),
      echo: (value) => guest.echo(value),
      transfer: (buffer) => guest.give(buffer, new CallOptions({ transferables: [buffer] })),
      stream: (request, next) => {
        void guest.stream(consumers.push(next) - 1, request);
        return { cancel: () => void guest.stop() };
      },
      produced: () => guest.produced(),
      stop: () => guest.stop(),
      close: () => {
        connection.destroy();
        frame.remove();
      },
    };
  },
};

serve(penpal);
