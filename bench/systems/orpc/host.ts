import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { RouterClient } from '@orpc/server';
import { acceptPort, createFrame } from '../../page/frame.ts';
import type { StreamRequest } from '../../page/job.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import { buffersOf } from './buffers.ts';
import type { Router } from './guest.ts';

const orpc: System = {
  streams: 'an event iterator; for what is pushed, a publisher that keeps all values',
  cannot: {
    callback: 'its documentation: functions are not among its values',
    copy: 'its documentation: ArrayBuffer is not among its values, except to transfer it',
  },
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const port = await acceptPort(frame);
    const client: RouterClient<Router> = createORPCClient(
      new RPCLink({ port, experimental_transfer: (message) => buffersOf(message) }),
    );
    port.start();
    const iterate = (request: StreamRequest, next: (value: unknown) => unknown): { cancel(): void } => {
      const opened = client.stream(request);
      void (async () => {
        for await (const value of await opened) {
          const wait = next(value);
          if (wait instanceof Promise) await wait;
        }
      })();
      return { cancel: () => void opened.then((iterator) => iterator.return?.(undefined)) };
    };
    return {
      add: (input) => client.add(input),
      echo: (value) => client.echo(value),
      transfer: async (buffer) => (await client.echo(buffer)) as ArrayBuffer,
      stream: iterate,
      pull: iterate,
      produced: () => client.produced(),
      stop: () => client.stop(),
      close: () => {
        port.close();
        frame.remove();
      },
    };
  },
};

serve(orpc);
