import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { RouterClient } from '@orpc/server';
import { acceptPort, createFrame } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { Table } from '../../page/schema.ts';
import type { Router } from './schema-guest.ts';

serve({
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const port = await acceptPort(frame);
    const client: RouterClient<Router> = createORPCClient(new RPCLink({ port }));
    port.start();
    return {
      add: (input) => client.add(input),
      echo: (value) => client.echo(value as Table),
      produced: () => client.produced(),
      stop: () => client.stop(),
      close: () => {
        port.close();
        frame.remove();
      },
    };
  },
});
